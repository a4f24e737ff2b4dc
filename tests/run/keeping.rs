//! That a record is kept: it belongs to one run, survives limits and other processes, and nobody may read it who may
//! not read the file that it is of.

#![cfg(unix)]

use std::fs::{self, OpenOptions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use crate::bench::{Bench, SMALL};
use crate::ended::Ended;
use crate::faults::{called, started};

#[test]
fn of_two_runs_into_one_directory_one_is_refused() {
    let bench = Bench::new();
    bench.run(&SMALL).with_status(0); // makes the fixture
    for _ in 0..5 {
        fs::remove_dir_all(bench.out()).unwrap();
        let run = || bench.run(&SMALL);
        let (one, other) = std::thread::scope(|scope| {
            let other = scope.spawn(run);
            (run(), other.join().unwrap())
        });
        let (kept, refused) = match one.status {
            0 => (one, other),
            _ => (other, one),
        };
        kept.with_status(0);
        let refused = refused.with_status(2);
        let out = bench.out().display().to_string();
        assert!(refused.stderr.contains(&out), "{}", refused.stderr);
        assert!(
            refused.stderr.contains("name another directory"),
            "{}",
            refused.stderr
        );
        called(&["compare", &out, &out]);
        called(&["report", &out]).with_status(0);
    }
}

#[test]
fn what_is_left_of_a_run_is_never_emptied() {
    let bench = Bench::new();
    fs::create_dir(bench.out()).unwrap();
    let rounds = bench.out().join("rounds.csv");
    fs::write(&rounds, "replicate,round\n0,0\n").unwrap();
    let place = bench.path("fixtures");
    let claim = ["claim", "--force", "--no-python", "--quick", "--fixtures"];
    let out = bench.out();
    let claim = [
        &claim[..],
        &[place.to_str().unwrap(), "--out", out.to_str().unwrap()],
    ]
    .concat();
    for ended in [bench.run(&SMALL), called(&claim)] {
        let told = ended.with_status(2).stderr;
        assert!(
            told.contains("(rounds.csv)") && told.contains("move this one away"),
            "{told}"
        );
        assert_eq!(
            fs::read_to_string(&rounds).unwrap(),
            "replicate,round\n0,0\n"
        );
    }
}

/// Disturbs a run while it measures, then has it end.
fn disturbed(fault: impl FnOnce(&Path)) -> (Bench, Ended) {
    let bench = Bench::new();
    let child = started(&bench, &SMALL);
    fault(&bench.out());
    let mut kill = Command::new("kill");
    kill.args(["-s", "INT", &child.id().to_string()]);
    assert!(kill.status().unwrap().success());
    let ended = Ended::of(child.wait_with_output().unwrap());
    (bench, ended)
}

#[test]
fn a_record_that_another_process_takes_away_is_written_again_and_the_run_ends_with_3() {
    type Fault = (&'static str, fn(&Path));
    let faults: [Fault; 4] = [
        ("rounds.csv", |out| {
            fs::remove_file(out.join("rounds.csv")).unwrap()
        }),
        ("rounds.csv", |out| {
            let file = OpenOptions::new().write(true).open(out.join("rounds.csv"));
            file.unwrap().set_len(0).unwrap();
        }),
        ("run.json", |out| {
            fs::remove_file(out.join("run.json")).unwrap()
        }),
        ("", |out| {
            fs::rename(out, out.with_extension("moved")).unwrap()
        }),
    ];
    for (name, fault) in faults {
        let (bench, ended) = disturbed(fault);
        let ended = ended.with_status(3);
        let path = bench.out().join(name).display().to_string();
        assert!(
            ended.stderr.contains(&format!("error: {path}")),
            "{}",
            ended.stderr
        );
        assert!(
            ended.stderr.contains("by another process"),
            "{}",
            ended.stderr
        );
        let out = bench.out().display().to_string();
        let compared = called(&["compare", &out, &out]);
        assert!(
            [0, 4].contains(&compared.status),
            "{name}: {}",
            compared.stderr
        );
        assert!(
            bench.record()["notes"]
                .to_string()
                .contains("by another process")
        );
    }
}

#[test]
fn a_limit_on_file_sizes_ends_no_run_without_a_word() {
    let bench = Bench::new();
    let told = [
        "--size",
        "10KB",
        "--workload",
        "open_only",
        "--process",
        "steady",
    ];
    bench.run(&told).with_status(0); // makes the fixture
    fs::remove_dir_all(bench.out()).unwrap();
    let script = "ulimit -f 80; exec \"$@\"";
    let run = bench.command_within("5s", "20", &told);
    let mut shell = Command::new("sh");
    shell.args(["-c", script, "sh"]).arg(run.get_program());
    let output = shell.args(run.get_args()).output().unwrap();
    let ended = Ended::of(output).with_status(3);
    let rounds = bench.out().join("rounds.csv").display().to_string();
    assert!(
        ended.stderr.contains(&format!("cannot write {rounds}")),
        "{}",
        ended.stderr
    );
    assert!(ended.stdout.contains("speed-up"), "{}", ended.stdout);
    assert_eq!(bench.record()["ended"], false);
    assert!(bench.rounds().len() > 100);
    let out = bench.out().display().to_string();
    called(&["report", &out]).with_status(0);
    // The fixture itself does not fit.
    let script = "ulimit -f 8; exec \"$@\"";
    let mut shell = Command::new("sh");
    shell.args(["-c", script, "sh"]);
    let run = Bench::new().command(&SMALL);
    let output = shell
        .arg(run.get_program())
        .args(run.get_args())
        .output()
        .unwrap();
    let told = Ended::of(output).with_status(2).stderr;
    assert!(
        told.contains("text-100kB.txt") && told.contains("File too large"),
        "{told}"
    );
}

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_record_of_a_private_file_is_private_and_so_is_what_is_made_of_it() {
    let bench = Bench::new();
    let lines =
        (0..500).map(|number| format!("secret {number} is {}, tell nobody\n", number * 4711));
    let file = bench.file("diary.txt", lines.collect::<String>().as_bytes());
    for private in [true, false] {
        let (own, record) = if private {
            (0o600, 0o600)
        } else {
            (0o644, 0o644)
        };
        fs::set_permissions(&file, fs::Permissions::from_mode(own)).unwrap();
        let file = file.to_str().unwrap();
        let told = [
            "--file",
            file,
            "--workload",
            "find_first",
            "--process",
            "steady",
        ];
        let mut command = bench.command_within("5s", "2", &told);
        Ended::of(command.output().unwrap()).with_status(0);
        let out = bench.out();
        let run = out.to_str().unwrap();
        let (page, history) = (bench.path("page.html"), bench.path("history"));
        // One that is there already, and that everybody may read.
        fs::write(&page, "old").unwrap();
        fs::set_permissions(&page, fs::Permissions::from_mode(0o644)).unwrap();
        let charts = bench.path("charts");
        for made in [
            &["report", run, "--output", page.to_str().unwrap()][..],
            &["report", run, "--charts", charts.to_str().unwrap()],
            &[
                "history",
                "add",
                run,
                "--directory",
                history.to_str().unwrap(),
            ],
        ] {
            called(made).with_status(0);
        }
        let mut files = vec![page.clone()];
        for directory in [&out, &out.join("charts"), &charts, &history] {
            let entries = fs::read_dir(directory).unwrap();
            files.extend(entries.map(|entry| entry.unwrap().path()));
        }
        assert!(files.len() > 8);
        for path in files.iter().filter(|path| path.is_file()) {
            assert_eq!(mode(path), record, "{}", path.display());
        }
        fs::remove_dir_all(&out).unwrap();
        fs::remove_dir_all(&charts).unwrap();
        fs::remove_dir_all(&history).unwrap();
    }
}

#[test]
fn copies_are_for_their_owner_alone() {
    let bench = Bench::new();
    let file = bench.file(
        "diary.txt",
        &b"the secret is 4711, tell nobody\n".repeat(500),
    );
    let told = ["--file", file.to_str().unwrap(), "--workload", "replace"];
    let mut child = started(&bench, &told);
    let litter = bench.litter();
    assert!(!litter.is_empty(), "or this test shows nothing");
    for directory in litter.iter().filter(|path| path.is_dir()) {
        assert_eq!(mode(directory), 0o700);
        assert_eq!(mode(&directory.join("copy.txt")), 0o600);
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_record_has_what_the_mask_leaves() {
    let bench = Bench::new();
    let run = bench.command(&SMALL);
    let mut shell = Command::new("sh");
    shell
        .args(["-c", "umask 027; exec \"$@\"", "sh"])
        .arg(run.get_program());
    let output = shell.args(run.get_args()).output().unwrap();
    Ended::of(output).with_status(0);
    for name in ["run.json", "rounds.csv", "ratios.csv", "report.html"] {
        assert_eq!(mode(&bench.out().join(name)), 0o640, "{name}");
    }
}
