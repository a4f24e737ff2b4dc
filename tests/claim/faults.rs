//! Pythons that misbehave: their rows fail with what they said last, and Rust's rows stand.

use std::fs;

use crate::common::skipped;
use crate::desk::{Desk, has_python, reasons};

/// Asks `read` of a Python that is a shell script; its rows must fail for `reason`, and Rust's not.
fn fails(script: &str, reason: &str) {
    let desk = Desk::new();
    let python = desk.python(script);
    let ended = desk.ask(&["read", "--python", &python, "--deadline", "1s"]);
    let ended = ended.with_status(3);
    let rows = desk.rows("python");
    assert!(
        rows.iter().any(|row| row["outcome"] == "failed"),
        "{script}"
    );
    let told = reasons(&rows);
    assert!(told.contains(reason), "{script}: {told}");
    assert!(ended.stdout.contains("untestable"), "{}", ended.stdout);
    let rust = desk.rows("rust");
    let sound = |row: &serde_json::Value| row["outcome"] != "failed";
    assert!(
        !rust.is_empty() && rust.iter().all(sound),
        "{}",
        reasons(&rust)
    );
}

#[test]
fn a_python_that_never_makes_sense_fails_for_what_it_said_last() {
    for (script, reason) in [
        (
            "echo Traceback >&2; echo 'ValueError: no' >&2; exit 3",
            "exit status: 3: ValueError: no",
        ),
        ("kill -SEGV $$", "signal: 11"),
        ("echo hello", "what cannot be read: `hello`"),
        ("true", "what cannot be read: ``"),
        ("printf '\\377\\376\\n'", "what cannot be read"),
        (
            "echo '{\"version\": \"3.6.1\", \"implementation\": \"CPython\"}'",
            "python 3.6.1 is too old; 3.8 or newer is needed",
        ),
        ("exec sleep 600", "did not end within 1 s"),
    ] {
        fails(script, reason);
    }
}

#[test]
fn a_python_that_breaks_at_work_fails_where_it_does() {
    if !has_python() {
        return skipped("python3 not found");
    }
    let at_work =
        |script: &str| format!("case \"$*\" in *probe) real \"$@\" ;; *) {script} ;; esac");
    for (script, reason) in [
        ("echo boom >&2; exit 1", "exit status: 1: boom"),
        ("echo nonsense", "what cannot be read: `nonsense`"),
        ("true", "without a round of everything"),
        ("exec sleep 600", "Python did not end within"),
    ] {
        fails(&at_work(script), reason);
    }
}

#[test]
fn a_wrong_answer_is_a_failed_row_and_never_a_time() {
    if !has_python() {
        return skipped("python3 not found");
    }
    let wrong = "exec python3 \"$1\" \"$2\" \"$3\" \
                 \"$(printf %s \"$4\" | sed 's/\"bytes\":[0-9]*/\"bytes\":4/')\"";
    fails(wrong, "wrong answer of text_read: 100000 instead of 4");
}

#[test]
fn one_way_that_fails_leaves_the_others() {
    if !has_python() {
        return skipped("python3 not found");
    }
    let desk = Desk::new();
    let python =
        desk.python("case \"$*\" in *'\"once\":false'*) echo no >&2; exit 1;; esac\nreal \"$@\"");
    desk.ask(&["read", "--python", &python]).with_status(3);
    for row in desk.rows("python") {
        let once = row["label"] == "as published" || row["label"] == "the same, mmap first";
        let wanted = if once { "measured" } else { "failed" };
        let cold = row["label"].as_str().unwrap().contains("not in memory");
        assert!(cold || row["outcome"] == wanted, "{row}");
    }
}

#[test]
fn a_python_that_hangs_is_asked_once_and_no_more() {
    if !has_python() {
        return skipped("python3 not found");
    }
    let desk = Desk::new();
    let calls = desk.path("CALLS");
    let script = format!(
        "case \"$*\" in *probe) real \"$@\" ;; *) echo call >> '{}'; exec sleep 600 ;; esac",
        calls.display()
    );
    let python = desk.python(&script);
    desk.ask(&["--python", &python, "--deadline", "1s", "--budget", "1s"])
        .with_status(3);
    assert_eq!(fs::read_to_string(calls).unwrap(), "call\n");
    let rows = desk.rows("python");
    assert!(
        rows.iter().all(|row| row["outcome"] == "failed"),
        "{}",
        reasons(&rows)
    );
}
