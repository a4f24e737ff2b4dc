//! Tells the program how it was built, so that every record can: compiler, target, revision, and
//! the versions of the crates that do the work inside the clock.

use std::env;
use std::fs;
use std::process::Command;

/// The crates whose code runs while the clock does.
const WORKING_CRATES: [&str; 3] = ["memchr", "memmap2", "regex"];

fn main() {
    let rustc = env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
    tell("RUSTC", answer(&rustc, &["--version"]));
    tell(
        "REVISION",
        answer("git", &["describe", "--always", "--dirty", "--exclude=*"]),
    );
    tell("TARGET", env::var("TARGET").ok());
    tell("PROFILE", env::var("PROFILE").ok());
    tell("TARGET_FEATURES", env::var("CARGO_CFG_TARGET_FEATURE").ok());
    tell(
        "CRATES",
        fs::read_to_string("Cargo.lock")
            .ok()
            .map(|lock| versions(&lock)),
    );
    println!("cargo::rerun-if-changed=Cargo.lock");
    println!("cargo::rerun-if-changed=build.rs");
    for place in ["Cargo.toml", "src", "benches", "data-gen"] {
        println!("cargo::rerun-if-changed={place}");
    }
    if fs::exists(".git/HEAD").unwrap_or(false) {
        println!("cargo::rerun-if-changed=.git/HEAD");
        println!("cargo::rerun-if-changed=.git/index");
    }
}

/// Sets a variable for the crate, under a prefix that no setting of the suite has: cargo hands it
/// to what it runs as well; an unknown value stays empty and is read back as unknown.
fn tell(name: &str, value: Option<String>) {
    println!(
        "cargo::rustc-env=MAPMARK_BUILD_{name}={}",
        value.unwrap_or_default()
    );
}

fn answer(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}

/// `memchr 2.8.3, …` from the lock file, in which a name's version stands on the next line.
fn versions(lock: &str) -> String {
    let lines: Vec<&str> = lock.lines().collect();
    let version_of = |name: &str| {
        let at = lines
            .iter()
            .position(|line| *line == format!("name = \"{name}\""))?;
        let version = lines.get(at + 1)?.strip_prefix("version = \"")?;
        Some(format!("{name} {}", version.trim_end_matches('"')))
    };
    let found: Vec<String> = WORKING_CRATES
        .iter()
        .filter_map(|name| version_of(name))
        .collect();
    found.join(", ")
}
