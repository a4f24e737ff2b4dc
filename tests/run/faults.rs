//! What a run survives: dead, silent and babbling workers, files that are cut, full disks, and
//! people who have seen enough. Nothing measured is lost.

#![cfg(unix)]

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::bench::{Bench, SMALL, outcomes, reasons};
use crate::common::skipped;
use crate::ended::Ended;

fn run_with(bench: &Bench, script: &str, more: &[&str]) -> Ended {
    let worker = bench.worker(script);
    let mut told = vec!["--worker", worker.to_str().unwrap()];
    told.extend(SMALL);
    told.extend(more);
    bench.run(&told)
}

#[test]
fn a_worker_that_dies_costs_the_cell_it_was_at() {
    let bench = Bench::new();
    // Notes the third arm, as a worker does before each batch, and dies there.
    let script = r#"case "$order" in
        *'"read","read","mmap"'*) note 2; kill -KILL $$ ;;
        *) real ;;
    esac"#;
    let ended = run_with(&bench, script, &[]).with_status(3);
    let cells = bench.cells();
    assert_eq!(
        outcomes(&cells, "read"),
        ["measured"],
        "{}",
        reasons(&cells)
    );
    assert_eq!(outcomes(&cells, "mmap"), ["failed"]);
    assert!(
        reasons(&cells).contains("was killed (SIGKILL)"),
        "{}",
        reasons(&cells)
    );
    assert!(
        ended
            .stderr
            .contains("whole_file/mmap/100kB: the worker was killed"),
        "{}",
        ended.stderr
    );
}

/// A worker script that does `work` in the first `times` of its stretches, and what is asked of it in the
/// others; `elsewhere` in all orders but stretches.
fn at_first(times: usize, work: &str, otherwise: &str) -> String {
    format!(
        r#"case "$order" in
            *'"stretch"'*)
                turn=1
                until mkdir "$0.turn-$turn" 2>/dev/null; do turn=$((turn + 1)); done
                if [ "$turn" -le {times} ]; then {work}; else {otherwise}; fi ;;
            *) real ;;
        esac"#
    )
}

#[test]
fn a_worker_that_was_killed_once_costs_nothing() {
    let bench = Bench::new();
    let against = ["--against", env!("CARGO_BIN_EXE_mapmark")];
    for (killed, more) in [
        ("note 1; kill -KILL $$", &[][..]), // at the twin
        ("note 2; kill -KILL $$", &[]),
        ("kill -KILL $$", &against),
    ] {
        let script = at_first(1, killed, "real");
        let ended = run_with(&bench, &script, more);
        assert!(!more.is_empty() || ended.status == 0, "{}", ended.stderr); // two builds may differ
        let cells = bench.cells();
        for engine in ["read", "mmap"] {
            let reasons = reasons(&cells);
            assert_eq!(outcomes(&cells, engine), ["measured"], "{reasons}");
        }
        let notes = bench.record()["notes"].to_string();
        assert!(notes.contains("a worker died, and another"), "{notes}");
        fs::remove_dir_all(bench.path("")).unwrap();
        fs::create_dir(bench.path("")).unwrap();
    }
}

#[test]
fn processes_of_one_iteration_that_were_killed_once_cost_nothing() {
    let bench = Bench::new();
    let script = r#"case "$order" in
        *'"iteration"'*|*'"weighing"'*) if mkdir "$0.killed-$(date +%s)" 2>/dev/null; then kill -KILL $$; fi ;;
    esac
    real"#;
    let worker = bench.worker(script);
    let told = ["--size", "100kB", "--workload", "whole_file,replace"];
    let more = ["--process", "fresh", "--cache", "warm"];
    let worker = ["--worker", worker.to_str().unwrap()];
    bench
        .run(&[&told[..], &more, &worker].concat())
        .with_status(0);
    let notes = bench.record()["notes"].to_string();
    assert!(
        notes.contains("did its work") || notes.contains("did their work"),
        "{notes}"
    );
}

