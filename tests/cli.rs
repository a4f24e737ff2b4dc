//! The command as it is typed: what it prints and how it ends.

// A test fails by panicking.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::fs;
use std::path::Path;

use assert_cmd::Command;

fn mapmark() -> Command {
    Command::new(env!("CARGO_BIN_EXE_mapmark"))
}

fn stdout(arguments: &[&str]) -> String {
    let output = mapmark().args(arguments).assert().success();
    String::from_utf8(output.get_output().stdout.clone()).unwrap()
}

/// The message of a command that ends with status 2.
fn refused(arguments: &[&str]) -> String {
    let output = mapmark().args(arguments).assert().code(2);
    assert!(output.get_output().stdout.is_empty());
    String::from_utf8(output.get_output().stderr.clone()).unwrap()
}

#[test]
fn list_shows_what_exists() {
    let text = stdout(&["list"]);
    for word in [
        "whole_file",
        "open_only",
        "(control)",
        "mmap_populate",
        "find_first/mmap/14.4MB",
    ] {
        assert!(text.contains(word), "{word} is missing in:\n{text}");
    }
    // The plan of `mapmark run`, whose defaults it shares.
    assert!(text.contains("52 cells in 26 contests"), "{text}");
    let more = stdout(&["list", "--workload", "rfind_last", "--engine", "all"]);
    assert!(more.contains("rfind_last/buf_reader/2MB  unsupported: a stream runs forwards"));
    let state = [
        "--cache",
        "cold",
        "--process",
        "steady",
        "--scope",
        "per_call,kept_open",
    ];
    let cold = stdout(&[&["list", "--workload", "whole_file"], &state[..]].concat());
    assert!(
        cold.contains("whole_file/mmap/2MB/cold/kept_open  unsupported: "),
        "{cold}"
    );
}

#[test]
fn list_follows_the_selection() {
    let text = stdout(&[
        "list",
        "--json",
        "--workload",
        "rfind_last,find_first",
        "--engine",
        "mmap",
        "--size",
        "4KiB",
        "--process",
        "steady",
    ]);
    let told: serde_json::Value = serde_json::from_str(&text).unwrap();
    let ids: Vec<&str> = told["cells"]
        .as_array()
        .unwrap()
        .iter()
        .map(|cell| cell["id"].as_str().unwrap())
        .collect();
    assert_eq!(
        ids,
        [
            "find_first/read/4KiB",
            "find_first/mmap/4KiB",
            "rfind_last/read/4KiB",
            "rfind_last/mmap/4KiB"
        ]
    );
    assert!(told["engines"].as_array().unwrap().len() >= 11);
    assert!(told["workloads"].as_array().unwrap().len() >= 14);
}

#[test]
fn unknown_words_are_refused_with_the_nearest() {
    let error = refused(&["list", "--engine", "mmpa"]);
    assert!(
        error.contains("unknown engine `mmpa`; did you mean `mmap`"),
        "{error}"
    );
    let error = refused(&["list", "--workload", "find_frist"]);
    assert!(
        error.contains("`find_frist`") && error.contains("`find_first`"),
        "{error}"
    );
    let error = refused(&["list", "--size", "2MX"]);
    assert!(error.contains("`2MX`"), "{error}");
    let error = refused(&["list", "--baseline", "nothing"]);
    assert!(error.contains("unknown engine `nothing`"), "{error}");
    refused(&["lits"]);
    refused(&[]);
}

#[test]
fn report_makes_every_table_from_the_record() {
    let record = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/records/v1/run.json");
    let table = stdout(&["report", record]);
    assert!(table.contains("rfind_absent · text-2MB"), "{table}");
    assert!(!table.contains('\u{1b}'), "colour where nobody sees it");
    assert!(stdout(&["report", record, "--format", "md"]).contains("| mmap |"));
    let csv = stdout(&["report", record, "--format", "csv"]);
    assert!(csv.starts_with("workload,fixture,bytes,cache,process,scope,engine,baseline,outcome,"));
    let json = stdout(&["report", record, "--format", "json"]);
    let told: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(told["schema"], "mapmark.run.v1");
}

#[test]
fn report_writes_files_and_finds_the_latest_run() {
    let directory = tempfile::tempdir().unwrap();
    let runs = directory.path().join("results/runs");
    for name in [
        "2026-01-01T00-00-00Z-criterion",
        "2026-02-01T00-00-00Z-criterion",
    ] {
        fs::create_dir_all(runs.join(name)).unwrap();
    }
    let record = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/records/v1/run.json"));
    // The latest directory that holds a run: the February one has none yet.
    fs::write(
        runs.join("2026-01-01T00-00-00Z-criterion/run.json"),
        record.unwrap(),
    )
    .unwrap();
    mapmark()
        .current_dir(directory.path())
        .args(["report", "latest", "--output", "table.txt"])
        .assert()
        .success()
        .stdout("");
    let table = fs::read_to_string(directory.path().join("table.txt")).unwrap();
    assert!(table.contains("speed-up"), "{table}");
}

