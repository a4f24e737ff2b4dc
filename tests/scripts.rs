//! The scripts that build: they take what cargo built, wherever it put it, and no failure of theirs is status 1, which
//! means that something became slower.

#![cfg(unix)]
// A test fails by panicking.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// A tree with the scripts, a git history, and a cargo that puts into `elsewhere/` a program that says how it was built
/// and its arguments, has the build that it is run against do so too, and ends with `$ENDS` where that is set.
struct Tree(TempDir);

const CARGO: &str = r#"#!/bin/sh
case "$*" in *--message-format=json*) ;; *) echo "asked for no messages: $*" >&2; exit 9 ;; esac
[ ! -e broken ] && [ -z "$BROKEN" ] || exit 101
target=${CARGO_TARGET_DIR:-$PWD/elsewhere}
name=mapmark
while [ $# -gt 0 ]; do case $1 in --bin | --bench) name=$2 ;; esac; shift; done
mkdir -p "$target/some-target/release"
built=$target/some-target/release/$name
cat >"$built" <<END
#!/bin/sh
echo "$name built in $PWD with '$RUSTFLAGS': \$*"
[ "\$2" != --against ] || "\$3" base
[ "\$1" = env ] || exit \${ENDS:-0}
END
chmod +x "$built"
escaped=$(printf %s "$built" | sed 's/[\\"]/\\&/g')
artifact() { printf '%s\n' '{"reason":"compiler-artifact","target":{"name":"'"$name"'"},"executable":'"$1"',"fresh":false}'; }
artifact null
artifact '"'"$escaped"'"'
echo '{"reason":"build-finished","success":true}'
"#;

fn project(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn program(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

impl Tree {
    fn new() -> Self {
        let tree = Self(tempfile::tempdir().unwrap());
        program(&tree.path("bin/cargo"), CARGO);
        program(&tree.path("bin/rustc"), "#!/bin/sh\necho rustc 1.0\n");
        // What somebody built once, and is no longer what stands here.
        let stale = "#!/bin/sh\necho stale\n";
        program(&tree.path("project/target/release/mapmark"), stale);
        for entry in fs::read_dir(project("scripts")).unwrap() {
            let from = entry.unwrap().path();
            if from.is_file() {
                let to = tree.path("project/scripts").join(from.file_name().unwrap());
                program(&to, &fs::read_to_string(&from).unwrap());
            }
        }
        let made = tree.call(
            "git init --quiet && git add scripts && \
             git -c user.name=a -c user.email=b commit --quiet --message base",
        );
        assert!(made.status.success(), "{made:?}");
        tree
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn call(&self, line: &str) -> Output {
        let path = std::env::var("PATH").unwrap();
        let mut command = Command::new("bash");
        command
            .args(["-c", line])
            .current_dir(self.path("project"))
            .env("PATH", format!("{}:{path}", self.path("bin").display()))
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_SYSTEM", "/dev/null")
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env_remove("CARGO_TARGET_DIR")
            .env_remove("RUSTFLAGS")
            .env_remove("MAPMARK_OUT");
        command.output().unwrap()
    }

    fn said(&self, line: &str, status: i32) -> String {
        let output = self.call(line);
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8(said).unwrap();
        assert_eq!(output.status.code(), Some(status), "{line}: {said}");
        assert!(!said.contains("stale"), "{line}: {said}");
        said
    }
}

#[test]
fn what_cargo_built_is_taken_wherever_it_is() {
    let tree = Tree::new();
    let said = tree.said("scripts/build", 0);
    assert!(
        said.ends_with("/project/elsewhere/some-target/release/mapmark\n"),
        "{said}"
    );
    let said = tree.said("scripts/compare-builds HEAD -- --quick", 0);
    assert!(said.contains("/project with '': run --against "), "{said}");
    assert!(said.contains(" --quick"), "{said}");
}

#[test]
fn what_does_not_build_is_no_regression() {
    let tree = Tree::new();
    fs::write(tree.path("project/broken"), "").unwrap();
    for line in [
        "scripts/build",
        "scripts/compare-builds HEAD",
        "scripts/reproduce name",
    ] {
        assert!(tree.said(line, 2).contains("does not build"), "{line}");
    }
    assert!(
        tree.said("scripts/build no/such/tree", 2)
            .contains("no such tree")
    );
    assert!(
        tree.said("scripts/compare-builds no-such", 2)
            .contains("no such revision")
    );
    assert!(!tree.path("project/results/machines/name").exists());
}

#[test]
fn what_fails_on_the_way_is_status_3() {
    let tree = Tree::new();
    // A file where a directory has to be.
    fs::create_dir_all(tree.path("project/target/mapmark")).unwrap();
    fs::write(tree.path("project/target/mapmark/builds"), "").unwrap();
    let said = tree.said("scripts/compare-builds HEAD", 3);
    assert!(said.contains("compare-builds, line "), "{said}");
    fs::write(tree.path("project/results"), "").unwrap();
    let said = tree.said("scripts/reproduce name", 3);
    assert!(said.contains("reproduce, line "), "{said}");
}

#[test]
fn a_path_is_told_as_it_is_whatever_json_makes_of_it() {
    let tree = Tree::new();
    let said = tree.said(
        r#"export CARGO_TARGET_DIR="$PWD/a \"b\\c é"; "$(scripts/build . bench:suite)" --bench"#,
        0,
    );
    assert!(said.starts_with("suite built in "), "{said}");
    assert!(said.ends_with(": --bench\n"), "{said}");
}

#[test]
fn a_base_that_was_built_otherwise_is_built_again() {
    let tree = Tree::new();
    let bases = |line: &str| {
        let said = tree.said(line, 0);
        let built = said.matches("building HEAD").count();
        let base = said.lines().find(|line| line.ends_with(": base")).unwrap();
        (built, base.contains("with '-g'"))
    };
    assert_eq!(bases("scripts/compare-builds HEAD"), (1, false));
    assert_eq!(bases("scripts/compare-builds HEAD"), (0, false));
    let other = "RUSTFLAGS=-g scripts/compare-builds HEAD";
    assert_eq!(bases(other), (1, true));
    fs::create_dir(tree.path("project/.cargo")).unwrap();
    let config = tree.path("project/.cargo/config.toml");
    fs::write(config, "[build]\nrustflags = []\n").unwrap();
    assert_eq!(bases("scripts/compare-builds HEAD"), (1, false));
}

#[test]
fn what_interrupts_is_told_and_what_fails_keeps_nothing() {
    let tree = Tree::new();
    for (ends, status) in [(130, 130), (143, 143), (1, 3), (2, 3)] {
        tree.said(&format!("ENDS={ends} scripts/reproduce name"), status);
        assert!(!tree.path("project/results/machines").exists());
        let left = fs::read_dir(tree.path("project/results/runs")).unwrap();
        assert_eq!(left.count(), 0, "{ends}");
    }
}

/// Whether there is a Python; says so where not.
fn python() -> bool {
    let found = Command::new("python3").arg("--version").output().is_ok();
    if !found {
        common::skipped("python3 not found");
    }
    found
}

#[test]
fn no_failure_of_a_script_in_python_is_a_regression() {
    if !python() {
        return;
    }
    let tree = Tree::new();
    let lines = [
        "scripts/planted-slowdown --tries 1",
        "scripts/replicate-runs --runs 1",
        "scripts/compare-pairs .",
        "scripts/pictures record",
        "scripts/compare-harnesses 1 1",
    ];
    fs::create_dir(tree.path("project/scripts/harnesses")).unwrap();
    for line in lines {
        let said = tree.said(&format!("BROKEN=1 {line}"), 2);
        assert!(said.contains("does not build"), "{line}: {said}");
    }
    for line in [
        "scripts/planted-slowdown --tries 1", // the file that it patches is not there
        "ENDS=1 scripts/replicate-runs --runs 1",
        "scripts/compare-pairs no-such-directory",
        "ENDS=1 scripts/pictures record",
    ] {
        tree.said(line, 3);
    }
    tree.said("scripts/compare-pairs . --program no-such-program", 2);
    tree.said("scripts/pictures", 2);
}

#[test]
fn answers_are_checked_on_the_fixtures_that_were_measured() {
    if !python() {
        return;
    }
    let tree = Tree::new();
    let fixtures = tree.path("project/moved/mapmark/fixtures");
    fs::create_dir_all(&fixtures).unwrap();
    fs::write(fixtures.join("f.txt"), "abc").unwrap();
    fs::write(fixtures.join("f.txt.manifest.json"), r#"{"needles":[]}"#).unwrap();
    let run = r#"{"machine":{"page_bytes":4096},"cells":[{"outcome":"measured","workload":"open_only",
        "fixture":"f","engine":"read","measured":{"answer":"count 3"}}]}"#;
    fs::write(tree.path("project/run.json"), run).unwrap();
    let said = tree.said("CARGO_TARGET_DIR=moved scripts/check-answers .", 0);
    assert!(said.contains("1 answers checked, 0 wrong"), "{said}");
}

#[test]
fn nothing_guesses_where_cargo_builds() {
    let mut texts = vec![
        project(".ci/run"),
        project("README.md"),
        project("CONTRIBUTING.md"),
    ];
    texts.push(project("METHODOLOGY.md"));
    for place in [
        "scripts",
        "scripts/experiments",
        ".github/workflows",
        "docs",
    ] {
        let entries = fs::read_dir(project(place)).unwrap();
        texts.extend(entries.map(|entry| entry.unwrap().path()));
    }
    for path in texts.iter().filter(|path| path.is_file()) {
        let text = String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned();
        let guesses = ["target/release", "target/debug"];
        let guessed = guesses.iter().find(|guess| text.contains(**guess));
        assert_eq!(guessed, None, "{}", path.display());
    }
}