/// Has `command` run as a user of its own, who may have no more than so many processes and threads; `None`
/// where that cannot be had here.
fn with_processes(bench: &Bench, command: &Command, user: u32, most: u32) -> Option<Command> {
    use std::os::unix::fs::chown;
    let tools = ["setpriv", "prlimit"];
    let is_there = |tool: &str| Command::new(tool).arg("--version").output().is_ok();
    let owned = chown(bench.path(""), Some(user), Some(user)).is_ok();
    if !owned || !tools.iter().all(|tool| is_there(tool)) {
        return None;
    }
    let mut limited = Command::new("setpriv");
    limited
        .arg(format!("--reuid={user}"))
        .arg(format!("--regid={user}"))
        .args(["--clear-groups", "prlimit"])
        .arg(format!("--nproc={most}"))
        .arg(command.get_program())
        .args(command.get_args());
    let probed = Command::new("setpriv")
        .arg(format!("--reuid={user}"))
        .args(["--clear-groups", "test", "-x"])
        .arg(command.get_program())
        .status();
    probed
        .is_ok_and(|status| status.success())
        .then_some(limited)
}

#[test]
fn where_there_is_no_process_or_thread_to_be_had_cells_have_that_reason() {
    let mut all = String::new();
    for most in 2..5 {
        let bench = Bench::new();
        let command = bench.command(&SMALL);
        let Some(mut command) = with_processes(&bench, &command, 54_321 + most, most) else {
            return skipped("processes can be limited by root alone, with setpriv and prlimit");
        };
        let ended = Ended::of(command.output().unwrap()).with_status(3);
        assert!(!ended.stderr.contains("panicked"), "{}", ended.stderr);
        let cells = bench.cells();
        for engine in ["read", "mmap"] {
            assert_eq!(outcomes(&cells, engine), ["failed"]);
        }
        all.push_str(&reasons(&cells));
    }
    assert!(all.contains("cannot start"), "{all}");
    assert!(all.contains("has no thread to talk to a worker"), "{all}");
}

#[test]
fn what_was_measured_before_there_was_no_process_to_be_had_stands() {
    let bench = Bench::new();
    let worker = bench.worker(&at_first(3, "real", "prlimit --pid $PPID --nproc=1; real"));
    let told = [&["--worker", worker.to_str().unwrap()][..], &SMALL].concat();
    let command = bench.command_within("3s", "9", &told);
    let Some(mut command) = with_processes(&bench, &command, 54_330, 1_000) else {
        return skipped("processes can be limited by root alone, with setpriv and prlimit");
    };
    let ended = Ended::of(command.output().unwrap()).with_status(3);
    assert!(!ended.stderr.contains("panicked"), "{}", ended.stderr);
    for cell in bench.cells() {
        assert_eq!(cell["outcome"], "measured", "{cell}");
        assert_eq!(cell["measured"]["replicates"], 4, "{cell}");
    }
    let notes = bench.record()["notes"].to_string();
    assert!(
        notes.contains("ended after 4 replicates, which stand"),
        "{notes}"
    );
}

#[test]
fn contests_that_the_budget_does_not_suffice_for_are_skipped_and_that_is_said() {
    let bench = Bench::new();
    let script = r#"case "$order" in *'"stretch"'*) sleep 4 ;; esac; real"#;
    let worker = bench.worker(script);
    let told = [
        "--size",
        "4KiB",
        "--workload",
        "whole_file,find_first,find_last,find_absent,rfind_last,seek_read",
        "--cache",
        "warm",
        "--process",
        "steady",
        "--worker",
        worker.to_str().unwrap(),
    ];
    let ended = bench.run(&told).with_status(0);
    let cells = bench.cells();
    let skipped = reasons(&cells);
    assert!(skipped.lines().count() >= 2, "{skipped}");
    for reason in skipped.lines() {
        assert_eq!(reason, "the budget of 1 s was over");
    }
    assert!(cells.iter().any(|cell| cell["outcome"] == "measured"));
    let notes = bench.record()["notes"].to_string();
    assert!(
        notes.contains("of 6 contests, which were skipped"),
        "{notes}"
    );
    assert!(
        !ended.stderr.contains("warning: the first replicate"),
        "{}",
        ended.stderr
    );
}

#[test]
fn a_budget_that_will_not_do_is_said_before() {
    let bench = Bench::new();
    let told = [
        "--size",
        "2MB",
        "--workload",
        "whole_file",
        "--cache",
        "warm",
    ];
    let mut command = bench.command_within("1ms", "1", &told);
    let ended = Ended::of(command.output().unwrap()).with_status(0);
    let warned = ended.stderr.lines().any(|line| {
        line.starts_with("warning: the first replicate of every contest takes about")
            && line.contains("the budget is 0.001 s")
    });
    assert!(warned, "{}", ended.stderr);
}

