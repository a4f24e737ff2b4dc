//! A small stand-in for the service: it clones, runs the lines of a job in Bash, and hands artifacts on.
//!
//! What builds, installs or reaches out is played by a script that does nothing; `mapmark` is the real one, told to
//! measure little; `scripts/compare-builds` builds nothing and measures it beside itself, and `scripts/reproduce` leaves
//! what is published of a machine.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;
use yaml_serde::Value;

use crate::document::{Job, Map, Step, Workflow, project};

/// `mapmark` as the lines call it: what they leave open is as small as can be.
const MAPMARK: &str = r#"#!/usr/bin/env bash
told=" $* "
unless_told() { [[ $told == *" $1 "* ]] || more+=("$@"); }
more=()
case $1 in
run)
    more=(--force --fixtures "$DESK/fixtures")
    unless_told --budget 1s
    unless_told --replicates 2
    [[ $told == *" --file "* ]] || unless_told --size 20kB
    unless_told --workload whole_file
    unless_told --cache warm
    unless_told --process steady
    ;;
esac
exec "$REAL" "$@" "${more[@]}"
"#;

const BUILD: &str = "#!/bin/sh\necho \"$DESK/bin/mapmark\"\n";

const COMPARE_BUILDS: &str = r#"#!/usr/bin/env bash
set -eu
git rev-parse --quiet --verify "$1^{commit}" >/dev/null
mapmark run --against "$REAL" --out "$MAPMARK_OUT" || [ $? -ne 2 ]
exit 4
"#;

