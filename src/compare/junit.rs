//! JUnit's XML, which most services show as tests: what regressed failed, what is open was skipped.

use super::text::figures;
use super::{Comparison, Row, Verdict};

/// Lays out `comparison` as one suite of tests.
#[must_use]
pub fn junit(comparison: &Comparison) -> String {
    let failures = comparison.count(Verdict::Regressed);
    let skipped = [
        Verdict::Missing,
        Verdict::New,
        Verdict::Incomparable,
        Verdict::Inconclusive,
    ];
    let skipped: usize = skipped
        .iter()
        .map(|verdict| comparison.count(*verdict))
        .sum();
    let tests = comparison.rows.len();
    let created = comparison.sides[1].created.trim_end_matches('Z');
    let counts = format!(
        "tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" skipped=\"{skipped}\" time=\"0\""
    );
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <testsuites name=\"mapmark compare\" {counts}>\n\
         \x20 <testsuite name=\"mapmark compare\" {counts} timestamp=\"{}\" hostname=\"localhost\">\n",
        escaped(created)
    );
    for row in &comparison.rows {
        out.push_str(&case(row, comparison));
    }
    out.push_str("  </testsuite>\n</testsuites>\n");
    out
}

fn case(row: &Row, comparison: &Comparison) -> String {
    let workload = row.id.split('/').next().unwrap_or_default();
    let open = format!(
        "    <testcase classname=\"mapmark.{}\" name=\"{}\" time=\"0\"",
        escaped(workload),
        escaped(&row.id)
    );
    let [base, new, change, interval] = figures(row, comparison.question.metric);
    let reason = row.reason.as_deref().unwrap_or_default();
    let inside = match row.verdict {
        Verdict::Same | Verdict::Improved => return format!("{open}/>\n"),
        Verdict::Regressed => format!(
            "<failure message=\"{}\" type=\"regressed\">base {}, new {}, change {}, 95 % interval {}</failure>",
            escaped(&format!("regressed by {change}")),
            escaped(&base),
            escaped(&new),
            escaped(&change),
            escaped(&interval)
        ),
        other => format!(
            "<skipped message=\"{}\"/>",
            escaped(format!("{}: {reason}", other.name()).trim_end_matches(": "))
        ),
    };
    format!("{open}>{inside}</testcase>\n")
}

/// `text` as it may stand in an attribute or between elements. XML has no way to write most control characters.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            control if control.is_control() => out.push(' '),
            other => out.push(other),
        }
    }
    out
}
