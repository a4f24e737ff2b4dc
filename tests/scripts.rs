//! The scripts that build: they take what cargo built, wherever it put it, and no failure of theirs is status 1, which
//! means that something became slower.

#![cfg(unix)]
// A test fails by panicking.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// A tree with the scripts, a git history, and a cargo that puts into `elsewhere/` a program that says its arguments.
struct Tree(TempDir);

const CARGO: &str = r#"#!/bin/sh
case "$*" in *--message-format=json*) ;; *) echo "asked for no messages: $*" >&2; exit 9 ;; esac
[ ! -e broken ] || exit 101
target=${CARGO_TARGET_DIR:-$PWD/elsewhere}
mkdir -p "$target/some-target/release"
built=$target/some-target/release/mapmark
printf '#!/bin/sh\necho "built in %s: $*"\n' "$PWD" >"$built"
chmod +x "$built"
echo '{"reason":"compiler-artifact","target":{"kind":["lib"],"name":"mapmark"},"executable":null,"fresh":false}'
echo '{"reason":"compiler-artifact","target":{"kind":["bin"],"name":"mapmark"},"executable":"'"$built"'","fresh":false}'
echo '{"reason":"build-finished","success":true}'
"#;

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
        for script in ["build", "compare-builds", "reproduce"] {
            let from = Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("scripts")
                .join(script);
            let text = fs::read_to_string(from).unwrap();
            program(&tree.path("project/scripts").join(script), &text);
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
            .env_remove("CARGO_TARGET_DIR")
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
    assert!(said.contains("/project: run --against "), "{said}");
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
