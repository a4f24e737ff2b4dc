//! Each format held to the form that its consumer publishes.

use serde_json::Value;

use super::samples::{QUESTION, every_verdict, side};
use super::*;

#[test]
fn json_has_what_the_format_page_says() {
    let value: Value = serde_json::from_str(&json(&every_verdict())).unwrap();
    assert_eq!(value["schema"], SCHEMA);
    assert_eq!(value["counts"]["missing"], 2);
    assert_eq!(value["cells"].as_array().unwrap().len(), 8);
    let worse = &value["cells"][0];
    assert!((worse["change"].as_f64().unwrap() - 0.85).abs() < 1e-9);
    assert!(worse["interval"][0].as_f64() < worse["interval"][1].as_f64());
    assert_eq!(worse["base"]["replicates"], 10);
    assert_eq!(value["cells"][5]["new"], Value::Null);
}

/// The schema that Bencher publishes: names of measures, each with a `value` and perhaps two ends; names of
/// benchmarks up to 1,024 characters, those of measures up to 64.
#[test]
fn bmf_is_what_bencher_reads() {
    let value: Value = serde_json::from_str(&bmf(&every_verdict())).unwrap();
    let benchmarks = value.as_object().unwrap();
    assert_eq!(
        benchmarks.len(),
        6,
        "without those that NEW did not measure"
    );
    for (name, measures) in benchmarks {
        assert!(name.chars().count() <= 1024);
        for (measure, metric) in measures.as_object().unwrap() {
            assert!(measure.len() <= 64);
            let metric = metric.as_object().unwrap();
            assert!(metric["value"].is_number());
            for (key, number) in metric {
                assert!(["value", "lower_value", "upper_value"].contains(&key.as_str()));
                assert!(number.is_number());
            }
        }
    }
}

/// The form that github-action-benchmark publishes: `name`, `unit` and `value` have to be there, `range` and `extra`
/// are texts.
#[test]
fn action_is_what_github_action_benchmark_reads() {
    let value: Value = serde_json::from_str(&action(&every_verdict())).unwrap();
    let benchmarks = value.as_array().unwrap();
    assert_eq!(benchmarks.len(), 6);
    for benchmark in benchmarks {
        assert!(benchmark["name"].is_string() && benchmark["unit"].is_string());
        assert!(benchmark["value"].is_number());
        assert!(benchmark["extra"].is_string());
        assert!(benchmark["range"].as_str().unwrap().starts_with("± "));
        let known = ["name", "unit", "value", "range", "extra"];
        let keys = benchmark.as_object().unwrap().keys();
        assert!(keys.into_iter().all(|key| known.contains(&key.as_str())));
    }
}

/// An element: the name of the one it stands in, its own, its attributes.
struct Element {
    parent: String,
    name: String,
    attributes: Vec<(String, String)>,
}

impl Element {
    fn attribute(&self, key: &str) -> &str {
        let mut attributes = self.attributes.iter();
        let found = attributes.find(|(own, _)| own == key);
        &found
            .unwrap_or_else(|| panic!("{} has no {key}", self.name))
            .1
    }
}

/// The elements of a text that has to be well-formed XML; panics where it is not.
fn elements(xml: &str) -> Vec<Element> {
    let mut open: Vec<String> = Vec::new();
    let mut found = Vec::new();
    let body = xml.split_once("?>").unwrap().1;
    for part in body.split('<').skip(1) {
        let (tag, text) = part.split_once('>').unwrap();
        assert!(!text.contains("]]>"));
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop().as_deref(), Some(name));
            continue;
        }
        let (tag, closed) = tag
            .strip_suffix('/')
            .map_or((tag, false), |tag| (tag, true));
        let (name, mut rest) = tag.split_once(' ').unwrap_or((tag, ""));
        let mut attributes: Vec<(String, String)> = Vec::new();
        while let Some((key, behind)) = rest.split_once("=\"") {
            let (value, behind) = behind.split_once('"').unwrap();
            assert!(!value.contains('<'));
            let key = key.trim().to_owned();
            assert!(attributes.iter().all(|(other, _)| *other != key), "{key}");
            attributes.push((key, value.to_owned()));
            rest = behind;
        }
        assert_eq!(rest.trim(), "");
        found.push(Element {
            parent: open.last().cloned().unwrap_or_default(),
            name: name.to_owned(),
            attributes,
        });
        if !closed {
            open.push(name.to_owned());
        }
    }
    assert!(open.is_empty(), "{open:?}");
    for part in xml.split('&').skip(1) {
        assert!(
            ["amp;", "lt;", "gt;", "quot;", "apos;"]
                .iter()
                .any(|entity| part.starts_with(entity))
        );
    }
    // <https://www.w3.org/TR/xml/#charsets>
    let allowed = |letter: char| matches!(letter, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    assert!(xml.chars().all(allowed));
    found
}

