//! JUnit's XML, which most services show as tests: what regressed failed, what is open was skipped.

use std::time::Duration;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::text::figures;
use super::{Comparison, Row, Verdict};
use crate::text::terminal;

const NAME: &str = "mapmark compare";

/// Lays out `comparison` as one suite of tests.
#[must_use]
pub fn junit(comparison: &Comparison) -> String {
    let mut suite = TestSuite::new(NAME);
    suite.set_time(Duration::ZERO);
    // Ant's schema knows no time zone.
    let created = comparison.sides[1].created.trim_end_matches('Z');
    for (key, value) in [("timestamp", created), ("hostname", "localhost")] {
        suite.extra.insert(key.into(), terminal(value).into());
    }
    for row in &comparison.rows {
        suite.add_test_case(case(row, comparison));
    }
    let mut report = Report::new(NAME);
    report.set_time(Duration::ZERO);
    report.add_test_suite(suite);
    // Writing to memory cannot fail, and the texts are all XML's.
    let xml = report.to_string().unwrap_or_default();
    // Jenkins' schema has the number of skipped tests in `testsuite` alone, and refuses a file with more.
    xml.replacen(&format!(" skipped=\"{}\"", report.skipped), "", 1)
}

fn case(row: &Row, comparison: &Comparison) -> TestCase {
    let mut case = TestCase::new(terminal(&row.id), status(row, comparison));
    let workload = row.id.split('/').next().unwrap_or_default();
    case.set_classname(terminal(&format!("mapmark.{workload}")));
    case.set_time(Duration::ZERO);
    case
}

fn status(row: &Row, comparison: &Comparison) -> TestCaseStatus {
    let reason = row.reason.as_deref().unwrap_or_default();
    match row.verdict {
        Verdict::Same | Verdict::Improved => TestCaseStatus::success(),
        Verdict::Regressed => {
            let [base, new, change, interval] = figures(row, comparison.question.metric);
            let mut failed = TestCaseStatus::non_success(NonSuccessKind::Failure);
            failed
                .set_type("regressed")
                .set_message(format!("regressed by {change}"))
                .set_description(format!(
                    "base {base}, new {new}, change {change}, 95 % interval {interval}"
                ));
            failed
        }
        other => {
            let mut skipped = TestCaseStatus::skipped();
            let message = format!("{}: {reason}", other.name());
            skipped.set_message(terminal(message.trim_end_matches(": ")));
            skipped
        }
    }
}
