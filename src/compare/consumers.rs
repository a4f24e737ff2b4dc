//! Each format held to the form that its consumer publishes.

use serde_json::Value;

use super::samples::every_verdict;
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

/// Elements and attributes of a text that has to be well-formed XML; panics where it is not.
fn elements(xml: &str) -> Vec<(String, Vec<(String, String)>)> {
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
        let mut attributes = Vec::new();
        while let Some((key, behind)) = rest.split_once("=\"") {
            let (value, behind) = behind.split_once('"').unwrap();
            assert!(!value.contains('<'));
            attributes.push((key.trim().to_owned(), value.to_owned()));
            rest = behind;
        }
        assert_eq!(rest.trim(), "");
        if !closed {
            open.push(name.to_owned());
        }
        found.push((name.to_owned(), attributes));
    }
    assert!(open.is_empty(), "{open:?}");
    for part in xml.split('&').skip(1) {
        assert!(
            ["amp;", "lt;", "gt;", "quot;"]
                .iter()
                .any(|entity| part.starts_with(entity))
        );
    }
    found
}

/// The schema that Ant, Jenkins and others share: suites of cases, each with a name, a class and a time; counts that
/// are right.
#[test]
fn junit_is_what_services_read() {
    let found = elements(&junit(&every_verdict()));
    let count = |name: &str| found.iter().filter(|(own, _)| own == name).count();
    assert_eq!(
        (found[0].0.as_str(), found[1].0.as_str()),
        ("testsuites", "testsuite")
    );
    let attribute = |key: &str| {
        let (_, value) = found[1].1.iter().find(|(own, _)| own == key).unwrap();
        value.clone()
    };
    assert_eq!(attribute("tests"), count("testcase").to_string());
    assert_eq!(attribute("failures"), count("failure").to_string());
    assert_eq!(attribute("skipped"), count("skipped").to_string());
    assert_eq!(
        (count("testcase"), count("failure"), count("skipped")),
        (8, 1, 5)
    );
    assert!(
        !attribute("timestamp").ends_with('Z'),
        "Ant's schema knows no time zone"
    );
    for (_, attributes) in found.iter().filter(|(name, _)| name == "testcase") {
        let keys: Vec<&str> = attributes.iter().map(|(key, _)| key.as_str()).collect();
        assert_eq!(keys, ["classname", "name", "time"]);
    }
}
