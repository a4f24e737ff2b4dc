//! Files that nobody made for the purpose.

use std::fs::{self, File};
use std::path::Path;

use crate::bench::{Bench, outcomes, reasons};
use crate::common::skipped;
use crate::ended::Ended;

/// Runs every workload on a file and returns the cells; no answer may be wrong.
fn measured(bench: &Bench, path: &Path, more: &[&str]) -> Vec<serde_json::Value> {
    let mut told = vec![
        "--file",
        path.to_str().unwrap(),
        "--workload",
        "all",
        "--engine",
        "all",
    ];
    told.extend(more);
    bench.run(&told).with_status(0);
    assert!(bench.litter().is_empty(), "{:?}", bench.litter());
    bench.cells()
}

#[test]
fn awkward_contents_work_or_say_why_not() {
    let binary: Vec<u8> = (0..60_000u32)
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect();
    let cases: [(&str, Vec<u8>); 6] = [
        ("empty", Vec::new()),
        ("one-byte", b"x".to_vec()),
        ("no-newline", b"abc 123 ".repeat(5_000)),
        ("only-newlines", b"\n".repeat(5_000)),
        ("binary", binary),
        ("not-utf8", b"caf\xe9 42\n".repeat(5_000)),
    ];
    for (name, content) in cases {
        let bench = Bench::new();
        let path = bench.file(name, &content);
        for cell in measured(&bench, &path, &["--process", "steady"]) {
            let outcome = cell["outcome"].as_str().unwrap();
            let reason = cell["reason"].as_str().unwrap_or_default();
            let explained =
                outcome == "measured" || (outcome == "unsupported" && !reason.is_empty());
            assert!(explained || outcome == "unverified", "{name}: {cell}");
        }
        assert_eq!(fs::read(&path).unwrap(), content, "{name} was changed");
    }
}

#[test]
fn a_sparse_file_is_read_as_zeros() {
    let bench = Bench::new();
    let path = bench.path("sparse");
    File::create(&path).unwrap().set_len(3_000_000).unwrap();
    let told = ["--file", path.to_str().unwrap(), "--workload", "whole_file"];
    bench.run(&told).with_status(0);
    for cell in bench.cells() {
        assert!(cell["outcome"] != "failed", "{cell}");
    }
}

#[test]
fn a_needle_and_a_pattern_of_ones_own() {
    let bench = Bench::new();
    let mut log = String::new();
    for line in 0..5_000 {
        let word = if line % 50 == 7 {
            "ERROR timeout=300"
        } else {
            "info"
        };
        log.push_str(&format!("2026-01-01 {line} {word} done\n"));
    }
    let path = bench.file("access.log", log.as_bytes());
    let told = [
        "--needle",
        "ERROR",
        "--pattern",
        r"timeout=\d+",
        "--process",
        "steady",
    ];
    let cells = measured(&bench, &path, &told);
    let answer = |workload: &str| {
        let cell = cells.iter().find(|cell| {
            cell["workload"] == workload
                && cell["engine"] == "mmap"
                && cell["outcome"] == "measured"
        });
        cell.map(|cell| cell["measured"]["answer"].as_str().unwrap().to_owned())
    };
    let first = log.find("ERROR").unwrap();
    let last = log.rfind("ERROR").unwrap();
    assert_eq!(answer("find_first"), Some(format!("offset {first}")));
    assert_eq!(answer("rfind_last"), Some(format!("offset {last}")));
    assert_eq!(answer("regex_scan"), Some("count 100".to_owned()));
    assert_eq!(answer("replace"), Some("count 100".to_owned()));
    assert_eq!(answer("find_absent"), Some("absent".to_owned()));
    let notes = bench.record()["questions"].to_string();
    assert!(notes.contains("ERROR"), "{notes}");
    assert_eq!(fs::read_to_string(&path).unwrap(), log);
}

