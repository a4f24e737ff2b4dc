//! `data-gen text`: usage, exit codes, and what is left behind.

use super::*;

#[test]
fn a_fixture_and_its_manifest_and_nothing_else_are_made() {
    let (directory, path) = fixture();
    assert_eq!(
        names(directory.path()),
        ["text.txt", "text.txt.manifest.json"]
    );
    assert_eq!(fs::metadata(&path).unwrap().len(), 300_000);
    let manifest = fs::read_to_string(data_gen::manifest_path(&path)).unwrap();
    let json: serde_json::Value = serde_json::from_str(&manifest).unwrap();
    assert_eq!(json["schema"], "data-gen.fixture.v1");
    assert_eq!(json["generator"], "0.1.0");
    assert_eq!(json["bytes"], 300_000);
    assert_eq!(json["line_ending"], "lf");
    assert_eq!(json["alphabet"], "ascii");
    assert_eq!(json["digest"], data_gen::digest_file(&path).unwrap());
    assert_eq!(json["needles"][3]["place"], "absent");
    let report = check(&path).assert().success().get_output().stdout.clone();
    assert!(
        String::from_utf8(report)
            .unwrap()
            .contains("is whole: 300kB")
    );
}

#[test]
fn the_options_are_taken_and_written_down() {
    let (_directory, path) = fixture();
    make("4KiB", &path)
        .args(["--line-ending", "crlf", "--alphabet", "utf8"])
        .assert()
        .success();
    let manifest = data_gen::verify(&path).unwrap();
    assert_eq!(manifest.line_ending, data_gen::LineEnding::Crlf);
    assert_eq!(manifest.alphabet, data_gen::Alphabet::Utf8);
    assert!(fs::read(&path).unwrap().ends_with(b".\r\n"));
}

#[test]
fn bad_usage_is_exit_2_and_says_why() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("text.txt");
    for (size, said) in [
        ("1023", "at least 1KiB"),
        ("0", "at least 1KiB"),
        ("lots", "lots"),
        ("1.5B", "whole number of bytes"),
        ("4XB", "unknown unit"),
    ] {
        let error = fails(make(size, &path), 2);
        assert!(error.contains(said), "{error}");
    }
    for arguments in [
        &["text"][..],
        &["text", "--size", "4KiB"],
        &["what"],
        &["verify"],
        &[],
    ] {
        let mut program = data_gen();
        program.args(arguments);
        assert!(fails(program, 2).contains("Usage"));
    }
    let mut program = make("4KiB", &path);
    program.args(["--alphabet", "latin1"]);
    assert!(fails(program, 2).contains("utf8"));
    assert!(names(directory.path()).is_empty());
}

#[test]
fn what_cannot_be_the_output_is_refused_untouched() {
    let directory = tempfile::tempdir().unwrap();
    assert!(fails(make("4KiB", directory.path()), 2).contains("is not a file"));
    let lost = directory.path().join("no/such/text.txt");
    let error = fails(make("4KiB", &lost), 2);
    assert!(
        error.contains("text.txt") && error.contains("directory"),
        "{error}"
    );
    if Path::new("/dev/null").exists() {
        assert!(fails(make("4KiB", Path::new("/dev/null")), 2).contains("is not a file"));
        assert!(fails(make("4KiB", Path::new("/dev/text.txt")), 2).contains("below /dev"));
    }
    assert!(names(directory.path()).is_empty());
}

#[cfg(unix)]
#[test]
fn an_unwritable_directory_is_exit_1_and_named() {
    use std::os::unix::fs::PermissionsExt;
    let directory = tempfile::tempdir().unwrap();
    fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o555)).unwrap();
    if fs::write(directory.path().join("probe"), "").is_ok() {
        skipped("this user may write to a read-only directory");
        return;
    }
    let error = fails(make("4KiB", &directory.path().join("text.txt")), 1);
    assert!(
        error.contains("text.txt") && error.contains("denied"),
        "{error}"
    );
}

/// A limit on file size stands in for a full disk: it, too, fails in the middle of the text.
#[cfg(unix)]
#[test]
fn a_full_disk_leaves_nothing_and_names_the_bytes_wanted() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("text.txt");
    // The signal that comes with the limit kills nobody: the write fails.
    let script = "ulimit -f 600 || exit 77; exec \"$@\"";
    let mut program = Program::new("sh");
    program.args([
        "-c",
        script,
        "sh",
        env!("CARGO_BIN_EXE_data-gen"),
        "text",
        "--seed",
        "7",
    ]);
    program.args(["--size", "2MB", "--output"]).arg(&path);
    let output = program.output().unwrap();
    if output.status.code() == Some(77) {
        skipped("no limit on file size to be had");
        return;
    }
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{error}");
    assert!(
        error.contains("cannot write 2MB to") && error.contains("text.txt"),
        "{error}"
    );
    assert!(names(directory.path()).is_empty());
}

#[test]
fn a_failing_write_leaves_the_older_fixture_whole() {
    let (directory, path) = fixture();
    fails(make("1B", &path), 2);
    check(&path).assert().success();
    assert_eq!(names(directory.path()).len(), 2);
}