#[test]
fn what_was_measured_before_a_failure_stands() {
    for (dies, kept) in [
        ("note 2; kill -KILL $$", "mmap"), // the engine
        ("note 0; kill -KILL $$", "read"), // the baseline, and with it the contest
        ("echo nonsense", "read"),
    ] {
        let bench = Bench::new();
        let three = r#"case "$order" in *'"read","read","mmap"'*) "#;
        let otherwise = format!("{three}{dies} ;; *) real ;; esac");
        let script = at_first(2, "real", &otherwise);
        let worker = bench.worker(&script);
        let told = [&["--worker", worker.to_str().unwrap()][..], &SMALL].concat();
        let mut command = bench.command_within("3s", "5", &told);
        let ended = Ended::of(command.output().unwrap()).with_status(3);
        for cell in bench.cells() {
            let more = kept == "mmap" && cell["engine"] == "read";
            let wanted = if more { 5 } else { 2 };
            assert_eq!(cell["outcome"], "measured", "{cell}");
            assert_eq!(cell["measured"]["replicates"], wanted, "{cell}");
        }
        let notes = bench.record()["notes"].to_string();
        assert!(
            notes.contains(&format!("whole_file/{kept}/100kB")),
            "{notes}"
        );
        assert!(
            notes.contains("ended after 2 replicates, which stand"),
            "{notes}"
        );
        assert!(
            ended.stdout.contains("ended after 2 replicates"),
            "{}",
            ended.stdout
        );
    }
}

#[test]
fn a_baseline_that_dies_takes_its_contest_along_and_no_other() {
    let bench = Bench::new();
    let script = r#"case "$order" in
        *'"find_first"'*'"stretch"'*) note 0; kill -SEGV $$ ;;
        *) real ;;
    esac"#;
    let worker = bench.worker(script);
    let told = [
        "--worker",
        worker.to_str().unwrap(),
        "--size",
        "100kB",
        "--process",
        "steady",
    ];
    let workloads = ["--workload", "whole_file,find_first"];
    bench.run(&[&told[..], &workloads].concat()).with_status(3);
    for cell in bench.cells() {
        let wanted = if cell["workload"] == "find_first" {
            "failed"
        } else {
            "measured"
        };
        assert_eq!(cell["outcome"], wanted, "{cell}");
    }
    let reasons = reasons(&bench.cells());
    assert!(
        reasons.contains("the baseline: the worker died of signal 11"),
        "{reasons}"
    );
}

#[test]
fn workers_that_say_nothing_sensible_are_rows_with_a_reason() {
    for (script, word) in [
        ("echo nonsense", "is no message of a worker"),
        (
            r#"echo '{"protocol": 99}'"#,
            "speaks protocol 99, and this program speaks",
        ),
        ("exit 7", "exit status: 7"),
        ("real | head -c 200", "is no message of a worker"),
        ("printf '\\377\\376\\n'", "is no message of a worker"),
        ("real | tr 0-9 x", "is no message of a worker"),
    ] {
        let bench = Bench::new();
        run_with(&bench, script, &[]).with_status(3);
        let reasons = reasons(&bench.cells());
        assert!(reasons.contains(word), "{script}: {reasons}");
    }
}

#[test]
fn what_a_worker_prints_blames_nobody() {
    let bench = Bench::new();
    // Whatever its bytes: those of the first are what a note of the third arm was once.
    let script = r#"printf '\202 \343\200\202 caf\351' >&2; case "$order" in
        *'"read","read","mmap"'*) kill -KILL $$ ;;
        *) real ;;
    esac"#;
    run_with(&bench, script, &[]).with_status(3);
    assert_eq!(outcomes(&bench.cells(), "mmap"), ["failed"]);
    assert_eq!(outcomes(&bench.cells(), "read"), ["failed"]);
}

#[test]
fn a_worker_that_babbles_is_ended() {
    let bench = Bench::new();
    run_with(&bench, "exec yes", &[]).with_status(3);
    let reasons = reasons(&bench.cells());
    assert!(reasons.contains("which no answer has"), "{reasons}");
    // What it prints beside its answer stays within bounds, and costs nothing.
    let bench = Bench::new();
    run_with(&bench, "yes >&2 2>/dev/null; real", &[]).with_status(0);
}