/// An element of the schema that Jenkins holds a file against: where it may stand, the attributes it must have, and
/// those it may have. An attribute that is not named there has the whole file refused.
///
/// The source: `junit-10.xsd` of the xUnit plugin,
/// <https://github.com/jenkinsci/xunit-plugin/tree/master/src/main/resources/org/jenkinsci/plugins/xunit/types/model/xsd>.
const JENKINS: [(&str, &str, &[&str], &[&str]); 5] = [
    (
        "testsuites",
        "",
        &[],
        &["name", "time", "tests", "failures", "errors"],
    ),
    (
        "testsuite",
        "testsuites",
        &["name", "tests", "failures", "errors"],
        &[
            "group",
            "time",
            "skipped",
            "timestamp",
            "hostname",
            "id",
            "package",
            "file",
            "log",
            "url",
        ],
    ),
    (
        "testcase",
        "testsuite",
        &["name"],
        &["time", "classname", "group"],
    ),
    ("failure", "testcase", &[], &["type", "message"]),
    ("skipped", "testcase", &[], &["type", "message"]),
];

fn check_for_jenkins(xml: &str) {
    for element in elements(xml) {
        let known = JENKINS.iter().find(|(name, ..)| *name == element.name);
        let (name, parent, required, optional) =
            known.unwrap_or_else(|| panic!("{}", element.name));
        assert_eq!(element.parent, *parent, "{name}");
        let keys: Vec<&str> = element.attributes.iter().map(|(key, _)| &key[..]).collect();
        for key in *required {
            assert!(keys.contains(key), "{name} lacks {key}");
        }
        for key in keys {
            assert!(
                required.contains(&key) || optional.contains(&key),
                "{name} has {key}, which the schema does not know"
            );
        }
    }
}

#[test]
fn junit_is_what_jenkins_takes() {
    let comparison = every_verdict();
    check_for_jenkins(&junit(&comparison));
    let mut strange = comparison.clone();
    strange.rows[0].id =
        "a\u{1b}[31m\u{0}\u{7}\u{ffff}\u{fffe}'\"<&>]]>\n/b skipped=\"5\"".to_owned();
    strange.rows[3].reason = Some("\u{1}<\u{ffff}>\u{8d}".to_owned());
    check_for_jenkins(&junit(&strange));
    let mut empty = comparison;
    empty.rows.clear();
    check_for_jenkins(&junit(&empty));
}

/// What Ant, Jenkins and others share: suites of cases, each with a name, a class and a time; counts that are right.
#[test]
fn junit_is_what_services_read() {
    let found = elements(&junit(&every_verdict()));
    let count = |name: &str| found.iter().filter(|own| own.name == name).count();
    let suite = &found[1];
    for (attribute, name) in [
        ("tests", "testcase"),
        ("failures", "failure"),
        ("skipped", "skipped"),
    ] {
        assert_eq!(suite.attribute(attribute), count(name).to_string());
    }
    assert_eq!(
        (count("testcase"), count("failure"), count("skipped")),
        (8, 1, 5)
    );
    assert!(
        !suite.attribute("timestamp").ends_with('Z'),
        "Ant's schema knows no time zone"
    );
    for case in found.iter().filter(|element| element.name == "testcase") {
        let keys: Vec<&str> = case.attributes.iter().map(|(key, _)| &key[..]).collect();
        assert_eq!(keys, ["name", "classname", "time"]);
    }
}

#[test]
fn the_table_is_eighty_columns_wide() {
    let long = "a_workload_with_a_name_that_is_much_longer_than_anybody_would_like";
    let comparison = compare(
        &side(&[(long, 100.0, 0.01), ("short", 1.0, 0.01)]),
        &side(&[(long, 2.0, 0.01), ("short", 1.6, 0.01)]),
        QUESTION,
    );
    for comparison in [comparison.unwrap(), every_verdict()] {
        let text = anstream::adapter::strip_str(&table(&comparison)).to_string();
        for line in text.lines().filter(|line| !line.contains(long)) {
            assert!(line.chars().count() <= 80, "{line}");
        }
        for row in &comparison.rows {
            assert!(
                text.contains(&row.id) && text.contains(row.verdict.name()),
                "{text}"
            );
        }
    }
}

#[test]
fn markdown_shows_what_changed_and_folds_the_rest() {
    let text = markdown(&every_verdict());
    let (shown, folded) = text.split_once("<details>").unwrap();
    assert!(
        shown.contains("| regressed | worse/") && shown.contains("bet\\|ter"),
        "{text}"
    );
    assert!(
        folded.contains("| same | steady/") && folded.contains("</details>"),
        "{text}"
    );
    assert!(
        shown.starts_with("### mapmark compare: 1 regressed, 1 improved"),
        "{text}"
    );
}