#[test]
fn a_report_never_replaces_what_was_measured() {
    let directory = tempfile::tempdir().unwrap();
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/records/v1");
    let path = |name: &str| directory.path().join(name).to_str().unwrap().to_owned();
    for run in ["run", "other"] {
        fs::create_dir(path(run)).unwrap();
        for file in ["run.json", "rounds.csv"] {
            fs::copy(kept.join(file), directory.path().join(run).join(file)).unwrap();
        }
    }
    fs::hard_link(path("run/run.json"), path("hard.json")).unwrap();
    let mut outputs = vec![
        path("run/run.json"),
        path("run/rounds.csv"),
        path("run/../run/run.json"),
        path("other/run.json"),
        path("other/rounds.csv"),
        path("hard.json"),
    ];
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("run/rounds.csv", path("soft.csv")).unwrap();
        outputs.push(path("soft.csv"));
    }
    for option in ["--output", "--splice"] {
        for output in &outputs {
            let before = fs::read(output).unwrap();
            let error = refused(&["report", &path("run"), option, output]);
            assert!(error.contains("holds what was measured"), "{error}");
            assert_eq!(fs::read(output).unwrap(), before, "{output}");
        }
    }
    // A copy of the record is nothing that cannot be had again.
    for _ in 0..2 {
        let copy = path("copy.json");
        stdout(&[
            "report",
            &path("run"),
            "--format",
            "json",
            "--output",
            &copy,
        ]);
    }
}

#[cfg(unix)]
#[test]
fn a_report_goes_through_a_link_and_into_a_device_but_makes_nothing_among_devices() {
    let directory = tempfile::tempdir().unwrap();
    let (page, link) = (
        directory.path().join("page.md"),
        directory.path().join("link.md"),
    );
    fs::write(&page, "before").unwrap();
    std::os::unix::fs::symlink("page.md", &link).unwrap();
    let write = |output: &str| {
        let report = [
            "report",
            "tests/records/v1",
            "--format",
            "md",
            "--output",
            output,
        ];
        mapmark().args(report).assert().success();
    };
    write(link.to_str().unwrap());
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert!(fs::read_to_string(&page).unwrap().contains("speed-up"));
    write("/dev/null");
    let error = refused(&["report", "tests/records/v1", "--output", "/dev/page.md"]);
    assert!(error.contains("below /dev"), "{error}");
    assert!(!Path::new("/dev/page.md").exists());
}

#[test]
fn pictures_are_drawn_again_without_the_page() {
    let directory = tempfile::tempdir().unwrap();
    let record = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/records/v1");
    let record = record.to_str().unwrap();
    mapmark()
        .current_dir(directory.path())
        .args(["report", record, "--charts", "some/pictures"])
        .assert()
        .success()
        .stdout("");
    let drawn = fs::read_dir(directory.path().join("some/pictures")).unwrap();
    let names: Vec<String> = drawn
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert!(
        names.iter().any(|name| name == "speedup-replace.svg"),
        "{names:?}"
    );
    assert!(names.iter().all(|name| name.ends_with(".svg")), "{names:?}");
    refused(&["report", record, "--charts", "pictures", "--format", "md"]);
    let file = directory.path().join("file");
    fs::write(&file, "").unwrap();
    let file = file.to_str().unwrap();
    let error = refused(&["report", record, "--charts", file]);
    assert!(error.contains(file), "{error}");
}

#[test]
fn the_page_over_all_machines_is_not_stale() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let told = mapmark()
        .current_dir(root)
        .args(["report", "--machines"])
        .assert()
        .success();
    let page = String::from_utf8(told.get_output().stdout.clone()).unwrap();
    let kept = fs::read_to_string(root.join("results/README.md")).unwrap();
    assert_eq!(
        kept, page,
        "make it again: mapmark report --machines --output results/README.md"
    );
}

#[test]
fn machines_are_rows_of_one_page() {
    let directory = tempfile::tempdir().unwrap();
    let machine = directory.path().join("results/machines/old-box");
    fs::create_dir_all(&machine).unwrap();
    let record = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/records/v1/run.json");
    fs::copy(record, machine.join("run.json")).unwrap();
    let told = mapmark()
        .current_dir(directory.path())
        .args(["report", "--machines"])
        .assert()
        .success();
    let page = String::from_utf8(told.get_output().stdout.clone()).unwrap();
    assert!(page.contains("| old-box |"), "{page}");
    assert!(page.contains("## mmap against read"), "{page}");
    refused(&["report", "--machines", "latest"]);
    refused(&["report"]);
}

