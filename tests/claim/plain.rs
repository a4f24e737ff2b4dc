//! Claims asked of a real Python: what is measured, written and said.

use std::fs;
use std::process::Command;

use crate::common::skipped;
use crate::desk::{Desk, has_python, reasons};

/// What the first column of a verdict may say.
const WORDS: [&str; 5] = ["holds", "partly", "refuted", "undecided", "untestable"];

#[test]
fn every_claim_gets_its_verdicts_rows_and_ladders() {
    if !has_python() {
        return skipped("python3 not found");
    }
    let desk = Desk::new();
    let ended = desk.ask(&["--budget", "8s"]).with_status(0);
    let claims = desk.claims();
    let ids: Vec<_> = claims
        .iter()
        .map(|claim| claim["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids, ["read", "find", "regex", "seek", "replace"]);
    for claim in &claims {
        let verdicts = claim["verdicts"].as_array().unwrap();
        assert_eq!(verdicts.len(), 2);
        for verdict in verdicts {
            for half in [verdict, &verdict["at_equal_work"]] {
                assert!(WORDS.contains(&half["word"].as_str().unwrap()), "{verdict}");
            }
            assert!(
                !verdict["sentence"].as_str().unwrap().is_empty(),
                "{verdict}"
            );
        }
        for row in claim["rows"].as_array().unwrap() {
            let outcome = row["outcome"].as_str().unwrap();
            let excused = ["unverified", "unsupported", "skipped"].contains(&outcome);
            assert!(outcome == "measured" || excused, "{row}");
        }
        // A first look has no ladder in a loop, and none of Python where its calls write.
        let ladders = if claim["id"] == "replace" { 1 } else { 2 };
        let told = claim["ladders"].as_array().unwrap();
        assert_eq!(told.len(), ladders, "{claim}");
        for ladder in claim["ladders"].as_array().unwrap() {
            let number = |field: &serde_json::Value| field.as_f64().unwrap();
            let whole = number(&ladder["product"]) * number(&ladder["remainder"]);
            let direct = number(&ladder["direct"]["point"]);
            assert!((whole / direct - 1.0).abs() < 1e-6, "{ladder}");
        }
        let picture = desk.out().join(format!(
            "charts/ladder-{}.svg",
            claim["id"].as_str().unwrap()
        ));
        assert!(fs::read_to_string(picture).unwrap().ends_with("</svg>\n"));
    }
    both_words_stand_wherever_the_verdict_does(&desk, &ended.stdout);
    let long = ended.stdout.lines().find(|line| line.chars().count() > 80);
    let allowed = long.is_none_or(|line| line.starts_with("record "));
    assert!(allowed, "{long:?}");
    let first_screen: Vec<&str> = ended.stdout.lines().take(16).collect();
    for id in ids {
        let answer = |line: &&&str| line.starts_with(&format!("{id} "));
        let line = first_screen.iter().find(answer);
        assert!(
            line.is_some_and(|line| line.contains('x')),
            "{id}: {line:?}"
        );
    }
    for name in ["run.json", "rounds.csv", "ratios.csv", "claims.md"] {
        assert!(desk.out().join(name).exists(), "{name} is missing");
    }
    assert_eq!(desk.record()["driver"], "claim");
}

fn both_words_stand_wherever_the_verdict_does(desk: &Desk, console: &str) {
    let markdown = fs::read_to_string(desk.out().join("claims.md")).unwrap();
    let page = fs::read_to_string(desk.out().join("report.html")).unwrap();
    let claims = desk.claims();
    let verdicts = claims
        .iter()
        .flat_map(|claim| claim["verdicts"].as_array().unwrap());
    for verdict in verdicts {
        let word = |half: &serde_json::Value| half["word"].as_str().unwrap().to_owned();
        let (published, equal) = (word(verdict), word(&verdict["at_equal_work"]));
        let side = if verdict["side"] == "python" {
            "Python"
        } else {
            "Rust"
        };
        let both = match published == equal {
            true => format!("{published} as published and at equal work"),
            false => format!("{published} as published, {equal} at equal work"),
        };
        let line = format!("  {side:<8}{both}:");
        assert!(console.contains(&line), "{line}");
        assert!(page.contains(&format!("<dt>{side}: {both}</dt>")), "{both}");
        let row = format!("| {side} | {published} | {equal} |");
        assert!(markdown.contains(&row), "{row}");
    }
}

#[test]
fn the_record_is_shown_again_as_it_was() {
    let desk = Desk::new();
    let ended = desk.ask(&["seek", "--no-python"]).with_status(0);
    let told = Command::new(env!("CARGO_BIN_EXE_mapmark"))
        .arg("report")
        .arg(desk.out())
        .output()
        .unwrap();
    let again = String::from_utf8(told.stdout).unwrap();
    assert!(
        ended.stdout.starts_with(&again),
        "{again}\n{}",
        ended.stdout
    );
    assert!(again.contains("not asked for (--no-python)"), "{again}");
}

#[test]
fn one_claim_alone_and_other_formats() {
    let desk = Desk::new();
    let ended = desk.ask(&["read", "--no-python", "--format", "md", "--quiet"]);
    let ended = ended.with_status(0);
    assert!(
        ended.stdout.contains("| claim | side | verdict |"),
        "{}",
        ended.stdout
    );
    let page = fs::read_to_string(desk.out().join("claims.md")).unwrap();
    assert_eq!(ended.stdout, page);
    assert_eq!(ended.stderr, "");
    assert_eq!(desk.claims().len(), 1);
}

#[test]
fn without_python_its_rows_are_skipped_and_the_rest_stands() {
    let desk = Desk::new();
    let nowhere = desk.path("nothing");
    fs::create_dir(&nowhere).unwrap();
    let output = desk
        .command(&["read"])
        .env("PATH", &nowhere)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0));
    let (python, rust) = (desk.rows("python"), desk.rows("rust"));
    assert!(python.iter().all(|row| row["outcome"] == "skipped"));
    assert!(reasons(&python).contains("python3 not found"));
    assert!(
        rust.iter()
            .any(|row| row["outcome"] == "measured" || row["outcome"] == "unverified")
    );
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("skipped: python3 not found"), "{text}");
}

#[test]
fn what_makes_no_sense_is_refused_before_anything_is_written() {
    for (told, word) in [
        (
            &["raed"][..],
            "valid: `read`, `find`, `regex`, `seek`, `replace`",
        ),
        (&["--python", "python3", "--no-python"], "--no-python"),
        (
            &["--python", "/no/such"],
            "--python: /no/such not found; name a Python, or say --no-python",
        ),
        (&["--format", "lyrics"], "lyrics"),
    ] {
        let desk = Desk::new();
        let ended = desk.ask(told).with_status(2);
        assert!(ended.stderr.contains(word), "{told:?}: {}", ended.stderr);
        assert!(!desk.out().exists(), "{told:?}");
    }
}
