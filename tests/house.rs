//! The rules of the house, held by reading the source.

// A test fails by panicking.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::fs;
use std::path::{Path, PathBuf};

/// The rooms in order: each uses earlier ones only. `sys` stands before `fixture`'s users although
/// its maps borrow fixtures, because that is where the promise is kept.
const ROOMS: [&str; 19] = [
    "text",
    "units",
    "error",
    "fixture",
    "sys",
    "engine",
    "workload",
    "plan",
    "measure",
    "stats",
    "machine",
    "record",
    "compare",
    "history",
    "run",
    "claim",
    "selfcheck",
    "report",
    "cli",
];

fn rust_files(directory: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

fn source() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    rust_files(&root)
        .into_iter()
        .map(|path| {
            let text = fs::read_to_string(&path).unwrap();
            (path.strip_prefix(&root).unwrap().to_owned(), text)
        })
        .collect()
}

fn room(path: &Path) -> Option<usize> {
    let first = path.iter().next()?.to_str()?;
    let name = first.strip_suffix(".rs").unwrap_or(first);
    ROOMS.iter().position(|room| *room == name)
}

/// The rooms that `code` names behind `crate::`, alone or in braces.
fn rooms_named(code: &str) -> Vec<&str> {
    let mut named = Vec::new();
    for (at, marker) in code.match_indices("crate::") {
        let rest = &code[at + marker.len()..];
        let list = match rest.strip_prefix('{') {
            Some(list) => list.split("};").next().unwrap(),
            None => rest.split([';', '\n']).next().unwrap(),
        };
        let words = list.split([',', '{', '}', ':', '(', ')', '<', '>', ' ', '\n']);
        named.extend(words.filter(|word| ROOMS.contains(word)));
    }
    named
}

#[test]
fn named_rooms_are_found_alone_and_in_braces() {
    assert_eq!(rooms_named("use crate::record::Run;"), ["record"]);
    assert_eq!(
        rooms_named("use crate::{engine::Engine,\n fixture::Fixture};"),
        ["engine", "fixture"]
    );
    assert!(rooms_named("use std::fs;").is_empty());
}

#[test]
fn rooms_use_earlier_rooms_only() {
    for (path, text) in source() {
        let Some(own) = room(&path) else { continue };
        let code: Vec<&str> = text
            .lines()
            .map(|line| line.split("//").next().unwrap())
            .collect();
        for name in rooms_named(&code.join("\n")) {
            let used = ROOMS.iter().position(|room| *room == name).unwrap();
            assert!(
                used <= own,
                "{}: `{}` uses the later room `{name}`",
                path.display(),
                ROOMS[own]
            );
        }
    }
}

#[test]
fn the_library_names_its_rooms_in_order() {
    let (_, text) = source()
        .into_iter()
        .find(|(path, _)| path == Path::new("lib.rs"))
        .unwrap();
    let named: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'))
        .collect();
    assert_eq!(named, ROOMS);
}

#[test]
fn unsafe_code_is_in_sys_alone() {
    for (path, text) in source() {
        let code = text
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"));
        let found = code.filter(|line| line.contains("unsafe")).count();
        assert!(
            found == 0 || path.starts_with("sys"),
            "{} has unsafe code; it belongs into sys/",
            path.display()
        );
    }
}

#[test]
fn systems_are_told_apart_in_sys_and_machine_alone() {
    for (path, text) in source() {
        if path.starts_with("sys") || path.starts_with("machine") {
            continue;
        }
        for word in ["cfg(target_os", "cfg!(target_os", "not(target_os"] {
            assert!(!text.contains(word), "{} has `{word}`", path.display());
        }
    }
}

#[test]
fn measuring_does_not_print_and_statistics_do_nothing_but_calculate() {
    for (path, text) in source() {
        let forbidden: &[&str] = if path.starts_with("stats") {
            &[
                "println!",
                "print!",
                "std::fs",
                "std::time",
                "Instant",
                "serde",
            ]
        } else if path.starts_with("cli") {
            &[]
        } else {
            &["println!", "eprintln!", "print!(", "eprint!("]
        };
        let code = text.split("\nmod tests").next().unwrap();
        for word in forbidden {
            let simulations = path.ends_with("simulations.rs") || path.ends_with("alarms.rs");
            assert!(
                simulations || !code.contains(word),
                "{} has `{word}`",
                path.display()
            );
        }
    }
}

#[test]
fn nothing_is_left_unfinished() {
    for (path, text) in source() {
        for word in ["todo!", "unimplemented!", "FIXME", "XXX"] {
            assert!(!text.contains(word), "{} has `{word}`", path.display());
        }
    }
}

#[test]
fn every_file_says_what_it_is_for() {
    for (path, text) in source() {
        assert!(
            text.starts_with("//!"),
            "{} has no module documentation",
            path.display()
        );
    }
}

#[test]
fn files_stay_small_enough_to_read() {
    for (path, text) in source() {
        let lines = text.lines().count();
        assert!(
            lines <= 450,
            "{} has {lines} lines: is a new room wanted?",
            path.display()
        );
    }
}

#[test]
fn the_changelog_knows_the_version() {
    let changelog = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("CHANGELOG.md"));
    assert!(changelog.unwrap().contains(env!("CARGO_PKG_VERSION")));
}
