//! What to measure, from names to contests.

use super::axes::{Cache, Process, Profile, Scope};
use super::contest::{Contest, Entry, state_makes_sense, support};
use super::sweep::Sweep;
use crate::engine::{self, ENGINES, Engine};
use crate::error::{Error, Result};
use crate::units::ByteCount;
use crate::workload::{self, Audience, WORKLOADS, Workload};

/// The sizes of the tutorials' files.
pub const DEFAULT_SIZES: [ByteCount; 2] = [ByteCount(2_000_000), ByteCount(14_400_000)];

/// The workload that is measured in new processes too, where buffers and maps are paid for in full.
pub const ALSO_FRESH: &str = "whole_file";

const DEFAULT_ENGINES: [&str; 4] = ["read", "buf_reader", "mmap", "mmap_populate"];

/// The size of a first look.
const FIRST_LOOK_SIZE: ByteCount = DEFAULT_SIZES[0];

/// The engines that `mapmark run` measures unless told otherwise.
const SMALL_ENGINES: [&str; 2] = ["read", "mmap"];

/// The word that stands for everything there is.
const ALL: &str = "all";

/// What to measure.
pub struct Selection {
    /// The workloads, in the order of the tables.
    pub workloads: Vec<&'static dyn Workload>,
    /// The engines, in the order of the tables; the baseline is among them.
    pub engines: Vec<&'static dyn Engine>,
    /// The engine that the others are compared with.
    pub baseline: &'static dyn Engine,
    /// The sizes of the text fixtures, ascending.
    pub sizes: Vec<ByteCount>,
    /// Where files are; `None` for warm, and [`ALSO_FRESH`] cold too.
    pub caches: Option<Vec<Cache>>,
    /// What ran before; `None` for what makes sense with the cache.
    pub processes: Option<Vec<Process>>,
    /// What an iteration pays for.
    pub scopes: Vec<Scope>,
    /// Whether every workload, and not only [`ALSO_FRESH`], runs in new processes too.
    all_fresh: bool,
}

impl Selection {
    /// What a profile measures.
    #[must_use]
    pub fn of(profile: Profile) -> Self {
        let wanted = |engine: &&dyn Engine| {
            profile == Profile::Full || DEFAULT_ENGINES.contains(&engine.name())
        };
        Self {
            workloads: WORKLOADS.to_vec(),
            engines: ENGINES.iter().copied().filter(wanted).collect(),
            baseline: ENGINES[0],
            sizes: DEFAULT_SIZES.to_vec(),
            caches: None,
            processes: None,
            scopes: vec![Scope::PerCall],
            all_fresh: false,
        }
    }

    /// What `mapmark run` measures: the workloads and engines that tell the main truth, in a loop
    /// and in new processes.
    #[must_use]
    pub fn small() -> Self {
        let mut selection = Self::of(Profile::Default);
        selection
            .workloads
            .retain(|workload| workload.audience() <= Audience::Minute);
        selection
            .engines
            .retain(|engine| SMALL_ENGINES.contains(&engine.name()));
        selection.all_fresh = true;
        selection
    }

    /// What a first look measures: so few contests that ten seconds decide most of them.
    #[must_use]
    pub fn first_look() -> Self {
        let mut selection = Self::small();
        selection
            .workloads
            .retain(|workload| workload.audience() == Audience::FirstLook);
        selection.sizes = vec![FIRST_LOOK_SIZE];
        selection
    }

    /// What a sweep measures: the workload whose answer depends on the size most plainly, warm, and
    /// both in a loop and in new processes, because the change lies elsewhere in each.
    #[must_use]
    pub fn swept(sweep: Sweep) -> Self {
        let mut selection = Self::small();
        selection
            .workloads
            .retain(|workload| workload.name() == ALSO_FRESH);
        selection.caches = Some(vec![Cache::Warm]);
        selection.sizes = sweep.sizes();
        selection
    }

    /// What `MAPMARK_PROFILE`, `MAPMARK_SIZES`, `MAPMARK_ENGINES` and `MAPMARK_WORKLOADS` ask for;
    /// `variable` tells their values. Lists are separated by commas.
    ///
    /// # Errors
    /// A word that is unknown, with the variable it stands in.
    pub fn from_environment(variable: impl Fn(&str) -> Option<String>) -> Result<(Profile, Self)> {
        let list = |name: &str| {
            let text = variable(name)?;
            let words = text.split(',').map(|word| word.trim().to_owned());
            Some(words.collect::<Vec<String>>())
        };
        let within = |name: &str, result: Result<()>| {
            result.map_err(|error| Error::usage(format!("{name}: {error}")))
        };
        let mut profile = Profile::Default;
        if let Some(word) = variable("MAPMARK_PROFILE") {
            within(
                "MAPMARK_PROFILE",
                word.parse().map(|parsed| profile = parsed),
            )?;
        }
        let mut selection = Self::of(profile);
        if let Some(words) = list("MAPMARK_SIZES") {
            within("MAPMARK_SIZES", selection.set_sizes(&words))?;
        }
        if let Some(words) = list("MAPMARK_ENGINES") {
            within("MAPMARK_ENGINES", selection.set_engines(&words))?;
        }
        if let Some(words) = list("MAPMARK_WORKLOADS") {
            within("MAPMARK_WORKLOADS", selection.set_workloads(&words))?;
        }
        Ok((profile, selection))
    }

