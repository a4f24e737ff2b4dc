//! Records with figures as extreme as they may be: they are refused, or no output has a number that is none.

// A test fails by panicking.
#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "common/scripted.rs"]
mod scripted;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use mapmark::compare::{self, Metric, Question, Side, compare};
use mapmark::history::{self, Entry, Trend};
use mapmark::record::{self, Run};
use mapmark::report::{
    Beside, View, beside, claims_markdown, claims_text, comparison_page, console, history_page,
    markdown, page,
};
use regex::Regex;
use serde_json::{Value, json};

fn kept(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// Where the numbers stand, one place of each kind.
fn places(json: &Value, at: &str, kind: &str, found: &mut BTreeMap<String, String>) {
    match json {
        Value::Number(_) => {
            found.entry(kind.to_owned()).or_insert(at.to_owned());
        }
        Value::Array(values) => {
            // The two ends of an interval are kinds of their own, the cells are of one.
            let is_short = values.len() == 2;
            for (number, value) in values.iter().enumerate() {
                let kind = format!("{kind}/{}", if is_short { number } else { 0 });
                places(value, &format!("{at}/{number}"), &kind, found);
            }
        }
        Value::Object(values) => {
            for (name, value) in values {
                places(
                    value,
                    &format!("{at}/{name}"),
                    &format!("{kind}/{name}"),
                    found,
                );
            }
        }
        _ => {}
    }
}

fn outputs(run: &Run) -> Vec<String> {
    let view = View::of(run);
    let entry = Entry::of(run);
    let line = entry.line();
    let trend = Trend::of(&[entry.clone(), entry], None);
    let trends = vec![("machine".to_owned(), trend)];
    let drawn = page(run, &Beside::default()).unwrap();
    let mut all = vec![
        console(&view, 100),
        markdown(&view),
        record::ratios_csv(run),
        record::to_json(run),
        line,
        history::table(&trends[0].1),
        history::csv(&trends),
        history_page(&trends).unwrap(),
    ];
    all.extend(drawn.charts.iter().map(mapmark::report::Chart::file));
    all.push(drawn.html);
    if let Some(claims) = &run.claims {
        all.extend([claims_text(run, claims), claims_markdown(run, claims)]);
    }
    all
}

/// What is no number in `outputs`, with what stands around it.
fn no_numbers(outputs: &[String]) -> Option<String> {
    let word = Regex::new(r"(?i)(?:^|[^a-z])(?:[-+]?inf|nan|infinity)(?:[^a-z]|$)").unwrap();
    outputs.iter().find_map(|text| {
        let found = word.find(text)?;
        let (mut from, mut to) = (
            found.start().saturating_sub(60),
            (found.end() + 60).min(text.len()),
        );
        while !text.is_char_boundary(from) {
            from -= 1;
        }
        while !text.is_char_boundary(to) {
            to += 1;
        }
        Some(text[from..to].to_owned())
    })
}

#[test]
fn no_figure_whatever_makes_an_output_with_a_number_that_is_none() {
    let (scripted, _) = scripted::measured();
    let scripted = serde_json::from_str(&record::to_json(&scripted)).unwrap();
    let records = [
        scripted,
        kept("tests/records/run-v1/run.json"),
        kept("results/machines/epyc-vm-2cpu/sweep.json"),
        kept("results/machines/epyc-vm-2cpu/claim.json"),
    ];
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("run.json");
    let (mut read, mut refused) = (0, 0);
    for json in records {
        let mut found = BTreeMap::new();
        places(&json, "", "", &mut found);
        assert!(found.len() > 20, "{found:?}");
        for place in found.values() {
            for extreme in [
                json!(0),
                json!(-1),
                json!(u64::MAX),
                json!(1e300),
                json!(5e-324),
                json!(1e12),
                json!(1e-12),
                json!(1e100),
                json!(1e16),
            ] {
                let mut changed = json.clone();
                *changed.pointer_mut(place).unwrap() = extreme.clone();
                fs::write(&path, changed.to_string()).unwrap();
                let Ok(run) = record::load(&path) else {
                    refused += 1;
                    continue;
                };
                read += 1;
                assert_eq!(no_numbers(&outputs(&run)), None, "{place} is {extreme}");
            }
        }
    }
    assert!(read > 100 && refused > 100, "{read} {refused}");
}

#[test]
fn no_rounds_whatever_make_an_output_with_a_number_that_is_none() {
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/records/run-v1");
    let sound = fs::read_to_string(kept.join("rounds.csv")).unwrap();
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path();
    fs::copy(kept.join("run.json"), place.join("run.json")).unwrap();
    let run = record::load(&place.join("run.json")).unwrap();
    let most = u64::MAX.to_string();
    for (iterations, elapsed_ns, of) in [
        ("1", "1", "engine"),
        ("1", most.as_str(), "engine"),
        (most.as_str(), "1", "engine"),
        ("1", most.as_str(), "baseline"),
        (most.as_str(), "1", "baseline"),
        (most.as_str(), most.as_str(), "engine"),
    ] {
        for every in [1, 3] {
            let line = |(number, line): (usize, &str)| {
                let mut fields: Vec<&str> = line.split(',').collect();
                if fields[4] == of && number % every == 0 {
                    (fields[5], fields[6]) = (iterations, elapsed_ns);
                }
                fields.join(",") + "\n"
            };
            let rounds: String = sound.lines().enumerate().map(line).collect();
            fs::write(place.join("rounds.csv"), rounds).unwrap();
            let mut all = vec![page(&run, &beside(place)).unwrap().html];
            for metric in [Metric::Speedup, Metric::Time] {
                let side = |directory: &Path| Side::load(&directory.join("run.json"), metric);
                let question = Question {
                    metric,
                    tolerance: 0.05,
                    force: true,
                };
                for (base, new) in [(place, place), (kept.as_path(), place)] {
                    let (Ok(base), Ok(new)) = (side(base), side(new)) else {
                        continue;
                    };
                    let Ok(compared) = compare(&base, &new, question) else {
                        continue;
                    };
                    all.extend([
                        compare::table(&compared),
                        compare::markdown(&compared),
                        compare::json(&compared),
                        compare::bmf(&compared),
                        compare::action(&compared),
                        compare::junit(&compared),
                        comparison_page(&compared).unwrap(),
                    ]);
                }
            }
            assert_eq!(
                no_numbers(&all),
                None,
                "{of}: {iterations} in {elapsed_ns} ns, every {every}"
            );
        }
    }
}