const REPRODUCE: &str = r#"#!/usr/bin/env bash
set -eu
mkdir -p "results/machines/$1"
machines=("$PROJECT"/results/machines/*)
cp "${machines[0]}"/* "results/machines/$1/"
"#;

const NOTHING: &str = "#!/bin/sh\n";

/// What it says is noted, with the page that it is given.
const GH: &str = r#"#!/usr/bin/env bash
set -eu
[ -s comparison.md ] && echo "$*" >>"$DESK/gh"
"#;

pub(crate) struct Desk {
    directory: TempDir,
}

/// Whether the machine has what it takes; says so where not.
pub(crate) fn possible() -> bool {
    for program in ["bash", "git", "tar", "cmp"] {
        let found = Command::new(program).arg("--version").output();
        if found.is_err() {
            crate::common::skipped(format!("{program} not found"));
            return false;
        }
    }
    true
}

impl Desk {
    /// A desk with a repository of two commits, which has the scripts.
    pub(crate) fn new() -> Self {
        let directory = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let desk = Self { directory };
        for (name, text) in [
            ("bin/mapmark", MAPMARK),
            ("bin/gh", GH),
            ("bin/cargo", NOTHING),
            ("bin/rustup", NOTHING),
            ("bin/bencher", NOTHING),
            ("seed/scripts/build", BUILD),
            ("seed/scripts/compare-builds", COMPARE_BUILDS),
            ("seed/scripts/reproduce", REPRODUCE),
        ] {
            desk.program(name, text);
        }
        let script = fs::read_to_string(project("scripts/keep-history")).unwrap();
        desk.program("seed/scripts/keep-history", &script);
        fs::create_dir(desk.path("seed/data")).unwrap();
        let log = "a line of a log\n".repeat(2000) + "an ERROR\n";
        fs::write(desk.path("seed/data/access.log"), log).unwrap();
        desk.shell(
            desk.path("seed"),
            "git init --quiet --bare --initial-branch main ../remote
             git init --quiet --initial-branch main
             export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=b
             git commit --quiet --allow-empty --message base
             git add . && git commit --quiet --message head
             git push --quiet ../remote main",
            &Map::new(),
        );
        desk
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub(crate) fn program(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// A new clone.
    pub(crate) fn checkout(&self, name: &str) -> PathBuf {
        let place = self.path(name);
        let _ = fs::remove_dir_all(&place);
        let line = format!("git clone --quiet remote '{name}'");
        self.shell(self.path(""), &line, &Map::new());
        place
    }

    /// What comes of `lines` in `place`, as the service runs them.
    pub(crate) fn tried(&self, place: &Path, lines: &str, env: &Map) -> Output {
        let path = format!(
            "{}:{}",
            self.path("bin").display(),
            std::env::var("PATH").unwrap()
        );
        let mut command = Command::new("bash");
        command
            .args(["--noprofile", "--norc", "-eo", "pipefail", "-c", lines])
            .current_dir(place)
            .env("PATH", path)
            .env("DESK", self.path(""))
            .env("REAL", env!("CARGO_BIN_EXE_mapmark"))
            .env("PROJECT", project(""))
            .env("GITHUB_STEP_SUMMARY", self.path("summary"))
            .env("GITHUB_PATH", self.path("path"))
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_SYSTEM", "/dev/null");
        for (name, value) in env {
            command.env(name, text(value));
        }
        command.output().unwrap()
    }

    fn shell(&self, place: PathBuf, lines: &str, env: &Map) {
        let output = self.tried(&place, lines, env);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(
            output.status.success(),
            "`{lines}`: {}\n{told}",
            output.status
        );
    }

    /// Runs all jobs of `workflow`, each behind the one it needs, for every entry of its matrix.
    pub(crate) fn run(&self, workflow: &Workflow) {
        let mut left: Vec<&String> = workflow.jobs.keys().collect();
        while !left.is_empty() {
            let ready = |id: &&String| {
                let needs = workflow.jobs[*id].needs.as_ref();
                needs.is_none_or(|needed| !left.contains(&needed))
            };
            let id = *left.iter().find(|id| ready(id)).unwrap();
            left.retain(|other| *other != id);
            let job = &workflow.jobs[id];
            let entries = job.strategy.as_ref().map(|told| &told.matrix.include);
            for entry in entries.unwrap_or(&vec![Map::new()]) {
                self.job(id, job, entry);
            }
        }
    }

    fn job(&self, id: &str, job: &Job, matrix: &Map) {
        let mut place = self.path(&format!("without-checkout-{id}"));
        fs::create_dir_all(&place).unwrap();
        for step in &job.steps {
            let mut env = job.env.clone();
            env.extend(step.env.clone());
            for value in env.values_mut() {
                *value = Value::from(filled(&text(value), matrix));
            }
            match (&step.run, step.uses.as_deref()) {
                (Some(lines), _) => self.shell(place.clone(), &filled(lines, matrix), &env),
                (None, Some("actions/checkout@v4")) => match step.with.get("path") {
                    Some(path) => drop(self.checkout(&format!("{id}/{}", text(path)))),
                    None => place = self.checkout(id),
                },
                (None, Some("actions/upload-artifact@v4")) => self.upload(&place, step, matrix),
                (None, Some("actions/download-artifact@v4")) => self.download(&place, step),
                (None, other) => panic!("nobody plays {other:?}"),
            }
        }
    }

    /// Every path has to be there; the artifact holds what is below the directory that they share.
    fn upload(&self, place: &Path, step: &Step, matrix: &Map) {
        let artifact = self.path("artifacts").join(with(step, "name", matrix));
        let _ = fs::remove_dir_all(&artifact);
        let paths = with(step, "path", matrix);
        let paths: Vec<&Path> = paths.lines().map(Path::new).collect();
        let shared = |above: &&Path| paths.iter().all(|path| path.starts_with(above));
        let above = paths[0].ancestors().find(shared).unwrap();
        for path in &paths {
            let to = artifact.join(path.strip_prefix(above).unwrap());
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            let line = format!("cp -r '{}' '{}'", path.display(), to.display());
            self.shell(place.to_owned(), &line, &Map::new());
        }
    }

    fn download(&self, place: &Path, step: &Step) {
        let of = |key: &str| step.with.get(key).map(text);
        let to = place.join(of("path").unwrap_or_default());
        fs::create_dir_all(&to).unwrap();
        let what = match (of("name"), of("pattern")) {
            (Some(name), _) => format!("{name}/."),
            (None, pattern) => pattern.unwrap(),
        };
        let line = format!("cp -r artifacts/{what} '{}'", to.display());
        self.shell(self.path(""), &line, &Map::new());
    }
}

fn with(step: &Step, key: &str, matrix: &Map) -> String {
    filled(&text(&step.with[key]), matrix)
}

/// A scalar as the service hands it on.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => yaml_serde::to_string(other).unwrap().trim().to_owned(),
    }
}

/// `text` with its expressions replaced by what they would be.
fn filled(text: &str, matrix: &Map) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("${{") {
        let (expression, after) = behind.split_once("}}").unwrap();
        out.push_str(before);
        out.push_str(&match expression.trim() {
            "github.event.pull_request.number" => "7".to_owned(),
            "github.repository" => "somebody/mapmark".to_owned(),
            "github.token" => "none".to_owned(),
            other => match other
                .strip_prefix("matrix.")
                .and_then(|key| matrix.get(key))
            {
                Some(value) => self::text(value),
                None => panic!("nobody knows `{other}`"),
            },
        });
        rest = after;
    }
    out + rest
}