#[test]
fn times_that_cannot_be_are_not_believed() {
    let told = |ns: &str| format!(r#"real | sed 's/"elapsed_ns":[0-9]*/"elapsed_ns":{ns}/g'"#);
    let iterations = r#"real | sed 's/"iterations":[0-9]*/"iterations":99999/g'"#.to_owned();
    for (script, process, reason) in [
        (told("3"), "steady", "told of a batch of 3 ns"),
        (told("3"), "fresh", "told of a batch of 3 ns"),
        (told("99999999999999"), "steady", "and was there for"),
        (told("99999999999999"), "fresh", "and was there for"),
        (
            iterations,
            "steady",
            "other arms or batches than it was asked for",
        ),
    ] {
        let bench = Bench::new();
        let worker = bench.worker(&script);
        let told = [
            "--size",
            "4KiB",
            "--workload",
            "whole_file",
            "--cache",
            "warm",
        ];
        let more = ["--process", process, "--worker", worker.to_str().unwrap()];
        bench.run(&[&told[..], &more].concat()).with_status(3);
        let reasons = reasons(&bench.cells());
        assert!(reasons.contains(reason), "{script}: {reasons}");
    }
}

#[test]
fn an_error_of_the_device_is_not_told_as_truncation() {
    let bench = Bench::new();
    let script = r#"case "$order" in *'"stretch"'*) kill -BUS $$ ;; *) real ;; esac"#;
    run_with(&bench, script, &[]).with_status(3);
    let reasons = reasons(&bench.cells());
    assert!(!reasons.contains("truncated"), "{reasons}");
    assert!(reasons.contains("has all its 100000 bytes"), "{reasons}");
}

/// The processes that `parent` started, as far as the system tells.
fn children(parent: u32) -> Vec<String> {
    let path = format!("/proc/{parent}/task/{parent}/children");
    let told = fs::read_to_string(path).unwrap_or_default();
    told.split_whitespace().map(str::to_owned).collect()
}

/// Whether a process has ended, be it that nobody has asked how.
fn has_ended(pid: &str) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let state = stat
        .rsplit(')')
        .next()
        .and_then(|rest| rest.trim().chars().next());
    state.is_none_or(|state| state == 'Z' || state == 'X')
}

/// Waits until it is so, for as long as it takes on a busy machine and less than a worker of the tests lives.
fn comes_to_be(so: impl Fn() -> bool) -> bool {
    let start = Instant::now();
    while !so() && start.elapsed() < Duration::from_secs(30) {
        std::thread::sleep(Duration::from_millis(10));
    }
    so()
}

#[test]
fn a_worker_ends_with_its_parent() {
    if children(std::process::id()).is_empty() && !PathBuf::from("/proc/self/task").exists() {
        return skipped("this system does not tell of children");
    }
    let bench = Bench::new();
    // Two sessions of some minutes each.
    let told = [
        "--size",
        "100kB",
        "--workload",
        "whole_file",
        "--process",
        "steady",
    ];
    let mut command = bench.command_within("300s", "2", &told);
    let mut parent = command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // The one that does not soon end by itself is that of the session.
    let mut worker = None;
    assert!(comes_to_be(|| !children(parent.id()).is_empty()));
    while worker.is_none() {
        std::thread::sleep(Duration::from_millis(500));
        let now = children(parent.id());
        std::thread::sleep(Duration::from_millis(500));
        worker = now
            .into_iter()
            .find(|pid| children(parent.id()).contains(pid));
    }
    let worker = worker.unwrap();
    parent.kill().unwrap();
    parent.wait().unwrap();
    assert!(comes_to_be(|| has_ended(&worker)));
}

