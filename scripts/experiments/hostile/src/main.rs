//! Mutated inputs for every reader of mapmark: `cargo run --release -- INPUTS [SEED]`.
//!
//! Prints a Markdown table: a row for each reader with its inputs, how many were refused and shown,
//! the slowest one, and panics. An input that made a reader panic is kept in `hostile-inputs/`. Ends
//! with 1 if there was a panic, or if more than 1 GiB was held.

mod mutate;
mod readers;

use std::error::Error;
use std::fs;
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

use mapmark::{history, record};
use rand::rngs::Xoshiro256PlusPlus;
use rand::{Rng, SeedableRng};

use mutate::{below, mutate};
use readers::{Outcome, Place, Reader};

/// Where inputs that made a reader panic are kept.
const KEPT: &str = "hostile-inputs";

/// Pages and comparisons are made of one input in so many.
const PAGES_ONE_IN: usize = 16;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// What came of the inputs of a reader.
#[derive(Clone, Copy, Default)]
struct Tally {
    inputs: u64,
    refused: u64,
    shown: u64,
    panics: u64,
    slowest: Duration,
}

impl Tally {
    fn add(&mut self, other: &Self) {
        self.inputs += other.inputs;
        self.refused += other.refused;
        self.shown += other.shown;
        self.panics += other.panics;
        self.slowest = self.slowest.max(other.slowest);
    }
}

/// Undamaged inputs of each reader.
type Corpus = Vec<(Reader, Vec<Vec<u8>>)>;

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<bool> {
    let numbers: Vec<u64> = std::env::args()
        .skip(1)
        .map(|word| word.parse())
        .collect::<std::result::Result<_, _>>()?;
    let (inputs, seed) = match numbers[..] {
        [inputs] => (inputs, 1),
        [inputs, seed] => (inputs, seed),
        _ => return Err("usage: hostile INPUTS [SEED]".into()),
    };
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..");
    let threads = thread::available_parallelism().map_or(1, usize::from) as u64;
    let place = tempfile::tempdir()?;
    let corpus = corpus(&root, place.path())?;
    panic::set_hook(Box::new(|told| eprintln!("{told}")));
    let tallies = thread::scope(|scope| -> Result<Vec<Tally>> {
        let (corpus, root, place) = (&corpus, &root, place.path());
        let worker = |number: u64| {
            let own = place.join(number.to_string());
            let count = inputs / threads + u64::from(number < inputs % threads);
            move || {
                batch(
                    corpus,
                    &root.join("tests/records/v1"),
                    &own,
                    count,
                    seed ^ (number << 32),
                )
            }
        };
        let running: Vec<_> = (0..threads)
            .map(|number| scope.spawn(worker(number)))
            .collect();
        let mut sums = vec![Tally::default(); Reader::ALL.len()];
        for thread in running {
            let own = thread
                .join()
                .map_err(|_| "a thread of the experiment itself panicked")??;
            sums.iter_mut()
                .zip(&own)
                .for_each(|(sum, own)| sum.add(own));
        }
        Ok(sums)
    })?;
    println!("| reader | inputs | refused | shown | slowest | panics |\n|---|--:|--:|--:|--:|--:|");
    for (reader, tally) in Reader::ALL.iter().zip(&tallies) {
        println!(
            "| {} | {} | {} | {} | {:.2} s | {} |",
            reader.name(),
            tally.inputs,
            tally.refused,
            tally.shown,
            tally.slowest.as_secs_f64(),
            tally.panics
        );
    }
    let peak = peak_mib();
    println!(
        "\n{inputs} inputs, seed {seed}; at most {} MiB were held.",
        text(peak)
    );
    Ok(tallies.iter().all(|tally| tally.panics == 0) && peak.is_none_or(|mib| mib <= 1024))
}

