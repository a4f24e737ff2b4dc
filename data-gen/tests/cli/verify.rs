//! `data-gen verify`, and Python's opinion.

use super::*;

#[test]
fn damage_is_exit_2_with_what_differs_and_what_to_do() {
    let (_directory, path) = fixture();
    let whole = fs::read(&path).unwrap();
    let mut changed = whole.clone();
    changed[123_456] ^= 1;
    let grown = [&whole[..], b"more\n"].concat();
    let endless = vec![b'x'; 3_000_000];
    for (bytes, said) in [
        (&changed[..], "the first byte to differ is at offset 123456"),
        (&whole[..1000], "length 1000 where the manifest says 300000"),
        (&grown, "length 300005"),
        (&endless, "line feeds 0"),
        (&[], "length 0"),
    ] {
        fs::write(&path, bytes).unwrap();
        let error = fails(check(&path), 2);
        assert!(error.contains(said), "{error}");
        assert!(
            error.contains("digest") && error.contains("--size 300kB --seed 7"),
            "{error}"
        );
    }
    fs::write(&path, whole).unwrap();
    check(&path).assert().success();
}

#[test]
fn a_manifest_that_lies_is_found_out() {
    let (_directory, path) = fixture();
    let manifest_path = data_gen::manifest_path(&path);
    let truth = fs::read_to_string(&manifest_path).unwrap();
    let json = || serde_json::from_str::<serde_json::Value>(&truth).unwrap();
    type Lie = fn(&mut serde_json::Value);
    let lies: [(Lie, &str); 8] = [
        (|json| json["matches"] = 1.into(), "matches"),
        (|json| json["newlines"] = 1.into(), "line feeds"),
        (
            |json| json["replace"]["occurrences"] = 1.into(),
            "occurrences of",
        ),
        (|json| json["needles"][1]["offset"] = 1.into(), "offset of"),
        (
            |json| json["needles"][3]["needle"] = "the".into(),
            "occurrences of `the`",
        ),
        (|json| json["bytes"] = 3.into(), "length 300000"),
        (|json| json["pattern"] = "(".into(), "does not compile"),
        (|json| json["schema"] = "other".into(), "schema `other`"),
    ];
    for (lie, said) in lies {
        let mut json = json();
        lie(&mut json);
        fs::write(&manifest_path, json.to_string()).unwrap();
        let error = fails(check(&path), 2);
        assert!(error.contains(said), "{error}");
    }
    fs::write(&manifest_path, "{").unwrap();
    assert!(fails(check(&path), 2).contains("is not a manifest"));
}

#[test]
fn a_missing_file_or_manifest_is_exit_2_and_named() {
    let (_directory, path) = fixture();
    fs::remove_file(&path).unwrap();
    assert!(fails(check(&path), 2).contains("text.txt"));
    fs::remove_file(data_gen::manifest_path(&path)).unwrap();
    assert!(fails(check(&path), 2).contains("text.txt.manifest.json"));
}

#[cfg(unix)]
#[test]
fn a_reader_that_leaves_early_is_no_error() {
    let (_directory, path) = fixture();
    let script = "\"$@\"; echo $? >&2";
    let mut program = Program::new("sh");
    program.args([
        "-c",
        &format!("{{ {script}; }} | :"),
        "sh",
        env!("CARGO_BIN_EXE_data-gen"),
    ]);
    let output = program.arg("verify").arg(&path).output().unwrap();
    assert_eq!(String::from_utf8(output.stderr).unwrap().trim(), "0");
}

#[test]
fn python_agrees_with_the_manifest() {
    if Command::new("python3").arg("-V").output().is_err() {
        skipped("python3 not found");
        return;
    }
    let (_directory, path) = fixture();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/check_manifest.py");
    let python = || {
        let mut program = Program::new("python3");
        program.args(["-I", script]).arg(&path);
        program
    };
    for options in [
        ["lf", "ascii"],
        ["lf", "utf8"],
        ["crlf", "ascii"],
        ["crlf", "utf8"],
    ] {
        let [line_ending, alphabet] = options;
        let more = ["--line-ending", line_ending, "--alphabet", alphabet];
        make("1.2MB", &path).args(more).assert().success();
        let output = python().assert().success().get_output().stdout.clone();
        let json: serde_json::Value = serde_json::from_slice(&output).unwrap();
        assert_eq!(json["ok"], true);
    }
    let mut damaged = fs::read(&path).unwrap();
    damaged.truncate(1_000_000);
    fs::write(&path, damaged).unwrap();
    python().assert().failure();
}

#[cfg(unix)]
#[test]
fn a_pipe_in_place_of_either_file_is_refused_and_not_waited_for() {
    let (_directory, path) = fixture();
    let manifest = data_gen::manifest_path(&path);
    for place in [&manifest, &path] {
        let aside = place.with_extension("aside");
        fs::rename(place, &aside).unwrap();
        let made = std::process::Command::new("mkfifo").arg(place).status();
        assert!(made.unwrap().success());
        let error = fails(check(&path), 2);
        assert!(
            error.contains(&place.display().to_string()) && error.contains("a pipe (FIFO)"),
            "{error}"
        );
        fs::rename(&aside, place).unwrap();
    }
    fs::write(&manifest, vec![b' '; 2 << 20]).unwrap();
    let error = fails(check(&path), 2);
    assert!(error.contains("more than 1048576 bytes"), "{error}");
}

#[test]
fn a_report_that_finds_no_room_is_the_system_s_fault() {
    let (_directory, path) = fixture();
    let Ok(full) = fs::File::create("/dev/full") else {
        skipped("no /dev/full");
        return;
    };
    let mut program = Command::new(env!("CARGO_BIN_EXE_data-gen"));
    program.arg("verify").arg(&path).stdout(full);
    let output = program.stderr(Stdio::piped()).output().unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{error}");
    assert!(error.contains("standard output"), "{error}");
}
