//! `rounds.csv` from elsewhere: what a run wrote, and what none does.

use proptest::prelude::*;

use super::replicates::{Metric, Replicates, read};
use super::wire::parse;

const RECORD: &str = include_str!("../../tests/records/v1/run.json");
const ROUNDS: &str = include_str!("../../tests/records/v1/rounds.csv");

fn reread(rounds: &[u8], metric: Metric) -> Result<Replicates, String> {
    read(rounds, &parse(RECORD).unwrap(), metric)
}

/// Why `rounds` are refused.
fn refused(rounds: impl AsRef<[u8]>) -> String {
    reread(rounds.as_ref(), Metric::Speedup).unwrap_err()
}

/// The rounds with line `number`, counted from 1, changed.
fn with_line(number: usize, change: impl Fn(&str) -> String) -> String {
    let lines = ROUNDS.lines().enumerate();
    let changed = lines.map(|(at, line)| {
        if at + 1 == number {
            change(line)
        } else {
            format!("{line}\n")
        }
    });
    changed.collect()
}

#[test]
fn every_measured_cell_has_as_many_rounds_as_its_record_says() {
    let run = parse(RECORD).unwrap();
    let speedups = reread(ROUNDS.as_bytes(), Metric::Speedup).unwrap();
    let times = reread(ROUNDS.as_bytes(), Metric::Time).unwrap();
    for cell in &run.cells {
        let Some(measured) = cell.outcome.measured() else {
            continue;
        };
        let own = &speedups[&cell.id()];
        assert_eq!(own.len(), measured.estimate.replicates);
        assert_eq!(
            own.iter().map(Vec::len).sum::<usize>(),
            measured.estimate.rounds
        );
        let again = crate::stats::estimate(own, run.seed).unwrap();
        assert!((again.point / measured.estimate.point - 1.0).abs() < 1e-9);
        let mut time = times[&cell.id()].concat();
        time.sort_by(f64::total_cmp);
        let told = measured.engine.time.0;
        assert!(time[0] <= told && told <= time[time.len() - 1]);
    }
}

#[test]
fn what_no_run_writes_is_refused_with_its_line() {
    assert!(refused("").contains("has 0 rounds of"));
    assert!(refused("a,b,c\n").contains("line 1: has no column `replicate`"));
    assert!(refused(b"\xff\xfe\n").contains("line 1: has no column"));
    let nothing = ROUNDS.lines().next().unwrap().to_owned() + "\n";
    assert!(refused(nothing).contains("has 0 rounds of"));
    for (from, to, word) in [
        (",7,13179743,", ",7,-5,", "elapsed_ns is `-5`"),
        (",7,13179743,", ",7,0,", "elapsed_ns is `0`"),
        (",7,13179743,", ",7,NaN,", "elapsed_ns is `NaN`"),
        (",7,13179743,", ",0,13179743,", "iterations is `0`"),
        (
            ",7,13179743,",
            ",7,99999999999999999999999,",
            "elapsed_ns is",
        ),
        (",7,13179743,", ",7,", "has 10 fields instead of 11"),
        ("engine", "motor", "arm is `motor`"),
    ] {
        let error = refused(with_line(2, |line| {
            assert!(line.contains(from), "{line}");
            line.replace(from, to) + "\n"
        }));
        assert!(
            error.starts_with("line 2: ") && error.contains(word),
            "{error}"
        );
    }
    let unknown = refused(ROUNDS.replace("rfind_absent", "rfind_nothing"));
    assert!(
        unknown.starts_with("line 3: ")
            && unknown.contains("`rfind_nothing/read/2MB` is not in run.json"),
        "{unknown}"
    );
}

#[test]
fn rounds_are_whole_and_stand_there_once() {
    let twice = refused(with_line(3, |line| format!("{line}\n{line}\n")));
    assert!(
        twice.contains("line 4: the round stands there already"),
        "{twice}"
    );
    let lacking = refused(with_line(3, |_| String::new()));
    assert!(
        lacking.contains("line 3: is not the other batch of the round in the line before"),
        "{lacking}"
    );
    // A piece of a line and half a round are left out; what the record tells of is there all the same.
    let cut = refused(&ROUNDS[..ROUNDS.len() - 3]);
    assert!(cut.contains("tells of"), "{cut}");
    let more = "9,0,0,rfind_absent/read/2MB,engine,1,5,0,0,0,0\n9,0";
    let ahead = [ROUNDS, more].concat();
    assert_eq!(
        reread(ahead.as_bytes(), Metric::Speedup),
        reread(ROUNDS.as_bytes(), Metric::Speedup)
    );
    let half: String = ROUNDS
        .lines()
        .take(11)
        .map(|line| format!("{line}\n"))
        .collect();
    assert!(refused(half).contains("tells of"));
}

#[test]
fn a_file_without_lines_is_not_kept_in_memory() {
    let endless = std::io::BufReader::new(std::io::repeat(b'a'));
    let error = read(endless, &parse(RECORD).unwrap(), Metric::Time).unwrap_err();
    assert!(error.contains("line 1: is longer than"), "{error}");
}

#[test]
fn columns_may_be_added_and_lines_may_end_as_windows_has_it() {
    let wider: String = ROUNDS
        .lines()
        .map(|line| format!("{line},more\r\n"))
        .collect();
    assert_eq!(
        reread(wider.as_bytes(), Metric::Speedup),
        reread(ROUNDS.as_bytes(), Metric::Speedup)
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn no_bytes_whatever_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(reread(&bytes, Metric::Speedup).is_err());
    }

    #[test]
    fn damaged_rounds_are_refused_or_read(
        at in any::<prop::sample::Index>(),
        cut in 0_usize..40,
        with in prop::collection::vec(any::<u8>(), 0..8),
        number in prop::sample::select(vec!["", "-1", "0", "1", "NaN", "1e9", "18446744073709551615", "\n", ",", "\""]),
    ) {
        let at = at.index(ROUNDS.len());
        let end = (at + cut).min(ROUNDS.len());
        for with in [with.as_slice(), number.as_bytes()] {
            let damaged = [&ROUNDS.as_bytes()[..at], with, &ROUNDS.as_bytes()[end..]].concat();
            if let Ok(replicates) = reread(&damaged, Metric::Speedup) {
                for rounds in replicates.values() {
                    prop_assert!(crate::stats::Finding::new(rounds).is_ok());
                }
            }
        }
    }
}