#[test]
fn bad_records_are_refused_with_their_path() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("run.json");
    let path = file.to_str().unwrap();
    for (content, word) in [
        ("", "is no record"),
        ("{}", "is no record"),
        ("[1, 2", "is no record"),
        (
            r#"{"schema": "mapmark.run.v9"}"#,
            "`mapmark.run.v9`, and this program reads `mapmark.run.v1`",
        ),
        (r#"{"schema": "mapmark.run.v1"}"#, "is damaged"),
    ] {
        fs::write(&file, content).unwrap();
        let error = refused(&["report", path]);
        assert!(
            error.contains(word) && error.contains(path),
            "{content}: {error}"
        );
    }
    fs::write(&file, b"\xff\xfe").unwrap();
    assert!(refused(&["report", path]).contains(path));
    let missing = directory.path().join("missing");
    let error = refused(&["report", missing.to_str().unwrap()]);
    assert!(error.contains("cannot find the run"), "{error}");
    let empty = mapmark()
        .current_dir(directory.path())
        .args(["report", "latest"])
        .assert()
        .code(2);
    let error = String::from_utf8(empty.get_output().stderr.clone()).unwrap();
    assert!(error.contains("results/runs"), "{error}");
}

#[test]
fn a_record_with_impossible_figures_is_refused() {
    let record = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/records/v1/run.json");
    let sound = fs::read_to_string(record).unwrap();
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("run.json");
    let mut damaged: serde_json::Value = serde_json::from_str(&sound).unwrap();
    let cell = damaged["cells"]
        .as_array_mut()
        .unwrap()
        .iter_mut()
        .find(|cell| cell["outcome"] == "measured")
        .unwrap();
    cell["measured"]["speedup"] = serde_json::json!(-1.0);
    fs::write(&file, damaged.to_string()).unwrap();
    let error = refused(&["report", file.to_str().unwrap()]);
    assert!(error.contains("has a speedup of -1"), "{error}");
}

#[test]
fn env_tells_the_machine_and_no_names() {
    let text = stdout(&["env"]);
    for word in [
        "machine",
        "cpu model",
        "build",
        "clock",
        "resolution now",
        "selfcheck",
        "doubts",
    ] {
        assert!(text.contains(word), "{word} is missing in:\n{text}");
    }
    let told: serde_json::Value = serde_json::from_str(&stdout(&["env", "--json"])).unwrap();
    assert!(told["machine"]["cpus"].as_u64() >= Some(1));
    assert!(told["doubts"].is_array());
    assert!(told["machine"]["allocator_settings"].is_string());
    assert!(told["resolution"]["half_width_percent"].as_f64() > Some(0.0));
    let missing = stdout(&["env", "--directory", "/no/such/directory"]);
    assert!(missing.contains("unknown"), "{missing}");
}

#[test]
fn report_makes_a_page_that_stands_alone() {
    let record = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/records/v1");
    let html = stdout(&["report", record, "--format", "html"]);
    assert!(html.contains("<!DOCTYPE html>") && html.trim_end().ends_with("</html>"));
    assert!(
        html.contains("rounds in order of time"),
        "no picture of rounds"
    );
    let directory = tempfile::tempdir().unwrap();
    mapmark()
        .current_dir(directory.path())
        .args([
            "report",
            record,
            "--format",
            "html",
            "--output",
            "page.html",
        ])
        .assert()
        .success()
        .stdout("");
    assert_eq!(
        fs::read_to_string(directory.path().join("page.html")).unwrap(),
        html
    );
}

#[test]
fn report_splices_its_table_between_marks() {
    let record = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/records/v1");
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("README.md");
    let path = file.to_str().unwrap();
    let marked = |inside: &str| {
        format!("# mine\n<!-- mapmark:begin -->\n{inside}<!-- mapmark:end -->\nafter\n")
    };
    fs::write(&file, marked("old\n")).unwrap();
    assert_eq!(stdout(&["report", record, "--splice", path]), "");
    let table = stdout(&["report", record, "--format", "md"]);
    let spliced = fs::read_to_string(&file).unwrap();
    assert_eq!(spliced, marked(&format!("\n{}\n\n", table.trim())));
    stdout(&["report", record, "--splice", path]);
    assert_eq!(fs::read_to_string(&file).unwrap(), spliced);

    fs::write(&file, "# mine\n").unwrap();
    let error = refused(&["report", record, "--splice", path]);
    assert!(
        error.contains("README.md: has no line `<!-- mapmark:begin -->`"),
        "{error}"
    );
    assert_eq!(fs::read_to_string(&file).unwrap(), "# mine\n");
    refused(&["report", record, "--splice", path, "--format", "md"]);
    refused(&["report", record, "--splice", "/no/such/file"]);
}