/// A word that is not there leaves `replace` nothing to do, and a text longer than the file leaves every search so.
#[test]
fn what_has_nothing_to_do_is_shown_and_ranks_nobody() {
    let bench = Bench::new();
    let path = bench.file("plain.txt", &b"one two three\n".repeat(3_000));
    let told = |needle: &str| {
        let workloads = "replace,find_first,regex_scan";
        let told = ["--file", path.to_str().unwrap(), "--workload", workloads];
        let rest = [
            "--engine",
            "mmap",
            "--process",
            "steady",
            "--pattern",
            "[0-9]",
        ];
        let _ = fs::remove_dir_all(bench.out());
        let ended = bench.run(&[&told[..], &rest, &["--needle", needle]].concat());
        ended.with_status(0)
    };
    let word = |workload: &str| {
        let mut cells = bench.cells().into_iter();
        let cell = cells.find(|cell| cell["workload"] == workload && cell["engine"] == "mmap");
        let cell = cell.unwrap();
        let verdict = cell["measured"]["verdict"].as_str().unwrap().to_owned();
        (verdict, cell["reason"].to_string())
    };
    let ended = told("absent");
    let warning = "warning: `absent` is not in ";
    assert!(ended.stderr.contains(warning), "{}", ended.stderr);
    let (verdict, reason) = word("replace");
    assert_eq!(verdict, "unranked");
    assert!(reason.contains("nothing was replaced"), "{reason}");
    for workload in ["find_first", "regex_scan"] {
        assert_ne!(word(workload).0, "unranked", "{workload} is a whole search");
    }
    for remark in [
        "the word is not in this file",
        "ranks no engine",
        "the text is not in this file",
        "the pattern matches nowhere",
    ] {
        let text = ended.stdout.replace("\n    ", " ");
        assert!(text.contains(remark), "{remark}: {text}");
    }
    let csv = fs::read_to_string(bench.out().join("ratios.csv")).unwrap();
    assert!(csv.contains(",unranked,"), "{csv}");
    assert!(csv.contains(",baseline,"), "{csv}");
    told(&"x".repeat(100_000));
    assert_eq!(word("find_first").0, "unranked");
}

#[test]
fn a_pattern_across_lines_is_left_to_those_who_hold_the_whole_file() {
    let bench = Bench::new();
    let path = bench.file("lines", &b"one\ntwo\n".repeat(2_000));
    let told = ["--file", path.to_str().unwrap(), "--workload", "regex_scan"];
    let rest = [
        "--pattern",
        r"one\ntwo",
        "--engine",
        "mmap,pread",
        "--process",
        "steady",
    ];
    bench.run(&[&told[..], &rest].concat()).with_status(0);
    let cells = bench.cells();
    assert_eq!(outcomes(&cells, "pread"), ["unsupported"]);
    assert!(
        reasons(&cells).contains("across lines"),
        "{}",
        reasons(&cells)
    );
    let mmap = cells.iter().find(|cell| cell["engine"] == "mmap").unwrap();
    assert_eq!(mmap["measured"]["answer"], "count 2000");
}

#[test]
fn what_is_no_file_to_measure_is_refused() {
    let bench = Bench::new();
    let refused = |path: &Path| {
        let ended = bench.run(&[Path::new("--file"), path]).with_status(2);
        let stderr = ended.stderr;
        assert!(
            stderr.contains(path.file_name().unwrap().to_str().unwrap()),
            "{stderr}"
        );
        assert!(!bench.out().exists());
        stderr
    };
    let directory = bench.path("directory");
    fs::create_dir(&directory).unwrap();
    assert!(refused(&directory).contains("is a directory"));
    assert!(refused(&bench.path("missing")).contains("cannot look at"));
    #[cfg(unix)]
    {
        let socket = bench.path("socket");
        let _open = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        assert!(refused(&socket).contains("is a socket"));
        assert!(refused(Path::new("/dev/null")).contains("is a device"));
        let pipe = bench.path("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        if made.is_ok_and(|status| status.success()) {
            assert!(refused(&pipe).contains("is a pipe"));
        } else {
            skipped("mkfifo not found");
        }
    }
    if Path::new("/proc/version").exists() {
        assert!(refused(Path::new("/proc/version")).contains("measure a copy"));
    }
    let huge = bench.path("huge");
    File::create(&huge).unwrap().set_len(1 << 42).unwrap();
    assert!(refused(&huge).contains("memory has room for"));
}

/// What `mapmark` says within a control group that may have so many bytes.
#[cfg(target_os = "linux")]
fn within(
    limit: &mapmark::sys::MemoryLimit,
    command: &std::process::Command,
) -> Result<std::process::Output, String> {
    use std::io::Write;
    use std::process::{Command, Stdio};

    // It waits until it was admitted.
    let mut shell = Command::new("sh")
        .args(["-c", "read -r line && exec \"$0\" \"$@\""])
        .arg(command.get_program())
        .args(command.get_args())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let admitted = limit.admit(shell.id());
    if admitted.is_ok() {
        shell.stdin.take().unwrap().write_all(b"go\n").unwrap();
    }
    drop(shell.stdin.take());
    let output = shell.wait_with_output().unwrap();
    admitted.map(|()| output)
}

