//! The lines of the workflows, and those of the page about them, at work.

use std::fs;

use crate::desk::{Desk, possible};
use crate::document::{Map, Step, Workflow, fenced, project, workflows};

#[test]
fn a_pull_request_has_its_table_in_the_summary_and_as_a_comment() {
    if !possible() {
        return;
    }
    let desk = Desk::new();
    desk.run(&workflows()["compare.yml"]);
    let summary = fs::read_to_string(desk.path("summary")).unwrap();
    let comment = fs::read_to_string(desk.path("artifacts/comparison/comparison.md")).unwrap();
    assert!(summary.contains("cell") && summary == comment, "{summary}");
    let told = fs::read_to_string(desk.path("gh")).unwrap();
    assert!(told.starts_with("pr comment 7 --body-file comparison.md --edit-last"));
}

#[test]
fn a_comment_that_is_refused_fails_its_job_and_stands_in_the_summary() {
    if !possible() {
        return;
    }
    let desk = Desk::new();
    desk.program("bin/gh", "#!/bin/sh\nexit 1\n");
    let place = desk.path("comment");
    fs::create_dir(&place).unwrap();
    fs::write(place.join("comparison.md"), "the table\n").unwrap();
    let steps = &workflows()["compare.yml"].jobs["comment"].steps;
    let lines = |step: &Step| Some((step.run.clone()?, step.continue_on_error));
    let (line, continues) = steps.iter().find_map(lines).unwrap();
    let number = [("NUMBER".to_owned(), "7".into())].into();
    assert!(!desk.tried(&place, &line, &number).status.success() && !continues);
    let summary = fs::read_to_string(desk.path("summary")).unwrap();
    assert_eq!(summary, "the table\n");
}

#[test]
fn a_history_grows_night_by_night() {
    if !possible() {
        return;
    }
    let desk = Desk::new();
    for nights in 1..=2 {
        desk.run(&workflows()["nightly.yml"]);
        let kept = "git -C remote archive history | tar -x -O";
        let output = desk.tried(&desk.path(""), kept, &Map::new());
        let lines = String::from_utf8(output.stdout).unwrap();
        assert_eq!(lines.lines().count(), nights, "{lines}");
        let page = fs::read_to_string(desk.path("artifacts/nightly/history.html")).unwrap();
        assert!(page.contains("<svg "));
        assert!(
            desk.path("artifacts/nightly/results/runs/nightly/report.html")
                .exists()
        );
    }
}

#[test]
fn a_history_that_is_not_gone_on_with_is_neither_fetched_over_nor_pushed() {
    if !possible() {
        return;
    }
    let desk = Desk::new();
    let place = desk.checkout("clone");
    let tried = |line: &str| {
        let who = "export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=b";
        let output = desk.tried(&place, &format!("{who}\n{line}"), &Map::new());
        let told = String::from_utf8(output.stderr).unwrap();
        (output.status.code().unwrap(), told)
    };
    let script = "scripts/keep-history";
    assert_eq!(tried(&format!("{script} fetch")), (0, String::new()));
    let begun =
        format!("mkdir -p results/history; echo one >results/history/a.jsonl; {script} push");
    assert_eq!(tried(&begun), (0, String::new()));
    let on = format!("echo two >>results/history/a.jsonl; {script} fetch && {script} push");
    assert_eq!(tried(&on), (0, String::new()));
    assert_eq!(
        tried(&format!("rm -r results/history; {script} fetch")).0,
        0
    );
    let lines = fs::read_to_string(place.join("results/history/a.jsonl")).unwrap();
    assert_eq!(lines, "one\ntwo\n");
    for other in [
        "echo other >results/history/a.jsonl",
        "rm results/history/a.jsonl",
    ] {
        let (status, told) = tried(&format!("{other}; {script} push"));
        assert!(status == 1 && told.contains("does not go on"), "{told}");
    }
    let (status, told) = tried(&format!(
        "echo more >results/history/a.jsonl; {script} fetch"
    ));
    assert!(
        status == 1 && told.contains("a.jsonl does not go on"),
        "{told}"
    );
    assert_eq!(tried(&format!("{script} pull")).0, 2);
    let (_, told) = tried("git status --short | grep -v results >&2");
    assert_eq!(told, "", "the index and the files are as they were");
}

#[test]
fn machines_are_collected_from_every_runner() {
    if !possible() {
        return;
    }
    let desk = Desk::new();
    let workflow = &workflows()["claims.yml"];
    desk.run(workflow);
    let results = desk.path("artifacts/results");
    let page = fs::read_to_string(results.join("README.md")).unwrap();
    let include = &workflow.jobs["machine"]
        .strategy
        .as_ref()
        .unwrap()
        .matrix
        .include;
    assert!(include.len() >= 3);
    for entry in include {
        let machine = entry["machine"].as_str().unwrap();
        assert!(page.contains(machine), "{machine}");
        assert!(
            results
                .join("machines")
                .join(machine)
                .join("claim.json")
                .exists()
        );
    }
}

#[test]
fn the_lines_of_the_page_work_in_their_order() {
    if !possible() {
        return;
    }
    let desk = Desk::new();
    let place = desk.checkout("page");
    let page = fs::read_to_string(project("docs/ci.md")).unwrap();
    let blocks = fenced(&page, "");
    let lines: Vec<&str> = blocks.iter().flat_map(|block| block.lines()).collect();
    assert!(lines.len() >= 10, "{lines:?}");
    let mut env = Map::new();
    env.insert("MAPMARK_OUT".to_owned(), "results/builds".into());
    for line in lines {
        let output = desk.tried(&place, line, &env);
        // 1, 3 and 4 are results; 2 is bad usage, and what is above was not found or died.
        let status = output.status.code();
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(
            matches!(status, Some(0 | 1 | 3 | 4)),
            "`{line}`: {status:?}\n{told}"
        );
    }
}

#[test]
fn the_workflow_for_a_project_of_ones_own_works() {
    if !possible() {
        return;
    }
    let desk = Desk::new();
    let page = fs::read_to_string(project("docs/ci.md")).unwrap();
    let whole = |snippet: &String| snippet.contains("jobs:");
    let snippet = fenced(&page, "yaml").into_iter().find(whole).unwrap();
    let workflow: Workflow = yaml_serde::from_str(&snippet).unwrap();
    desk.run(&workflow);
    let summary = fs::read_to_string(desk.path("summary")).unwrap();
    assert!(summary.contains("access.log"), "{summary}");
}