/// Every format for people on a terminal whose characters are not UTF-8; records are UTF-8 everywhere.
#[test]
fn a_terminal_without_utf8_gets_ascii() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let machine = root.join("results/machines/epyc-vm-2cpu");
    let in_locale = |locale: &str, arguments: &[&str]| {
        let mut command = mapmark();
        command.args(arguments).env("LC_ALL", locale);
        let output = command.output().unwrap();
        String::from_utf8([output.stdout, output.stderr].concat()).unwrap()
    };
    let record = |name: &str| machine.join(name).to_str().unwrap().to_owned();
    let kept = root
        .join("tests/records/v1/run.json")
        .to_str()
        .unwrap()
        .to_owned();
    for arguments in [
        &["report", &record("run.json")][..],
        &["report", &record("sweep.json")],
        &["report", &record("claim.json")],
        &["compare", &kept, &kept],
        &["compare", &kept, &kept, "--metric", "time"],
        &["list"],
        &["env"],
        &["run", "--help"],
        &["help"],
        &["run", "--size", "none"],
    ] {
        let plain = in_locale("C", arguments);
        assert!(plain.is_ascii(), "{arguments:?}: {plain}");
    }
    let range = in_locale("C", &["report", &record("run.json")]);
    assert!(range.contains("0.469 ~ 0.493"), "{range}");
    let signs = in_locale("C.UTF-8", &["report", &record("run.json")]);
    assert!(signs.contains("0.469 … 0.493"), "{signs}");
    let markdown = ["report", &record("run.json"), "--format", "md"];
    assert_eq!(in_locale("C", &markdown), in_locale("C.UTF-8", &markdown));
}

#[test]
fn a_place_that_cannot_be_written_names_the_option_that_moves_it() {
    let place = tempfile::tempdir().unwrap();
    // A file where a directory has to be refuses everybody, root too.
    let file = place.path().join("file");
    fs::write(&file, "").unwrap();
    let below = file.join("below");
    let below = below.to_str().unwrap();
    let fixtures = place.path().join("fixtures");
    let fixtures = fixtures.to_str().unwrap();
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/records/v1/run.json");
    let small = ["--size", "14kB", "--budget", "1s", "--force", "--quiet"];
    let run = |more: &[&str]| refused(&[&["run"], &small[..], more].concat());
    for (message, option) in [
        (run(&["--fixtures", below]), "--fixtures DIR"),
        (run(&["--fixtures", fixtures, "--out", below]), "--out DIR"),
        (
            refused(&[
                "history",
                "add",
                kept.to_str().unwrap(),
                "--directory",
                below,
            ]),
            "--directory DIR",
        ),
    ] {
        assert!(
            message.contains(below) && message.contains(option),
            "{message}"
        );
    }
    // Without an option, the record goes below the current directory.
    fs::write(place.path().join("results"), "").unwrap();
    let mut command = mapmark();
    command.current_dir(place.path()).arg("run").args(small);
    let output = command.args(["--fixtures", fixtures]).assert().code(2);
    let message = String::from_utf8_lossy(&output.get_output().stderr).into_owned();
    assert!(message.contains("--out DIR"), "{message}");
}

/// The end of a pipe that nobody reads.
#[cfg(unix)]
fn unread() -> std::process::Stdio {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    writer.into()
}

#[cfg(unix)]
#[test]
fn a_reader_that_goes_away_changes_neither_the_record_nor_the_status() {
    let place = tempfile::tempdir().unwrap();
    let run = place.path().join("run");
    let path = run.to_str().unwrap();
    let first_look =
        "run --force --quick --budget 1s --workload find_absent --engine mmap --size 64KiB --out";
    let measure: Vec<&str> = first_look.split(' ').chain([path]).collect();
    for line in [
        &measure[..],
        &["report", path],
        &["list"],
        &["env"],
        &["--help"],
    ] {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_mapmark"))
            .args(line)
            .stdout(unread())
            .stderr(std::process::Stdio::piped())
            .output()
            .unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{line:?}: {errors}");
        assert!(!errors.contains("pipe"), "{line:?}: {errors}");
    }
    for name in [
        "run.json",
        "rounds.csv",
        "ratios.csv",
        "ratios.md",
        "report.html",
    ] {
        assert!(fs::metadata(run.join(name)).unwrap().len() > 0, "{name}");
    }
    // Where standard error is gone too, the status is all that is left.
    let status = std::process::Command::new(env!("CARGO_BIN_EXE_mapmark"))
        .args(["report", "no-such-run"])
        .stdout(unread())
        .stderr(unread())
        .status();
    assert_eq!(status.unwrap().code(), Some(2));
}
