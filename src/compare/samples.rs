//! Made-up runs beside each other: every verdict, and every format of them.

use serde_json::Value;

use super::*;
use crate::record::{Cell, Outcome};

/// A record without cells, and a measured cell to make others of.
fn template() -> (Run, Cell) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/records/v1/run.json");
    let mut run = record::load(&path).unwrap();
    let cells = std::mem::take(&mut run.cells);
    let measured = |cell: &Cell| cell.outcome.measured().is_some() && !cell.is_floor();
    let mut cell = cells.into_iter().find(measured).unwrap();
    cell.query = Some(String::new());
    if let Outcome::Measured(measured) = &mut cell.outcome {
        measured.floor = None;
    }
    (run, cell)
}

/// Ten replicates of eight rounds about `centre`, which differ by up to `spread`.
fn rounds(centre: f64, spread: f64) -> Vec<Vec<f64>> {
    let replicate = |number: usize| {
        let about = centre * (1.0 + spread * ((number * 7 % 10) as f64 / 9.0 - 0.5));
        (0..8)
            .map(|round| about * (1.0 + 0.001 * (round * 3 % 8) as f64))
            .collect()
    };
    (0..10).map(replicate).collect()
}

/// A side with a cell for each workload: the centre of its replicates, and how far they differ.
pub(super) fn side(cells: &[(&str, f64, f64)]) -> Side {
    let (mut run, cell) = template();
    let mut replicates = Replicates::new();
    for (workload, centre, spread) in cells {
        let own = Cell {
            workload: (*workload).to_owned(),
            ..cell.clone()
        };
        replicates.insert(own.id(), rounds(*centre, *spread));
        run.cells.push(own);
    }
    Side {
        path: "made/up/run.json".into(),
        run,
        replicates,
    }
}

pub(super) const QUESTION: Question = Question {
    metric: Metric::Speedup,
    tolerance: 0.05,
    force: false,
};

/// Every verdict once, in names that no format may take as they are.
pub(crate) fn every_verdict() -> Comparison {
    let mut base = side(&[
        ("worse", 2.0, 0.01),
        ("bet|ter_<&\">", 2.0, 0.01),
        ("steady", 1.0, 0.01),
        ("open", 1.0, 0.4),
        ("changed", 1.0, 0.01),
        ("gone", 1.0, 0.01),
        ("broken", 1.0, 0.01),
    ]);
    base.run.cells[4].workload_version += 1;
    let mut new = side(&[
        ("worse", 1.7, 0.01),
        ("bet|ter_<&\">", 30.0, 0.01),
        ("steady", 1.001, 0.01),
        ("open", 1.05, 0.4),
        ("changed", 1.0, 0.01),
        ("broken", 1.0, 0.01),
        ("added", 1.0, 0.01),
    ]);
    new.run.cells[5].outcome = Outcome::Failed("wrong answer".to_owned());
    compare(&base, &new, QUESTION).unwrap()
}

/// Every format, as it is; on purpose changed only together with what reads it.
#[test]
fn every_format_of_every_verdict() {
    let comparison = every_verdict();
    let plain = anstream::adapter::strip_str(&table(&comparison)).to_string();
    let formats = [
        ("table", plain),
        ("markdown", markdown(&comparison)),
        ("json", json(&comparison)),
        ("bmf", bmf(&comparison)),
        ("action", action(&comparison)),
        ("junit", junit(&comparison)),
    ];
    insta::with_settings!({snapshot_path => "../../tests/snapshots", prepend_module_to_snapshot => false}, {
        for (format, text) in formats {
            insta::assert_snapshot!(format!("compare__{format}"), text);
        }
    });
}

fn verdicts(comparison: &Comparison) -> Vec<&'static str> {
    comparison
        .rows
        .iter()
        .map(|row| row.verdict.name())
        .collect()
}

#[test]
fn every_verdict_is_given_where_it_belongs() {
    let comparison = every_verdict();
    assert_eq!(
        verdicts(&comparison),
        [
            "regressed",
            "improved",
            "same",
            "inconclusive",
            "incomparable",
            "missing",
            "missing",
            "new"
        ]
    );
    let reason = |row: usize| comparison.rows[row].reason.clone().unwrap_or_default();
    assert!(
        reason(3).contains("beyond what is tolerated"),
        "{}",
        reason(3)
    );
    assert!(
        reason(4).contains("version of the workload"),
        "{}",
        reason(4)
    );
    assert_eq!(reason(6), "failed: wrong answer");
    assert_eq!(comparison.status(false), 1);
}

#[test]
fn a_run_beside_itself_is_the_same_however_noisy() {
    let noisy = [("one", 1.0, 0.9), ("two", 30.0, 0.01)];
    let comparison = compare(&side(&noisy), &side(&noisy), QUESTION).unwrap();
    assert_eq!(verdicts(&comparison), ["same", "same"]);
    assert_eq!(comparison.status(true), 0);
}

