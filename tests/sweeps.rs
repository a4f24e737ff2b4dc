//! What is told of a sweep, from records that nobody measured: every way in which sizes can be decided.

// A test fails by panicking.
#![allow(clippy::unwrap_used, clippy::panic, dead_code)]

#[path = "common/made_up.rs"]
mod made_up;

use mapmark::record::{self, Outcome, Run, Settings};
use mapmark::report::{Beside, View, console, markdown, page};
use mapmark::stats::{Interval, Verdict};
use mapmark::units::ByteCount;
use proptest::prelude::*;

/// A sweep from 4 KiB on in which `mmap` is what each sign says of its size: `+` faster, `-` slower, `=` the
/// same, `?` inconclusive, `x` without figures; in a loop, and in new processes.
fn sweep(steady: &str, fresh: &str) -> Run {
    let mut run = made_up::run(200, 40);
    run.cells
        .retain(|cell| ["read", "mmap"].contains(&cell.engine.as_str()));
    for cell in &mut run.cells {
        let place = cell.fixture.bytes.0 / 1000 - 1;
        let signs = if cell.process.name() == "steady" {
            steady
        } else {
            fresh
        };
        let sign = signs.chars().nth(place as usize);
        cell.workload = "whole_file".to_owned();
        cell.fixture.bytes = ByteCount(4096 << place);
        cell.fixture.name = format!("text-{}", cell.fixture.bytes);
        let (Some(sign), Outcome::Measured(measured)) = (sign, &mut cell.outcome) else {
            cell.workload = String::new();
            continue;
        };
        if cell.engine == "read" {
            continue;
        }
        let (point, verdict) = match sign {
            '+' => (2.0, Verdict::Faster),
            '-' => (0.5, Verdict::Slower),
            '=' => (1.001, Verdict::Same),
            _ => (
                0.97,
                Verdict::Inconclusive {
                    rounds_needed: Some(99),
                },
            ),
        };
        measured.estimate.point = point;
        let reach = if verdict == Verdict::Same { 0.01 } else { 0.1 };
        let interval = Interval::new((1.0 - reach) * point, (1.0 + reach) * point);
        measured.estimate.interval = interval.ok();
        measured.estimate.this_run = measured.estimate.interval;
        measured.verdict = Some(verdict);
        if sign == 'x' {
            cell.outcome = Outcome::Failed("want of memory".to_owned());
        }
    }
    run.cells.retain(|cell| !cell.workload.is_empty());
    run.plan = run.cells.iter().map(record::Cell::id).collect();
    run.settings = Some(Settings {
        budget_s: 60.0,
        replicates: 10,
        sweep: Some("4KiB..64MiB".parse().unwrap()),
        ..Settings::default()
    });
    run
}

fn told(signs: &str) -> String {
    let told = View::of(&sweep(signs, "")).crossovers;
    assert_eq!(told.len(), 1, "{told:?}");
    told[0].clone()
}

#[test]
fn every_course_of_verdicts_has_its_words() {
    for (signs, words) in [
        (
            "------+++++++++",
            "steady: mmap overtakes read between 128KiB and 256KiB (about 181KiB)",
        ),
        (
            "+++-",
            "steady: read overtakes mmap between 16KiB and 32KiB (about 23KiB)",
        ),
        (
            "--++--",
            "steady: mmap overtakes read between 8KiB and 16KiB (about 11KiB), read overtakes mmap between \
             32KiB and 64KiB (about 45KiB)",
        ),
        (
            "--??++",
            "steady: mmap overtakes read between 8KiB and 64KiB (about 33KiB)",
        ),
        (
            "---------------",
            "steady: read is faster throughout 4KiB … 64MiB",
        ),
        ("+++", "steady: mmap is faster throughout 4KiB … 16KiB"),
        (
            "??--?",
            "steady: read is faster at 16KiB … 32KiB; inconclusive at 4KiB … 8KiB, 64KiB",
        ),
        (
            "-?-",
            "steady: read is faster at 4KiB, 16KiB; inconclusive at 8KiB",
        ),
        (
            "?+?",
            "steady: mmap is faster at 8KiB; inconclusive at 4KiB, 16KiB",
        ),
        (
            "-==",
            "steady: read is faster at 4KiB; the same within 2 % at 8KiB … 16KiB",
        ),
        (
            "-+??",
            "steady: mmap overtakes read between 4KiB and 8KiB (about 5.7KiB); inconclusive at 16KiB … 32KiB",
        ),
        (
            "====",
            "steady: mmap and read take the same time throughout 4KiB … 32KiB, within 2 %",
        ),
        (
            "?=?",
            "steady: neither mmap nor read is ahead in 4KiB … 16KiB; the same within 2 % at 8KiB; \
             inconclusive at 4KiB, 16KiB",
        ),
        (
            "?",
            "steady: mmap against read is inconclusive throughout 4KiB",
        ),
        (
            "--x",
            "steady: read is faster throughout 4KiB … 8KiB; without figures at 16KiB",
        ),
        (
            "-x+",
            "steady: mmap overtakes read between 4KiB and 16KiB (about 8.0KiB); without figures at 8KiB",
        ),
        ("xx", "steady: mmap and read: nothing was measured"),
    ] {
        assert_eq!(told(signs), words, "{signs}");
    }
}