#[test]
fn a_worker_ends_when_nobody_waits_for_its_answer() {
    let bench = Bench::new();
    // The order of a session of some minutes, caught on its way.
    let place = bench.path("order");
    let script = format!(
        r#"case "$order" in *'"stretch"'*) printf '%s\n' "$order" >'{}'; exit 1 ;; *) real ;; esac"#,
        place.display()
    );
    let worker = bench.worker(&script);
    let told = [&["--worker", worker.to_str().unwrap()][..], &SMALL].concat();
    let mut run = bench.command_within("300s", "2", &told);
    Ended::of(run.output().unwrap()).with_status(3);
    let mut worker = Command::new(env!("CARGO_BIN_EXE_mapmark"))
        .arg("worker")
        .stdin(File::open(&place).unwrap())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    drop(worker.stdout.take());
    let ended = std::cell::RefCell::new(&mut worker);
    let so = comes_to_be(|| ended.borrow_mut().try_wait().unwrap().is_some());
    let _ = worker.kill();
    worker.wait().unwrap();
    assert!(so);
}

#[test]
fn a_worker_that_hangs_is_ended() {
    let bench = Bench::new();
    let ended = run_with(&bench, "exec sleep 600", &["--deadline", "1s"]).with_status(3);
    assert!(
        reasons(&bench.cells()).contains("did not answer within"),
        "{}",
        ended.stderr
    );
}

#[test]
fn a_program_that_is_missing_is_a_reason() {
    let bench = Bench::new();
    let told = [&["--worker", "/no/such/program"][..], &SMALL].concat();
    bench.run(&told).with_status(3);
    assert!(reasons(&bench.cells()).contains("cannot start /no/such/program"));
}

/// Starts a run of some seconds, and waits until rounds are written.
pub(crate) fn started(bench: &Bench, told: &[&str]) -> std::process::Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mapmark"));
    command
        .args([
            "run",
            "--force",
            "--budget",
            "60s",
            "--replicates",
            "200",
            "--fixtures",
        ])
        .arg(bench.path("fixtures"))
        .arg("--out")
        .arg(bench.out())
        .args(told)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    let start = Instant::now();
    while bench.rounds().is_empty() && start.elapsed() < Duration::from_secs(50) {
        std::thread::sleep(Duration::from_millis(20));
    }
    child
}

fn signal(child: &std::process::Child, name: &str) {
    let pid = child.id().to_string();
    let status = Command::new("kill")
        .args(["-s", name, &pid])
        .status()
        .unwrap();
    assert!(status.success());
}

#[test]
fn an_interrupt_keeps_what_was_measured_and_leaves_no_litter() {
    let mapmark = env!("CARGO_BIN_EXE_mapmark");
    for (name, against) in [
        ("INT", &[][..]),
        ("TERM", &[]),
        ("INT", &["--against", mapmark]),
    ] {
        let bench = Bench::new();
        let mut told = vec!["--size", "100kB", "--workload", "whole_file,replace"];
        told.extend(against);
        let child = started(&bench, &told);
        signal(&child, name);
        let ended = Ended::of(child.wait_with_output().unwrap()).with_status(3);
        assert!(bench.litter().is_empty(), "{:?}", bench.litter());
        let cells = bench.cells();
        assert_eq!(cells.len(), 10, "every cell has its row");
        let measured = cells
            .iter()
            .filter(|cell| cell["outcome"] == "measured")
            .count();
        assert!(measured >= 1, "{}", reasons(&cells));
        assert!(!reasons(&cells).contains("killed"), "{}", reasons(&cells));
        assert!(bench.record()["notes"].to_string().contains("interrupted"));
        assert!(
            ended.stdout.contains("record      "),
            "it says where: {}",
            ended.stdout
        );
    }
}

#[test]
fn what_a_killed_run_left_is_swept_by_the_next() {
    let bench = Bench::new();
    let mut child = started(&bench, &["--size", "100kB", "--workload", "replace"]);
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(
        !bench.rounds().is_empty(),
        "the rounds were written as they came"
    );
    assert_eq!(bench.record()["schema"], "mapmark.run.v1");
    // The rounds can be made figures of: every cell is there, with what it was to find out.
    let cells = bench.cells();
    assert_eq!(
        cells.len(),
        bench.record()["plan"].as_array().unwrap().len()
    );
    for cell in &cells {
        assert_eq!(cell["outcome"], "skipped", "{cell}");
        let answer = cell["expected"]["answer"].as_str().unwrap();
        assert!(answer.starts_with("count "), "{answer}");
        assert_eq!(cell["expected"]["looks_at_bytes"], 100_000);
    }
    assert_eq!(bench.record()["ended"], false);
    assert!(!bench.litter().is_empty(), "or this test shows nothing");
    fs::rename(bench.out(), bench.path("killed")).unwrap();
    what_it_measured_is_shown(&bench, &bench.path("killed"));
    // A worker that was being started when its parent was killed holds the parent's files for a
    // moment longer.
    for _ in 0..5 {
        bench.run(&SMALL).with_status(0);
        if bench.litter().is_empty() {
            return;
        }
        fs::remove_dir_all(bench.out()).unwrap();
    }
    panic!("{:?}", bench.litter());
}

