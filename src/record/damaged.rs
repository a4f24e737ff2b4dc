//! Records from elsewhere: old, damaged, made up.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::wire::parse;
use super::{AtEqualWork, ClaimVerdict, Claimed, Claims, PythonFacts, Side, ratios_csv, to_json};

const RECORD: &str = include_str!("../../tests/records/v1/run.json");

#[test]
fn what_is_read_is_written_again_and_read_as_the_same() {
    let run = parse(RECORD).unwrap();
    assert_eq!(parse(&to_json(&run)).unwrap(), run);
}

#[test]
fn settings_and_weights_of_later_records_are_optional() {
    let run = parse(RECORD).unwrap();
    assert_eq!(run.settings, None);
    let measured = run.cells.iter().find_map(|cell| cell.outcome.measured());
    let estimate = measured.unwrap().estimate;
    assert_eq!(estimate.this_run, estimate.interval);
}

#[test]
fn claims_come_back_as_they_were_and_old_records_have_none() {
    let mut run = parse(RECORD).unwrap();
    assert_eq!(run.claims, None);
    assert!(!to_json(&run).contains("\"claims\""));
    let verdict = ClaimVerdict {
        side: Side::Python,
        word: "partly".to_owned(),
        at_equal_work: None,
        sentence: "2.20x as published (1.90 … 2.50)".to_owned(),
    };
    run.claims = Some(Claims {
        python: PythonFacts::default(),
        claims: vec![Claimed {
            id: "read".to_owned(),
            says: "mmap is faster".to_owned(),
            source: "a tutorial".to_owned(),
            date: None,
            regular_s: vec![0.1],
            mmap_s: vec![0.01],
            factor: 10.0,
            bytes: 2_000_000,
            equal: None,
            verdicts: vec![verdict],
            rows: Vec::new(),
            ladders: Vec::new(),
        }],
    });
    assert_eq!(parse(&to_json(&run)).unwrap(), run);
    assert!(!to_json(&run).contains("at_equal_work"), "as older records");
    if let Some(claims) = &mut run.claims {
        claims.claims[0].verdicts[0].at_equal_work = Some(AtEqualWork {
            word: "undecided".to_owned(),
            row: "binary instead of text".to_owned(),
        });
    }
    assert_eq!(parse(&to_json(&run)).unwrap(), run);
}

/// The record with the value at `path` replaced, as text.
fn with(record: &str, path: &str, value: &Value) -> String {
    let mut json: Value = serde_json::from_str(record).unwrap();
    *json.pointer_mut(path).unwrap() = value.clone();
    json.to_string()
}

/// Where the first cell stands that has a verdict.
fn judged() -> (String, Value) {
    let json: Value = serde_json::from_str(RECORD).unwrap();
    let mut cells = json["cells"].as_array().unwrap().iter();
    let at = cells.position(|cell| cell["measured"]["verdict"] == "faster");
    let at = at.unwrap();
    (format!("/cells/{at}"), json["cells"][at].clone())
}

#[test]
fn figures_that_contradict_each_other_are_refused() {
    let (cell, _) = judged();
    for (place, value, word) in [
        ("speedup", json!(-1.0), "has a speedup of -1"),
        ("speedup", json!(1e300), "has a ratio of 1e300"),
        ("speedup", json!(1e6), "outside its interval"),
        ("interval", json!([0.5, 0.6]), "outside its interval"),
        (
            "interval",
            json!([2.0, 1.0]),
            "cannot reach from 2 down to 1",
        ),
        (
            "interval",
            json!([1e-200, 1e200]),
            "low end of its interval",
        ),
        ("interval", Value::Null, "has no interval"),
        ("floor", json!([1.1, 1.2]), "noise floor"),
        (
            "verdict",
            json!("slower"),
            "is `slower` and has the interval",
        ),
        ("verdict", json!("same"), "is `same` and has the interval"),
        ("verdict", json!("quick"), "verdict `quick`"),
        ("rounds", json!(0), "has 0 rounds in"),
        (
            "replicates",
            json!(1_000_000),
            "rounds in 1000000 replicates",
        ),
        ("engine/time_ns", json!(0), "has a time_ns of 0"),
        ("baseline/time_ns", json!(1e300), "has a time_ns of 1e300"),
        ("engine/batch_iterations", json!(0), "batches of 0"),
        ("engine/counters/user_ns", json!(-5), "has a user_ns of -5"),
        ("engine/counters/minor_faults", json!(1e200), "minor_faults"),
    ] {
        let damaged = with(RECORD, &format!("{cell}/measured/{place}"), &value);
        let error = parse(&damaged).err().unwrap_or_default();
        assert!(error.contains(word), "{place} {value}: {error}");
    }
    let failed = parse(&with(RECORD, &format!("{cell}/outcome"), &json!("failed")));
    assert!(failed.unwrap_err().contains("is failed and has figures"));
    let load = parse(&with(RECORD, "/machine/load_start", &json!(-1.0)));
    assert!(load.unwrap_err().contains("load at the start"));
}