#[test]
fn the_console_tells_the_change_first() {
    let run = sweep("-------????++++", "--?++++++++++=x");
    let view = View::of(&run);
    let plain = |width| anstream::adapter::strip_str(&console(&view, width)).to_string();
    for width in [100, 80, 60, 48] {
        let text = plain(width);
        let widest = text.lines().map(|line| line.chars().count()).max();
        assert!(widest <= Some(width), "{widest:?} columns:\n{text}");
    }
    let release = |text: &str| {
        let lines = text.lines().filter(|line| !line.contains("debug build"));
        lines.collect::<Vec<_>>().join("\n")
    };
    insta::assert_snapshot!("console_80", release(&plain(80)));
}

#[test]
fn a_page_of_thirty_contests_groups_what_says_the_same() {
    let run = sweep("-------????++++", "--?++++++++++=x");
    let page = page(&run, &Beside::default()).unwrap();
    let html = &page.html;
    for words in [
        "<li>steady: mmap overtakes read between 256KiB and 8MiB",
        "4KiB … 256KiB · warm, steady",
        "512KiB … 4MiB · warm, steady",
        "64MiB · warm, fresh",
        "mmap takes 2.00 times as long as read",
        "All 30 contests",
    ] {
        assert!(html.contains(words), "{words}");
    }
    let answers = html.split("id=\"map\"").next().unwrap();
    assert_eq!(answers.matches("<tr><th scope=\"row\">").count(), 3 + 5);
    assert_eq!(page.charts.crossovers.len(), 2);
    assert!(
        page.charts.crossovers[0]
            .told
            .contains("changes between 256KiB and 8MiB")
    );
}

#[test]
fn markdown_begins_with_the_change() {
    let text = markdown(&View::of(&sweep("--++", "----")));
    let change = text
        .find("- steady: mmap overtakes read between 8KiB and 16KiB")
        .unwrap();
    assert!(change < text.find("| contest |").unwrap(), "{text}");
}

#[test]
fn a_sweep_comes_back_from_its_record() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("run.json");
    let run = sweep("--??++", "----++");
    let text = record::to_json(&run);
    std::fs::write(&file, &text).unwrap();
    assert!(record::load(&file).unwrap() == run);
    let older = text.replace("\"sweep\"", "\"something_newer\"");
    std::fs::write(&file, older).unwrap();
    let loaded = record::load(&file).unwrap();
    assert!(!loaded.is_sweep() && View::of(&loaded).crossovers.is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_was_found_can_be_told(steady in "[-+=?x]{0,20}", fresh in "[-+=?x]{0,20}") {
        let run = sweep(&steady, &fresh);
        let lines = usize::from(!steady.is_empty()) + usize::from(!fresh.is_empty());
        prop_assert_eq!(View::of(&run).crossovers.len(), lines);
        let _ = console(&View::of(&run), 80);
        prop_assert!(page(&run, &Beside::default()).is_ok());
    }
}