pub(crate) fn called(told: &[&str]) -> Ended {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mapmark"));
    Ended::of(command.args(told).output().unwrap())
}

/// Of a run that was killed, the rounds are reported and compared, and it is said that it was; a history waits for one
/// that ended.
fn what_it_measured_is_shown(bench: &Bench, killed: &Path) {
    let run = killed.to_str().unwrap();
    let report = called(&["report", run]).with_status(0).stdout;
    assert!(
        report.contains("has not ended, or was killed: the figures of"),
        "{report}"
    );
    let json = called(&["report", run, "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&json.with_status(0).stdout).unwrap();
    let cells = json["cells"].as_array().unwrap();
    let measured: Vec<_> = cells
        .iter()
        .filter(|cell| cell["outcome"] == "measured")
        .collect();
    assert!(!measured.is_empty(), "{json}");
    for cell in measured {
        let answer = cell["measured"]["answer"].as_str().unwrap();
        assert!(answer.starts_with("count "), "{answer}");
        assert_eq!(cell["expected"], serde_json::Value::Null);
    }
    let compared = called(&["compare", run, run]);
    assert!(
        [0, 4].contains(&compared.status) && compared.stdout.contains("BASE has not ended"),
        "{}",
        compared.stdout
    );
    let history = bench.path("history");
    let add = [
        "history",
        "add",
        run,
        "--directory",
        history.to_str().unwrap(),
    ];
    let refused = called(&add).with_status(2).stderr;
    assert!(refused.contains("has not ended"), "{refused}");
}

#[test]
fn a_file_that_is_cut_while_it_is_measured_ends_its_cells() {
    let bench = Bench::new();
    let path = bench.file("growing.log", &b"line of a log\n".repeat(300_000));
    let told = [
        "--file",
        path.to_str().unwrap(),
        "--workload",
        "whole_file",
        "--engine",
        "mmap",
    ];
    let child = started(&bench, &told);
    let cut = File::options().write(true).open(&path).unwrap();
    cut.set_len(10).unwrap();
    Ended::of(child.wait_with_output().unwrap()).with_status(3);
    let cells = bench.cells();
    let measured = |cell: &&serde_json::Value| cell["outcome"] == "measured";
    assert!(
        cells.iter().filter(measured).count() >= 2,
        "what was measured before stands"
    );
    let notes = bench.record()["notes"].clone();
    let notes = notes.as_array().unwrap().iter();
    let notes = notes.filter_map(|note| note.as_str()?.split_once("which stand"));
    let notes: Vec<&str> = notes.map(|(_, reason)| reason).collect();
    assert!(!notes.is_empty());
    let reasons = reasons(&cells);
    let known = [
        "truncated while mapped (SIGBUS)",
        "the file changed while it was measured",
    ];
    for reason in reasons.lines().chain(notes) {
        let wrong = reason.contains("wrong answer"); // read saw the cut file before anybody looked
        assert!(
            wrong || known.iter().any(|word| reason.contains(word)),
            "{reason}"
        );
    }
}

#[test]
fn a_place_that_cannot_be_written_is_refused_at_once() {
    let bench = Bench::new();
    for (option, place) in [("--out", "/proc/mapmark"), ("--fixtures", "/proc/mapmark")] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mapmark"));
        command
            .args(["run", "--force", option, place])
            .current_dir(bench.path(""));
        if option == "--out" {
            command.arg("--fixtures").arg(bench.path("fixtures"));
        }
        let ended = Ended::of(command.args(SMALL).output().unwrap()).with_status(2);
        assert!(ended.stderr.contains("cannot make"), "{}", ended.stderr);
    }
    if !PathBuf::from("/proc").exists() {
        skipped("no /proc to be refused by");
    }
}