/// Reads `count` mutated inputs in `place`.
fn batch(
    corpus: &Corpus,
    record: &Path,
    place: &Path,
    count: u64,
    seed: u64,
) -> Result<Vec<Tally>> {
    let place = Place::new(place, record).map_err(|error| error.to_string())?;
    let mut draw = Xoshiro256PlusPlus::seed_from_u64(seed);
    let mut tallies = vec![Tally::default(); Reader::ALL.len()];
    let others: Vec<Vec<u8>> = corpus
        .iter()
        .filter_map(|(_, inputs)| inputs.first().cloned())
        .collect();
    for _ in 0..count {
        let (reader, inputs) = &corpus[below(&mut draw, corpus.len())];
        let input = mutate(&inputs[below(&mut draw, inputs.len())], &others, &mut draw);
        let all = below(&mut draw, PAGES_ONE_IN) == 0;
        let start = Instant::now();
        let read = panic::catch_unwind(AssertUnwindSafe(|| reader.read(&input, &place, all)));
        let at = Reader::ALL.iter().position(|other| other == reader);
        let tally = &mut tallies[at.ok_or("no such reader")?];
        tally.inputs += 1;
        tally.slowest = tally.slowest.max(start.elapsed());
        match read {
            Ok(outcome) => match outcome? {
                Outcome::Refused => tally.refused += 1,
                Outcome::Shown => tally.shown += 1,
            },
            Err(_) => {
                tally.panics += 1;
                keep(&input, reader.name(), draw.next_u64())?;
            }
        }
    }
    Ok(tallies)
}

fn keep(input: &[u8], name: &str, number: u64) -> Result<()> {
    fs::create_dir_all(KEPT)?;
    let name: String = name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .collect();
    Ok(fs::write(
        PathBuf::from(KEPT).join(format!("{name}-{number:016x}")),
        input,
    )?)
}

/// The records of the tests, and what is made of them; those of machines are larger and take longer.
fn corpus(root: &Path, place: &Path) -> Result<Corpus> {
    let read = |names: &[&str]| -> Result<Vec<Vec<u8>>> {
        names
            .iter()
            .map(|name| Ok(fs::read(root.join(name))?))
            .collect()
    };
    let run =
        record::load(&root.join("tests/records/v1/run.json")).map_err(|error| error.to_string())?;
    let added = history::add(&place.join("history"), &run, record::Access::USUAL, &mut |_| {}).map_err(|error| error.to_string())?;
    let text = place.join("text.txt");
    let made = data_gen::TextSpec::new(data_gen::ByteCount(20_000), 7);
    data_gen::generate(&made, &text, &data_gen::Making::default()).map_err(|error| error.to_string())?;
    let small = b"{\"protocol\":3,\"wanted\":\"introduction\"}".to_vec();
    let target = format!(
        "{{\"protocol\":3,\"wanted\":{{\"work\":{{\"target\":{{\"path\":\"{}\",\"bytes\":20000}},\"workload\":\"whole_file\",\
         \"scratch\":null,\"pin\":null,\"job\":{{\"iteration\":{{\"engine\":\"read\",\"scope\":\"per_call\"}}}}}}}}}}",
        text.display()
    );
    Ok(vec![
        (Reader::Record, {
            let mut records =
                read(&["tests/records/v1/run.json", "tests/records/run-v1/run.json"])?;
            records.push(read(&["results/machines/epyc-vm-2cpu/claim.json"])?.swap_remove(0));
            let small = records[0].clone();
            records.extend([small.clone(), small]);
            records
        }),
        (Reader::Rounds, read(&["tests/records/v1/rounds.csv"])?),
        (Reader::History, vec![fs::read(added.path)?.repeat(3)]),
        (
            Reader::Manifest,
            vec![fs::read(data_gen::manifest_path(&text))?],
        ),
        (Reader::Request, vec![small, target.into_bytes()]),
        (
            Reader::Page,
            vec![
                b"# A page\n\n<!-- mapmark:begin -->\nold\n<!-- mapmark:end -->\n\nend\n".to_vec(),
            ],
        ),
    ])
}

/// The most memory that this process has held; `None` where the system does not tell.
fn peak_mib() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.split_whitespace().next()?.parse::<u64>().ok()? >> 10)
}

fn text(mib: Option<u64>) -> String {
    mib.map_or_else(|| "an unknown number of".to_owned(), |mib| mib.to_string())
}