    /// Keeps to these workloads; `all` is every one.
    ///
    /// # Errors
    /// An unknown name; the message has the nearest.
    pub fn set_workloads(&mut self, names: &[impl AsRef<str>]) -> Result<()> {
        if names.iter().any(|name| name.as_ref() == ALL) {
            self.workloads = WORKLOADS.to_vec();
            return Ok(());
        }
        for name in names.iter().map(AsRef::as_ref) {
            workload::find(name).ok_or_else(|| {
                Error::unknown("workload", name, WORKLOADS.iter().map(|known| known.name()))
            })?;
        }
        self.workloads = WORKLOADS
            .iter()
            .copied()
            .filter(|known| names.iter().any(|name| name.as_ref() == known.name()))
            .collect();
        Ok(())
    }

    /// Keeps to these engines, and the baseline; `all` is every one.
    ///
    /// # Errors
    /// An unknown name; the message has the nearest.
    pub fn set_engines(&mut self, names: &[impl AsRef<str>]) -> Result<()> {
        if names.iter().any(|name| name.as_ref() == ALL) {
            self.engines = ENGINES.to_vec();
            return Ok(());
        }
        for name in names.iter().map(AsRef::as_ref) {
            find_engine(name)?;
        }
        let baseline = self.baseline.name();
        self.engines = ENGINES
            .iter()
            .copied()
            .filter(|known| {
                known.name() == baseline || names.iter().any(|name| name.as_ref() == known.name())
            })
            .collect();
        Ok(())
    }

    /// Compares with this engine, which joins the others.
    ///
    /// # Errors
    /// An unknown name; the message has the nearest.
    pub fn set_baseline(&mut self, name: &str) -> Result<()> {
        self.baseline = find_engine(name)?;
        let names: Vec<_> = self.engines.iter().map(|engine| engine.name()).collect();
        self.set_engines(&names)
    }

    /// Measures text fixtures of these sizes.
    ///
    /// # Errors
    /// A word that is no size.
    pub fn set_sizes(&mut self, words: &[impl AsRef<str>]) -> Result<()> {
        let parse = |word: &str| {
            word.parse::<ByteCount>()
                .map_err(|error| Error::usage(error.to_string()))
        };
        self.sizes = words
            .iter()
            .map(|word| parse(word.as_ref()))
            .collect::<Result<_>>()?;
        self.sizes.sort_unstable();
        self.sizes.dedup();
        Ok(())
    }

    /// The contests that the selection gives: every workload in every state, on every size.
    #[must_use]
    pub fn contests(&self) -> Vec<Contest> {
        let mut contests = Vec::new();
        for workload in &self.workloads {
            for state in self.states(*workload) {
                let sizes = self.sizes.iter();
                contests.extend(sizes.map(|size| self.contest(*workload, *size, state)));
            }
        }
        contests
    }

    /// The states of `workload`: those asked for, else steady, fresh and cold as its kind wants.
    fn states(&self, workload: &dyn Workload) -> Vec<(Cache, Process, Scope)> {
        let both = workload.name() == ALSO_FRESH;
        let caches = match &self.caches {
            Some(caches) => caches.as_slice(),
            None if both && self.processes.is_none() => Cache::ALL,
            None => &[Cache::Warm],
        };
        let mut states = Vec::new();
        for cache in caches {
            let processes = match (&self.processes, cache) {
                (Some(processes), _) => processes.as_slice(),
                (None, Cache::Cold) => &[Process::Fresh],
                (None, Cache::Warm) if both || self.all_fresh => Process::ALL,
                (None, Cache::Warm) => &[Process::Steady],
            };
            for process in processes {
                states.extend(self.scopes.iter().map(|scope| (*cache, *process, *scope)));
            }
        }
        states
    }

    fn contest(
        &self,
        workload: &'static dyn Workload,
        bytes: ByteCount,
        (cache, process, scope): (Cache, Process, Scope),
    ) -> Contest {
        // The baseline is measured first: its noise floor decides the verdicts of the others.
        let mut engines = self.engines.clone();
        engines.sort_by_key(|engine| engine.name() != self.baseline.name());
        let entries = engines
            .into_iter()
            .map(|engine| Entry {
                engine,
                support: state_makes_sense(workload, cache, scope)
                    .map_err(str::to_owned)
                    .and_then(|()| support(engine, self.baseline, workload)),
            })
            .collect();
        Contest {
            workload,
            bytes,
            cache,
            process,
            scope,
            baseline: self.baseline,
            entries,
        }
    }
}

