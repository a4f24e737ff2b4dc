//! Records from elsewhere: old, damaged, made up.

use proptest::prelude::*;

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