#[cfg(target_os = "linux")]
#[test]
fn the_limit_of_the_own_control_group_bounds_what_fits() {
    const LIMIT: u64 = 256 << 20;
    let bench = Bench::new();
    let large = bench.path("large");
    File::create(&large).unwrap().set_len(299_000_000).unwrap();
    let limit = match mapmark::sys::MemoryLimit::new(LIMIT) {
        Ok(limit) => limit,
        Err(reason) => return skipped(&reason),
    };
    let file = [Path::new("--file"), large.as_path()];
    let size = [Path::new("--size"), Path::new("299MB")];
    for (told, option) in [(file, "large"), (size, "--size 299MB")] {
        let ended = match within(&limit, &bench.command(&told)) {
            Ok(output) => Ended::of(output).with_status(2),
            Err(reason) => return skipped(&reason),
        };
        for said in [option, "limited to 256MiB by /", "raise that"] {
            assert!(ended.stderr.contains(said), "{said}: {}", ended.stderr);
        }
    }
    let mut env = std::process::Command::new(env!("CARGO_BIN_EXE_mapmark"));
    env.args(["env", "--json"]);
    let told = within(&limit, &env).unwrap().stdout;
    let machine = serde_json::from_slice::<serde_json::Value>(&told).unwrap()["machine"].clone();
    assert_eq!(machine["memory_limit_bytes"], LIMIT);
    assert!(
        machine["available_bytes"].as_u64() <= Some(LIMIT),
        "{machine}"
    );
    // What does fit is measured, and the limit is in the record.
    let small = ["--size", "100kB", "--workload", "whole_file"];
    Ended::of(within(&limit, &bench.command(&small)).unwrap()).with_status(0);
    assert_eq!(bench.record()["machine"]["memory_limit_bytes"], LIMIT);
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_of_another_user_is_measured_warm_and_cold() {
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::process::CommandExt;
    use std::process::Command;

    const NOBODY: u32 = 65_534;
    let permit = |path: &Path, mode| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    };
    // Once as another user, and once as one who is root in a name space of their own.
    for wrapper in [&[][..], &["unshare", "--user", "--map-root-user"]] {
        let bench = Bench::new();
        permit(&bench.path(""), 0o777);
        let path = bench.file("theirs", &b"some text\n".repeat(10_000));
        permit(&path, 0o644);
        fs::File::open(&path).unwrap().sync_all().unwrap();
        let told = ["--workload", "whole_file", "--cache", "warm,cold"];
        let own = bench.command(&[&["--file", path.to_str().unwrap()], &told[..]].concat());
        let mut words: Vec<_> = wrapper.iter().map(std::ffi::OsString::from).collect();
        words.push(own.get_program().to_owned());
        words.extend(own.get_args().map(ToOwned::to_owned));
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]).uid(NOBODY).gid(NOBODY);
        let output = match command.output() {
            Ok(output) => output,
            Err(error) => return skipped(format!("no other user can run it: {error}")),
        };
        let failure = String::from_utf8_lossy(&output.stderr);
        if failure.starts_with("unshare: ") {
            return skipped(&failure);
        }
        Ended::of(output).with_status(0);
        let cells = bench.cells();
        for cache in ["warm", "cold"] {
            let own = cells.iter().filter(|cell| cell["cache"] == cache);
            let outcomes: Vec<_> = own.map(|cell| &cell["outcome"]).collect();
            assert!(
                !outcomes.is_empty() && outcomes.iter().all(|outcome| *outcome == "measured"),
                "{wrapper:?}, {cache}: {}",
                reasons(&cells)
            );
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn holes_are_remarked_and_fetch_nothing() {
    let bench = Bench::new();
    let path = bench.file("sparse.bin", &[7; 100_000]);
    File::options()
        .write(true)
        .open(&path)
        .and_then(|file| file.set_len(10_000_000))
        .unwrap();
    if mapmark::sys::hole_bytes(&path).unwrap() == 0 {
        return skipped("this file system does not tell of holes");
    }
    let told = ["--workload", "whole_file", "--cache", "cold"];
    let ended = bench.run(&[&["--file", path.to_str().unwrap()], &told[..]].concat());
    let notes = bench.record()["notes"].to_string();
    for text in [&notes, &ended.stdout] {
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains("are holes"), "{text}");
        assert!(text.contains("sparse=never"), "{text}");
    }
}

#[cfg(unix)]
#[test]
fn a_file_that_may_not_be_read_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let bench = Bench::new();
    let path = bench.file("secret", b"secret");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
    if fs::read(&path).is_ok() {
        return skipped("this user may read everything");
    }
    let ended = bench
        .run(&[Path::new("--file"), path.as_path()])
        .with_status(2);
    assert!(ended.stderr.contains("cannot read"), "{}", ended.stderr);
}

#[test]
fn a_bad_question_is_refused() {
    let bench = Bench::new();
    let path = bench.file("text", b"some text\n");
    for (option, value, word) in [
        ("--pattern", "(", "pattern `(`"),
        ("--needle", "", "--needle is empty"),
    ] {
        let told = ["--file", path.to_str().unwrap(), option, value];
        let ended = bench.run(&told).with_status(2);
        assert!(ended.stderr.contains(word), "{}", ended.stderr);
    }
}