fn find_engine(name: &str) -> Result<&'static dyn Engine> {
    engine::find(name)
        .ok_or_else(|| Error::unknown("engine", name, ENGINES.iter().map(|known| known.name())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn names_are_unique_and_described() {
        let engines = ENGINES.iter().map(|engine| (engine.name(), engine.about()));
        let workloads = WORKLOADS.iter().map(|work| (work.name(), work.about()));
        let mut seen = HashSet::new();
        for (name, about) in engines.chain(workloads) {
            assert!(seen.insert(name), "{name} is there twice");
            assert!(!about.is_empty() && about.len() <= 72, "{name}: {about}");
            assert!(
                name.bytes()
                    .all(|byte| byte == b'_' || byte.is_ascii_alphanumeric())
            );
        }
    }

    #[test]
    fn the_names_that_others_rely_on_are_there() {
        for name in [
            "whole_file",
            "find_first",
            "find_middle",
            "find_last",
            "find_absent",
            "rfind_first",
            "rfind_last",
            "rfind_absent",
            "regex_scan",
            "seek_read",
            "replace",
            "replace_durable",
            "open_only",
            "touch_pages",
        ] {
            assert!(
                workload::find(name).is_some(),
                "the workload {name} is gone"
            );
        }
        for name in [
            "read",
            "read_string",
            "read_reuse",
            "buf_reader",
            "buf_reader_8k",
            "pread",
            "mmap",
            "mmap_copy",
            "mmap_populate",
            "mmap_sequential",
            "mmap_random",
        ] {
            assert!(engine::find(name).is_some(), "the engine {name} is gone");
        }
    }

    #[test]
    fn the_baseline_is_always_there_and_first() {
        let mut selection = Selection::of(Profile::Default);
        selection.set_engines(&["mmap"]).unwrap();
        selection.set_baseline("pread").unwrap();
        let contest = selection.contests().swap_remove(0);
        let engines: Vec<_> = contest
            .entries
            .iter()
            .map(|cell| cell.engine.name())
            .collect();
        assert_eq!(engines, ["pread", "read", "mmap"]);
    }

    #[test]
    fn ids_say_what_is_not_steady_and_warm() {
        let mut contest = Selection::of(Profile::Quick).contests().swap_remove(0);
        assert_eq!(contest.cell_id(ENGINES[0]), "whole_file/read/2MB");
        contest.process = Process::Fresh;
        contest.cache = Cache::Cold;
        assert_eq!(
            contest.cell_id(ENGINES[0]),
            "whole_file/read/2MB/fresh/cold"
        );
    }

    #[test]
    fn a_sweep_is_warm_in_a_loop_and_in_new_processes() {
        let selection = Selection::swept("4KiB..16KiB".parse().unwrap());
        let ids: Vec<String> = selection
            .contests()
            .iter()
            .map(|contest| contest.cell_id(contest.entries[1].engine))
            .collect();
        let sizes = ["4KiB", "8KiB", "16KiB"];
        let steady = sizes.map(|size| format!("whole_file/mmap/{size}"));
        let fresh = sizes.map(|size| format!("whole_file/mmap/{size}/fresh"));
        assert_eq!(ids, [steady, fresh].concat());
    }

    #[test]
    fn a_first_look_has_few_contests() {
        let selection = Selection::first_look();
        let ids: Vec<String> = selection
            .contests()
            .iter()
            .map(|contest| contest.cell_id(contest.entries[1].engine))
            .collect();
        assert_eq!(
            ids,
            [
                "whole_file/mmap/2MB",
                "whole_file/mmap/2MB/fresh",
                "whole_file/mmap/2MB/fresh/cold",
                "find_absent/mmap/2MB",
                "find_absent/mmap/2MB/fresh",
                "seek_read/mmap/2MB",
                "seek_read/mmap/2MB/fresh",
                "replace/mmap/2MB",
                "replace/mmap/2MB/fresh",
            ]
        );
        assert_eq!(Selection::small().contests().len(), 26);
    }

    #[test]
    fn the_environment_selects() {
        let variable = |name: &str| match name {
            "MAPMARK_PROFILE" => Some("quick".to_owned()),
            "MAPMARK_SIZES" => Some("4KiB, 2MB".to_owned()),
            "MAPMARK_ENGINES" => Some("mmap".to_owned()),
            _ => None,
        };
        let (profile, selection) = Selection::from_environment(variable).unwrap();
        assert_eq!(profile, Profile::Quick);
        assert_eq!(selection.sizes, [ByteCount(4096), ByteCount(2_000_000)]);
        assert_eq!(selection.engines.len(), 2);
        let wrong = |name: &str| (name == "MAPMARK_PROFILE").then(|| "quik".to_owned());
        let Err(error) = Selection::from_environment(wrong) else {
            panic!("`quik` is no profile");
        };
        let error = error.to_string();
        assert!(
            error.starts_with("MAPMARK_PROFILE: unknown profile `quik`"),
            "{error}"
        );
        assert!(error.contains("`quick`"), "{error}");
    }

    #[test]
    fn unknown_words_are_refused_with_the_nearest() {
        let mut selection = Selection::of(Profile::Default);
        let error = selection.set_workloads(&["whole_fil"]).unwrap_err();
        assert!(error.to_string().contains("`whole_file`"), "{error}");
        assert!(selection.set_sizes(&["2 elephants"]).is_err());
        assert!("lukewarm".parse::<Cache>().is_err());
    }
}