#[test]
fn what_is_tolerated_is_no_alarm_however_sure() {
    let (base, new) = (side(&[("one", 1.0, 0.001)]), side(&[("one", 0.97, 0.001)]));
    let verdict = |tolerance| {
        let question = Question {
            tolerance,
            ..QUESTION
        };
        verdicts(&compare(&base, &new, question).unwrap())[0]
    };
    assert_eq!((verdict(0.05), verdict(0.02)), ("same", "regressed"));
}

#[test]
fn a_change_inside_a_noise_floor_is_none() {
    let (base, mut new) = (side(&[("one", 1.0, 0.001)]), side(&[("one", 0.9, 0.001)]));
    if let Outcome::Measured(measured) = &mut new.run.cells[0].outcome {
        measured.floor = Some(crate::stats::Interval::new(0.8, 1.25).unwrap());
    }
    let comparison = compare(&base, &new, QUESTION).unwrap();
    assert_eq!(
        comparison.rows[0].reason.as_deref(),
        Some("the change lies inside a noise floor")
    );
}

#[test]
fn the_status_tells_what_could_be_decided() {
    let status = |new: &[(&str, f64, f64)], all| {
        let base = [("one", 1.0, 0.4), ("two", 1.0, 0.01)];
        compare(&side(&base), &side(new), QUESTION)
            .unwrap()
            .status(all)
    };
    let open = ("one", 1.05, 0.4);
    assert_eq!(status(&[open, ("two", 1.001, 0.01)], false), 0);
    assert_eq!(status(&[open, ("two", 1.001, 0.01)], true), 4);
    assert_eq!(status(&[open, ("two", 0.5, 0.01)], true), 1);
    assert_eq!(status(&[open], false), 4);
    assert_eq!(status(&[], false), 4);
}

#[test]
fn conditions_that_differ_make_another_question() {
    let (base, mut new) = (side(&[("one", 1.0, 0.01)]), side(&[("one", 0.5, 0.01)]));
    new.run.driver = crate::record::Driver::Run;
    let comparison = compare(&base, &new, QUESTION).unwrap();
    assert_eq!(
        comparison.rows[0].reason.as_deref(),
        Some("driver: criterion and run")
    );
    let mut new = side(&[("one", 0.5, 0.01)]);
    new.run.cells[0].fixture.digest = Some("another".to_owned());
    let comparison = compare(&base, &new, QUESTION).unwrap();
    let reason = comparison.rows[0].reason.clone().unwrap();
    assert!(
        reason.contains("digest of the fixture: ") && reason.contains("another"),
        "{reason}"
    );
}

/// `side` with this query of its only cell.
fn asking(mut side: Side, query: Option<&str>) -> Side {
    side.run.cells[0].query = query.map(str::to_owned);
    side
}

#[test]
fn another_query_with_the_same_answer_is_another_question() {
    let one = |speedup, query| asking(side(&[("one", speedup, 0.01)]), query);
    let found = |base, new| {
        let comparison = compare(&one(1.0, base), &one(0.5, new), QUESTION).unwrap();
        (
            comparison.rows[0].verdict.name(),
            comparison.rows[0].reason.clone().unwrap_or_default(),
            comparison
                .notes
                .iter()
                .any(|note| note.contains("searched for")),
        )
    };
    let (disk, error) = (Some("needle `disk`"), Some("needle `error`"));
    assert_eq!(
        found(disk, error),
        (
            "incomparable",
            "query: needle `disk` and needle `error`".to_owned(),
            false
        )
    );
    assert_eq!(found(disk, disk), ("regressed", String::new(), false));
    // What an older record does not tell is compared, and said.
    for (base, new) in [(None, disk), (disk, None), (None, None)] {
        assert_eq!(found(base, new), ("regressed", String::new(), true));
    }
    assert_eq!(found(None, Some("")), ("regressed", String::new(), false));
}

#[test]
fn settings_of_a_machine_that_differ_are_said() {
    let (base, mut new) = (side(&[("one", 1.0, 0.01)]), side(&[("one", 1.0, 0.01)]));
    let machine = &mut new.run.machine;
    machine.transparent_huge_pages = Some("never".to_owned());
    machine.read_ahead_kib = Some(4096);
    machine.mount_options = Some("rw,dax".to_owned());
    let notes = compare(&base, &new, QUESTION).unwrap().notes.join("\n");
    for setting in [
        "setting of transparent huge pages",
        "read-ahead in KiB",
        "mount of the fixtures",
    ] {
        assert!(
            notes.contains(&format!("the {setting} differs")),
            "{setting}: {notes}"
        );
    }
}