#[test]
fn a_cell_stands_there_once() {
    let (_, cell) = judged();
    let mut json: Value = serde_json::from_str(RECORD).unwrap();
    json["cells"].as_array_mut().unwrap().push(cell);
    let error = parse(&json.to_string()).unwrap_err();
    assert!(
        error.contains("has the cell") && error.contains("twice"),
        "{error}"
    );
}

#[test]
fn what_is_too_much_to_be_a_record_is_refused() {
    let plan: Vec<&str> = vec![""; 20_001];
    let error = parse(&with(RECORD, "/plan", &json!(plan))).unwrap_err();
    assert!(error.contains("has 20001 planned cells"), "{error}");
    let (_, cell) = judged();
    let engine = |number: usize| {
        let mut cell = cell.clone();
        cell["engine"] = json!(format!("engine_{number}"));
        cell
    };
    let cells: Vec<Value> = (0..501).map(engine).collect();
    let error = parse(&with(RECORD, "/cells", &json!(cells))).unwrap_err();
    assert!(error.contains("has 501 engines"), "{error}");
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("run.json");
    let file = std::fs::File::create(&path).unwrap();
    file.set_len(100 << 20).unwrap();
    let error = super::load(&path).unwrap_err().to_string();
    assert!(error.contains("the most that is read"), "{error}");
}

#[test]
fn claims_that_contradict_themselves_are_refused() {
    let claims = include_str!("../../results/machines/epyc-vm-2cpu/claim.json");
    assert!(parse(claims).is_ok());
    let json: Value = serde_json::from_str(claims).unwrap();
    let rows = json["claims"]["claims"][0]["rows"].as_array().unwrap();
    let row = rows.iter().position(|row| row["outcome"] == "measured");
    let row = format!("/claims/claims/0/rows/{}", row.unwrap());
    let ladder = "/claims/claims/0/ladders/0";
    for (place, value, word) in [
        (
            format!("{row}/figures/factor/point"),
            json!(-1.0),
            "has a ratio of -1",
        ),
        (
            format!("{row}/figures/factor/interval"),
            json!([100.0, 1e9]),
            "outside its interval",
        ),
        (
            format!("{row}/figures/range"),
            json!([2.0, 1.0]),
            "has a range from 2 to 1",
        ),
        (
            format!("{row}/figures/regular/time_ns"),
            json!(-3.0),
            "has a time_ns of -3",
        ),
        (
            format!("{row}/figures/mmap/minor_faults"),
            json!(-3.0),
            "minor_faults",
        ),
        (
            format!("{row}/figures"),
            Value::Null,
            "is measured and has no figures",
        ),
        (
            format!("{row}/outcome"),
            json!("failed"),
            "is failed and has figures",
        ),
        (
            format!("{ladder}/product"),
            json!(1000.0),
            "has a product of 1000",
        ),
        (
            format!("{ladder}/remainder"),
            json!(1000.0),
            "has a direct factor of",
        ),
        (
            "/claims/claims/0/factor".to_owned(),
            json!(0),
            "has a factor of 0",
        ),
    ] {
        let error = parse(&with(claims, &place, &value)).map(drop).unwrap_err();
        assert!(error.contains(word), "{place}: {error}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_text_whatever_makes_the_reader_panic(text in ".*") {
        prop_assert!(parse(&text).is_err());
    }

    #[test]
    fn a_damaged_record_is_refused_or_read(
        at in any::<prop::sample::Index>(),
        with in prop::sample::select(vec![
            "", "-", "9", "null", "NaN", "1e999", "\"", "}", "[", "{", ",", "\\u0000",
        ]),
    ) {
        let mut at = at.index(RECORD.len());
        while !RECORD.is_char_boundary(at) {
            at -= 1;
        }
        let replaced = RECORD[at..].chars().next().map_or(0, char::len_utf8);
        let damaged = format!("{}{with}{}", &RECORD[..at], &RECORD[at + replaced..]);
        if let Ok(run) = parse(&damaged) {
            // Whatever can be read can be shown and written.
            let _ = to_json(&run);
            let _ = ratios_csv(&run);
        }
        let cut = RECORD[..at].trim_end();
        let whole = cut.ends_with('}');
        prop_assert!(whole || parse(cut).is_err());
    }
}
