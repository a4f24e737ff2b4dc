//! What came of published claims: verdicts, the rows behind them, and the ladders that explain them.
//!
//! These types are their own written form (`claims` in `run.json`). All factors are times of the
//! regular side over times of the mmap side: above 1 mmap is faster.

use serde::{Deserialize, Serialize};

/// What `mapmark claim` found out.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Claims {
    /// The Python that took part.
    pub python: PythonFacts,
    /// One for each claim that was asked for.
    pub claims: Vec<Claimed>,
}

/// A Python interpreter, as it describes itself.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PythonFacts {
    /// `3.11.7`.
    pub version: Option<String>,
    /// `CPython`.
    pub implementation: Option<String>,
    /// Its build and its compiler.
    pub build: Option<String>,
    /// The C library whose allocator it uses, where it tells.
    pub allocator: Option<String>,
    /// Whether it was built to run threads side by side.
    #[serde(default)]
    pub free_threaded: bool,
    /// Why none took part.
    #[serde(default)]
    pub reason: Option<String>,
}

/// The two programs that a claim compares: the published one in Python, and its counterpart here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Python, as published.
    Python,
    /// Rust, through this program's engines.
    Rust,
}

impl Side {
    /// Its name for people.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Python => "Python",
            Self::Rust => "Rust",
        }
    }
}

/// A claim, and what came of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Claimed {
    /// Its word on the command line.
    pub id: String,
    /// The claim in a few words.
    pub says: String,
    /// Where it stands.
    pub source: String,
    /// When it was published, where that is known; it is of none of today's.
    pub date: Option<String>,
    /// Printed seconds of the regular side.
    pub regular_s: Vec<f64>,
    /// Printed seconds of the mmap side.
    pub mmap_s: Vec<f64>,
    /// How many times faster mmap is said to be.
    pub factor: f64,
    /// The length of the file here.
    pub bytes: u64,
    /// The label of the row in Python in which both sides do the same work.
    pub equal: Option<String>,
    /// What is to be said of it.
    pub verdicts: Vec<ClaimVerdict>,
    /// Every way in which it was measured.
    pub rows: Vec<ClaimRow>,
    /// Where the factor comes from.
    pub ladders: Vec<Ladder>,
}

/// What is to be said of a claim.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClaimVerdict {
    /// Of which program.
    pub side: Side,
    /// Of the claim as it was published: `holds`, `partly`, `refuted`, `undecided` or `untestable`.
    pub word: String,
    /// The same where both sides do the same work; `None` in records that are older.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_equal_work: Option<AtEqualWork>,
    /// The rest of the sentence.
    pub sentence: String,
}

/// What is to be said of a claim where both sides do the same work.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AtEqualWork {
    /// As [`ClaimVerdict::word`].
    pub word: String,
    /// The label of the row that it is said of.
    pub row: String,
}

/// One way in which a claim was measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClaimRow {
    /// With which program.
    pub side: Side,
    /// How it was run, or what was changed.
    pub label: String,
    /// `measured`, `unsupported`, `unverified`, `failed` or `skipped`.
    pub outcome: String,
    /// Why it was not measured.
    pub reason: Option<String>,
    /// What was measured.
    pub figures: Option<ClaimFigures>,
}

/// What was measured one way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClaimFigures {
    /// Regular time over mmap time.
    pub factor: Factor,
    /// The smallest and the largest of the replicates' own factors.
    pub range: [f64; 2],
    /// Processes.
    pub replicates: usize,
    /// Rounds in all of them.
    pub rounds: usize,
    /// The regular side.
    pub regular: ClaimArm,
    /// The mmap side.
    pub mmap: ClaimArm,
}

/// A factor and how well it is known.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Factor {
    /// The factor.
    pub point: f64,
    /// Where the next run's lies in 95 of 100 cases; `None` where too little was measured.
    pub interval: Option<[f64; 2]>,
}

/// One operation or engine, for one call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClaimArm {
    /// The operation of `scripts/python_arms.py`, or the engine.
    pub name: String,
    /// The median, in nanoseconds.
    pub time_ns: f64,
    /// Page faults served without the device, on average.
    pub minor_faults: Option<f64>,
}

/// From the regular side to the mmap side, one change at a time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ladder {
    /// In which program.
    pub side: Side,
    /// How it was run.
    pub label: String,
    /// The steps, whose factors multiply to the whole.
    pub steps: Vec<Step>,
    /// What they multiply to.
    pub product: f64,
    /// The two ends measured against each other.
    pub direct: Factor,
    /// What the product leaves of the direct factor.
    pub remainder: f64,
}

/// One change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// What changed.
    pub change: String,
    /// The time before over the time after.
    pub factor: Factor,
    /// Before.
    pub from: ClaimArm,
    /// After.
    pub to: ClaimArm,
}
