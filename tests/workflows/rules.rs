//! What holds for every workflow, wherever it is read.

use std::fs;

use regex::Regex;
use yaml_serde::Value;

use crate::document::{Job, Workflow, fenced, project, workflows};

fn lines(job: &Job) -> impl Iterator<Item = &str> {
    job.steps.iter().filter_map(|step| step.run.as_deref())
}

#[test]
fn there_is_a_workflow_for_each_purpose() {
    let names: Vec<String> = workflows().into_keys().collect();
    assert_eq!(
        names,
        ["ci.yml", "claims.yml", "compare.yml", "nightly.yml"]
    );
}

#[test]
fn tokens_read_unless_a_job_writes_and_does_nothing_else() {
    for (name, workflow) in workflows() {
        let told = workflow.permissions.unwrap_or_default();
        let only = |(what, how): (&String, &String)| what == "contents" && how == "read";
        assert!(told.len() == 1 && told.iter().all(only), "{name}: {told:?}");
        for (id, job) in &workflow.jobs {
            if job.permissions.values().any(|how| how == "write") {
                for line in lines(job) {
                    assert!(
                        !line.contains("cargo") && !line.contains("mapmark"),
                        "{name}, {id}: may write, and runs `{line}`"
                    );
                }
            }
        }
    }
}

#[test]
fn every_job_ends_and_none_is_run_twice_at_once() {
    for (name, workflow) in workflows() {
        assert!(workflow.concurrency.is_some(), "{name}");
        for (id, job) in workflow.jobs {
            assert!(job.timeout_minutes.is_some(), "{name}, {id}");
        }
    }
}

#[test]
fn every_action_has_a_version() {
    let pinned = Regex::new(r"^[\w-]+/[\w-]+@(v\d+(\.\d+)*|[0-9a-f]{40})$").unwrap();
    for (name, workflow) in workflows() {
        let steps = workflow.jobs.into_values().flat_map(|job| job.steps);
        for action in steps.filter_map(|step| step.uses) {
            assert!(pinned.is_match(&action), "{name}: {action}");
        }
    }
}

#[test]
fn every_script_that_is_named_is_there_and_can_be_run() {
    let named = Regex::new(r"scripts/[\w-]+(\.py)?").unwrap();
    let mut texts: Vec<(String, String)> = Vec::new();
    for (name, workflow) in workflows() {
        for job in workflow.jobs.values() {
            texts.extend(lines(job).map(|line| (name.clone(), line.to_owned())));
        }
    }
    for page in [".ci/run", "docs/ci.md", "CONTRIBUTING.md"] {
        texts.push((page.to_owned(), fs::read_to_string(project(page)).unwrap()));
    }
    for (place, text) in texts {
        for script in named.find_iter(&text).map(|found| found.as_str()) {
            let path = project(script);
            assert!(path.exists(), "{place}: {script} is not there");
            #[cfg(unix)]
            if path.is_file() && path.extension().is_none() {
                use std::os::unix::fs::PermissionsExt;
                let mode = fs::metadata(&path).unwrap().permissions().mode();
                assert!(mode & 0o111 == 0o111, "{place}: {script} cannot be run");
            }
        }
    }
}

#[test]
fn the_pages_snippets_are_workflows_or_steps() {
    let page = fs::read_to_string(project("docs/ci.md")).unwrap();
    let snippets = fenced(&page, "yaml");
    assert!(!snippets.is_empty());
    for snippet in snippets {
        let value: Value = yaml_serde::from_str(&snippet).unwrap();
        if value.get("jobs").is_some() {
            let _: Workflow = yaml_serde::from_value(value).unwrap();
        }
    }
}
