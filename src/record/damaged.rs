//! Records from elsewhere: old, damaged, made up.

use proptest::prelude::*;

use super::wire::parse;
use super::{ratios_csv, to_json};

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