#[test]
fn a_sink_without_room_is_the_system_s_fault() {
    let Ok(full) = fs::File::create("/dev/full") else {
        skipped("no /dev/full");
        return;
    };
    let spec = data_gen::TextSpec::new(data_gen::ByteCount(1_000_000), 7);
    let error = data_gen::write_text(&spec, full).unwrap_err();
    assert!(!error.is_bad_input(), "{error}");
    assert!(
        error.to_string().contains("cannot write the text"),
        "{error}"
    );
}

#[test]
fn what_is_not_a_fixture_is_not_replaced_unless_asked() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("text.txt");
    let manifest = data_gen::manifest_path(&path);
    for (mine, other) in [(&path, &manifest), (&manifest, &path)] {
        for content in ["mine", r#"{"schema": "mine.v1"}"#] {
            fs::write(mine, content).unwrap();
            let error = fails(make("4KiB", &path), 2);
            assert!(error.contains(mine.to_str().unwrap()), "{error}");
            assert!(error.contains("move it"), "{error}");
            assert!(error.contains("--force"), "{error}");
            assert_eq!(fs::read_to_string(mine).unwrap(), content);
            assert!(!other.exists());
        }
        make("4KiB", &path).arg("--force").assert().success();
        check(&path).assert().success();
        // A fixture that is there is replaced, whatever became of it.
        fs::write(&path, "damaged").unwrap();
        make("4KiB", &path).assert().success();
        check(&path).assert().success();
        fs::remove_file(&path).unwrap();
        fs::remove_file(&manifest).unwrap();
    }
    assert!(names(directory.path()).is_empty());
}

#[cfg(unix)]
#[test]
fn a_link_stays_and_what_it_points_to_is_written() {
    let directory = tempfile::tempdir().unwrap();
    let path = |name: &str| directory.path().join(name);
    let link = |name: &str, target: &str| std::os::unix::fs::symlink(target, path(name)).unwrap();
    let is_link = |name: &str| fs::symlink_metadata(path(name)).unwrap().is_symlink();
    fs::create_dir(path("large")).unwrap();
    make("4KiB", &path("text.txt")).assert().success();
    // Moved to another disk, say.
    fs::rename(path("text.txt"), path("large/text.txt")).unwrap();
    link("text.txt", "large/text.txt");
    make("8KiB", &path("text.txt")).assert().success();
    check(&path("text.txt")).assert().success();
    assert!(is_link("text.txt"));
    assert_eq!(fs::metadata(path("large/text.txt")).unwrap().len(), 8192);

    fs::remove_file(path("large/text.txt")).unwrap();
    let error = fails(make("4KiB", &path("text.txt")), 2);
    assert!(error.contains("a symbolic link to nothing"), "{error}");
    assert!(is_link("text.txt"));
    assert_eq!(names(&path("large")), [""; 0]);
}

/// A text that takes long to make, when its file is there.
#[cfg(unix)]
fn being_made(path: &Path) -> Option<std::process::Child> {
    let mut child = Command::new(env!("CARGO_BIN_EXE_data-gen"))
        .args(["text", "--seed", "7", "--size", "2GB", "--output"])
        .arg(path)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    while names(path.parent().unwrap()).is_empty() {
        if child.try_wait().unwrap().is_some() {
            skipped("the text was finished before it could be hit");
            return None;
        }
        std::thread::yield_now();
    }
    Some(child)
}

#[cfg(unix)]
#[test]
fn a_signal_ends_it_as_usual_and_nothing_is_left() {
    use std::os::unix::process::ExitStatusExt;
    for (name, number) in [("INT", 2), ("TERM", 15), ("HUP", 1)] {
        let directory = tempfile::tempdir().unwrap();
        let Some(child) = being_made(&directory.path().join("text.txt")) else {
            return;
        };
        let mut kill = Command::new("kill");
        kill.args(["-s", name, &child.id().to_string()]);
        assert!(kill.status().unwrap().success());
        let output = child.wait_with_output().unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        if output.status.success() {
            skipped("the text was finished before it could be hit");
            return;
        }
        assert_eq!(output.status.signal(), Some(number), "{error}");
        assert!(error.contains("interrupted"), "{error}");
        assert!(error.contains("text.txt"), "{error}");
        assert!(names(directory.path()).is_empty());
    }
}

#[cfg(unix)]
#[test]
fn a_hangup_that_is_ignored_stays_ignored() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("text.txt");
    let script = r#"trap '' HUP; "$@" & kill -s HUP $!; wait $!"#;
    let mut program = Program::new("sh");
    program.args(["-c", script, "sh", env!("CARGO_BIN_EXE_data-gen"), "text"]);
    program.args(["--seed", "7", "--size", "20MB", "--output"]);
    program.arg(&path).assert().success();
}

#[cfg(unix)]
#[test]
fn killed_in_the_middle_nothing_stands_under_the_final_name_and_the_next_sweeps() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("text.txt");
    let Some(mut child) = being_made(&path) else {
        return;
    };
    child.kill().unwrap();
    if child.wait().unwrap().success() {
        skipped("the text was finished before it could be killed");
        return;
    }
    assert!(!path.exists() && !data_gen::manifest_path(&path).exists());
    fails(check(&path), 2);
    assert_eq!(names(directory.path()).len(), 1);
    make("4KiB", &directory.path().join("other.txt"))
        .assert()
        .success();
    assert_eq!(
        names(directory.path()),
        ["other.txt", "other.txt.manifest.json"]
    );
}