#[test]
fn allocators_that_were_told_differently_make_another_question() {
    let told = |settings: Option<&str>| {
        let mut side = side(&[("one", 1.0, 0.01)]);
        side.run.machine.allocator_settings = settings.map(str::to_owned);
        side
    };
    let tuned = "MALLOC_MMAP_THRESHOLD_=1073741824";
    let found = |base, new| compare(&told(base), &told(new), QUESTION).unwrap();
    let other = found(Some("none"), Some(tuned));
    assert_eq!(verdicts(&other), ["incomparable"]);
    assert_eq!(
        other.rows[0].reason.as_deref(),
        Some("allocator settings: none and MALLOC_MMAP_THRESHOLD_=1073741824")
    );
    // A record from before they were kept says nothing against it.
    for base in [None, Some(tuned)] {
        assert_eq!(verdicts(&found(base, Some(tuned))), ["same"]);
    }
}

#[test]
fn times_are_compared_on_one_machine_only() {
    let time = Question {
        metric: Metric::Time,
        ..QUESTION
    };
    let (base, mut new) = (side(&[("one", 100.0, 0.01)]), side(&[("one", 120.0, 0.01)]));
    // More time is worse.
    assert_eq!(
        verdicts(&compare(&base, &new, time).unwrap()),
        ["regressed"]
    );
    new.run.machine.cpus = Some(64);
    let error = compare(&base, &new, time).unwrap_err().to_string();
    assert!(
        error.contains("processors: 2 and 64") && error.contains("--force"),
        "{error}"
    );
    let forced = Question {
        force: true,
        ..time
    };
    let comparison = compare(&base, &new, forced).unwrap();
    assert!(
        comparison.notes[0].contains("the machines differ"),
        "{:?}",
        comparison.notes
    );
    assert!(
        compare(&base, &new, QUESTION).is_ok(),
        "speed-ups may be compared"
    );
}

/// `side` with a machine on which the baseline took `factor` as long.
fn slower_baseline(mut side: Side, factor: f64) -> Side {
    for cell in &mut side.run.cells {
        if let Outcome::Measured(measured) = &mut cell.outcome {
            measured.baseline.time.0 *= factor;
        }
    }
    side
}

#[test]
fn what_the_baseline_did_as_well_is_not_the_engines_doing() {
    let base = side(&[("one", 2.0, 0.01), ("two", 2.0, 0.01), ("three", 2.0, 0.01)]);
    let new = || {
        side(&[
            ("one", 1.7, 0.01),
            ("two", 0.5, 0.01),
            ("three", 2.002, 0.01),
        ])
    };
    let found = |new: &Side| compare(&base, new, QUESTION).unwrap();
    let still = found(&new());
    assert_eq!(verdicts(&still), ["regressed", "regressed", "same"]);
    for factor in [0.85, 1.0 / 0.85] {
        let moved = found(&slower_baseline(new(), factor));
        // Where both arms moved alike, the ratio may have changed as much and been moved back.
        assert_eq!(
            verdicts(&moved),
            ["inconclusive", "regressed", "inconclusive"]
        );
        let reason = moved.rows[0].reason.as_deref().unwrap();
        assert!(reason.contains("baseline's own time"), "{reason}");
        let value: Value = serde_json::from_str(&json(&moved)).unwrap();
        let told = value["cells"][0]["baseline_moved"].as_f64().unwrap();
        assert!((told - 1.0 / 0.85).abs() < 1e-9, "{told}");
    }
    // Another machine is said, and its baseline's time tells nothing.
    let mut elsewhere = slower_baseline(new(), 0.85);
    elsewhere.run.machine.cpus = Some(64);
    let elsewhere = found(&elsewhere);
    assert_eq!(verdicts(&elsewhere), verdicts(&still));
    assert_eq!(elsewhere.rows[0].baseline_moved, None);
}

/// `side` with the cells of its baselines, behind the others.
fn with_baselines(mut side: Side) -> Side {
    for cell in side.run.cells.clone() {
        let own = Cell {
            engine: cell.baseline.clone(),
            ..cell
        };
        side.replicates.insert(own.id(), rounds(100.0, 0.01));
        side.run.cells.push(own);
    }
    side
}

#[test]
fn times_are_held_against_how_far_all_baselines_moved() {
    let times = |one| with_baselines(side(&[("one", one, 0.01), ("two", 100.0, 0.01)]));
    let question = Question {
        metric: Metric::Time,
        ..QUESTION
    };
    let (base, mut new) = (times(100.0), times(120.0));
    let found = |new: &Side| verdicts(&compare(&base, new, question).unwrap());
    assert_eq!(found(&new), ["regressed", "same", "same", "same"]);
    // That of the second contest.
    if let Outcome::Measured(measured) = &mut new.run.cells[3].outcome {
        measured.baseline.time.0 *= 1.3;
    }
    assert_eq!(found(&new)[0], "inconclusive");
    // A cell that is another question tells nothing of the machine.
    new.run.cells[3].workload_version += 1;
    assert_eq!(found(&new)[0], "regressed");
    // An engine is held against its own baseline besides.
    if let Outcome::Measured(measured) = &mut new.run.cells[0].outcome {
        measured.baseline.time.0 *= 1.3;
    }
    assert_eq!(found(&new)[0], "inconclusive");
}
