//! The pages in a real browser: no error, no request, no overflow, readable in light and dark.
//! Without Chromium these tests say so and pass.

#![cfg(unix)]
// A test fails by panicking.
#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "../common/mod.rs"]
mod common;
#[path = "../common/made_up.rs"]
mod made_up;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use common::skipped;
use mapmark::record::{self, Outcome, Run};
use mapmark::report::{Beside, beside, page, write_pages};
use mapmark::stats::Interval;
use mapmark::units::significant;
use serde_json::Value;
use tempfile::TempDir;

/// The names under which systems install it.
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "chrome"];

/// The least contrast of text, by WCAG 2.1 for level AA.
const READABLE: f64 = 4.5;

fn browser() -> Option<PathBuf> {
    let paths = std::env::var_os("PATH")?;
    let found = std::env::split_paths(&paths)
        .flat_map(|directory| NAMES.map(|name| directory.join(name)))
        .find(|path| path.is_file());
    if found.is_none() {
        skipped("chromium not found");
    }
    found
}

/// What the browser made of a page in a frame of so many pixels.
struct Shown {
    found: Value,
    errors: Vec<String>,
}

fn open(browser: &Path, place: &Path, html: &str, width: u32, dark: bool) -> Shown {
    let script = format!("<script>{}</script></body>", include_str!("measure.js"));
    let page = html.replacen("</body>", &script, 1);
    fs::write(place.join("page.html"), page).unwrap();
    let frame = include_str!("frame.html").replace("WIDTH", &width.to_string());
    fs::write(place.join("frame.html"), frame).unwrap();
    let output = Command::new(browser)
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
        ])
        .args([
            "--no-first-run",
            "--disable-extensions",
            "--disable-background-networking",
        ])
        // Whoever asks for anything finds nobody.
        .args([
            "--host-resolver-rules=MAP * ~NOTFOUND",
            "--enable-logging=stderr",
        ])
        .arg(format!(
            "--blink-settings=preferredColorScheme={}",
            u8::from(!dark)
        ))
        .arg(format!(
            "--user-data-dir={}",
            place.join("profile").display()
        ))
        .args([
            "--window-size=1400,1000",
            "--virtual-time-budget=10000",
            "--dump-dom",
        ])
        .arg(format!("file://{}", place.join("frame.html").display()))
        .output()
        .unwrap();
    shown(&output)
}

fn shown(output: &Output) -> Shown {
    let dom = String::from_utf8_lossy(&output.stdout);
    let told = String::from_utf8_lossy(&output.stderr);
    let found = dom
        .split_once("<pre id=\"found\">")
        .and_then(|(_, rest)| rest.split_once("</pre>"))
        .map(|(found, _)| {
            found
                .replace("&gt;", ">")
                .replace("&lt;", "<")
                .replace("&amp;", "&")
        });
    let found = found.unwrap_or_default();
    let found = serde_json::from_str(&found)
        .unwrap_or_else(|error| panic!("{error}: {found}\n{dom}\n{told}"));
    let errors = told.lines().filter(|line| line.contains("CONSOLE"));
    Shown {
        found,
        errors: errors.map(str::to_owned).collect(),
    }
}

fn no_request_leaves(html: &str) {
    for word in [
        "src=",
        "href=\"http",
        "href=\"//",
        "url(",
        "@import",
        "<script",
        "<link rel=\"style",
    ] {
        assert!(!html.contains(word), "{word}");
    }
}

/// Opens `html` wide and narrow, light and dark.
fn check(browser: &Path, html: &str) {
    no_request_leaves(html);
    let place = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    for (width, dark) in [(1280, false), (400, false), (1280, true), (400, true)] {
        let Shown { found, errors } = open(browser, place.path(), html, width, dark);
        let state = format!("{width} pixels, dark {dark}: {found}");
        assert!(errors.is_empty(), "{state}: {errors:?}");
        assert_eq!(found["dark"], dark, "{state}");
        assert!(found["wide"].as_u64() <= found["room"].as_u64(), "{state}");
        assert!(found["contrast"].as_f64() >= Some(READABLE), "{state}");
    }
}

fn measured() -> Option<TempDir> {
    let place = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let status = Command::new(env!("CARGO_BIN_EXE_mapmark"))
        .args([
            "run",
            "--force",
            "--quiet",
            "--budget",
            "1s",
            "--replicates",
            "2",
        ])
        .args([
            "--size",
            "100kB,200kB",
            "--workload",
            "whole_file,rfind_last",
        ])
        .args(["--engine", "buf_reader,mmap", "--fixtures"])
        .arg(place.path().join("fixtures"))
        .arg("--out")
        .arg(place.path().join("out"))
        .output()
        .unwrap()
        .status;
    if status.success() {
        return Some(place);
    }
    // Where nobody tells which pages are in memory, no cell is measured.
    assert_eq!(status.code(), Some(3));
    skipped("this system does not tell which pages are in memory");
    None
}

#[test]
fn the_page_of_a_run() {
    let Some(browser) = browser() else { return };
    let Some(place) = measured() else { return };
    let html = fs::read_to_string(place.path().join("out/report.html")).unwrap();
    check(&browser, &html);
    assert!(html.matches("<svg").count() >= 6);
    let csv = fs::read_to_string(place.path().join("out/ratios.csv")).unwrap();
    for line in csv::Reader::from_reader(csv.as_bytes()).records() {
        let line = line.unwrap();
        for figure in [&line[13], &line[14], &line[15]] {
            assert!(html.contains(&format!("<td>{figure}</td>")), "{figure}");
        }
    }
}

#[test]
fn the_page_of_an_old_record_and_of_a_damaged_one() {
    let Some(browser) = browser() else { return };
    let old = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/records/v1");
    let run = record::load(&old.join("run.json")).unwrap();
    check(&browser, &page(&run, &beside(&old)).unwrap().html);
    // Cut in the middle of its rounds, and without most of its cells.
    let place = tempfile::tempdir().unwrap();
    let rounds = fs::read_to_string(old.join("rounds.csv")).unwrap();
    fs::write(place.path().join("rounds.csv"), &rounds[..rounds.len() / 2]).unwrap();
    let mut cut = run;
    cut.cells.truncate(3);
    cut.machine = mapmark::machine::Machine::default();
    check(&browser, &page(&cut, &beside(place.path())).unwrap().html);
}

/// The claims that were published of the first machine.
fn published_claims() -> Run {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    record::load(&root.join("results/machines/epyc-vm-2cpu/claim.json")).unwrap()
}

#[test]
fn the_page_of_claims() {
    let Some(browser) = browser() else { return };
    let run = published_claims();
    let html = page(&run, &Beside::default()).unwrap().html;
    check(&browser, &html);
    let claims = &run.claims.as_ref().unwrap().claims;
    assert!(html.matches("<svg").count() >= claims.len());
    let mut factors = Vec::new();
    for claim in claims {
        let figures = claim.rows.iter().filter_map(|row| row.figures.as_ref());
        factors.extend(figures.map(|figures| figures.factor.point));
        for ladder in &claim.ladders {
            factors.extend(ladder.steps.iter().map(|step| step.factor.point));
            factors.extend([ladder.product, ladder.direct.point, ladder.remainder]);
        }
        for verdict in &claim.verdicts {
            assert!(html.contains(&verdict.sentence), "{}", verdict.sentence);
        }
    }
    assert!(factors.len() > 50, "{}", factors.len());
    for factor in factors {
        let cell = format!("<td class=\"n\">{}x</td>", significant(factor));
        assert!(html.contains(&cell), "{cell}");
    }
}

#[test]
fn the_page_of_a_sweep() {
    let Some(browser) = browser() else { return };
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("results/machines/epyc-vm-2cpu");
    let run = record::load(&path.join("sweep.json")).unwrap();
    let html = page(&run, &beside(&path)).unwrap().html;
    check(&browser, &html);
    check(&browser, &html.replace("<details", "<details open"));
    assert!(html.contains("overtakes"));
    for cell in run.cells.iter().filter(|cell| !cell.is_floor()) {
        let Some(measured) = cell.outcome.measured() else {
            continue;
        };
        let figure = measured.speedup().to_string();
        assert!(html.contains(&figure), "{}: {figure}", cell.id());
    }
}

#[test]
fn the_page_of_claims_of_which_little_came() {
    let Some(browser) = browser() else { return };
    let mut run = published_claims();
    let claims = run.claims.as_mut().unwrap();
    claims.python.reason = Some("python3 is missing".to_owned());
    for claim in &mut claims.claims {
        claim.verdicts.truncate(1);
        claim.ladders.clear();
        for row in &mut claim.rows {
            row.figures = None;
            row.outcome = "failed".to_owned();
            row.reason = Some("a process ended with status 1 and said nothing of it ".repeat(3));
        }
    }
    run.cells.clear();
    check(&browser, &page(&run, &Beside::default()).unwrap().html);
}

/// The first run by workers, with mmap half as fast, and without one of its contests.
fn slowed(place: &Path) {
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/records/run-v1");
    let rounds = fs::read_to_string(kept.join("rounds.csv")).unwrap();
    let line = |line: &str| {
        let mut fields: Vec<String> = line.split(',').map(str::to_owned).collect();
        if fields[3].contains("/mmap/") && fields[4] == "engine" {
            let elapsed_ns: f64 = fields[6].parse().unwrap();
            fields[6] = format!("{:.0}", 2.0 * elapsed_ns);
        }
        fields.join(",") + "\n"
    };
    let slow: String = rounds.lines().map(line).collect();
    fs::write(place.join("rounds.csv"), slow).unwrap();
    let mut run = record::load(&kept.join("run.json")).unwrap();
    run.cells.retain(|cell| cell.workload != "replace");
    fs::write(place.join("run.json"), record::to_json(&run)).unwrap();
}

#[test]
fn the_page_of_a_comparison() {
    let Some(browser) = browser() else { return };
    let place = tempfile::tempdir().unwrap();
    slowed(place.path());
    let compare = |format: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_mapmark"))
            .args(["compare", "--format", format, "tests/records/run-v1"])
            .arg(place.path())
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let html = compare("html");
    check(&browser, &html);
    check(&browser, &html.replace("<details>", "<details open>"));
    let plain = html.replace("&#x2f;", "/");
    let found: Value = serde_json::from_str(&compare("json")).unwrap();
    for cell in found["cells"].as_array().unwrap() {
        let (id, verdict) = (
            cell["id"].as_str().unwrap(),
            cell["verdict"].as_str().unwrap(),
        );
        let row = plain
            .split("<tr>")
            .find(|row| row.contains(&format!(">{id}</th>")));
        assert!(row.unwrap().contains(verdict), "{id}: {verdict}");
    }
    assert!(!html.contains(place.path().to_str().unwrap()), "no path");
}

#[test]
fn the_page_of_histories() {
    let Some(browser) = browser() else { return };
    let place = tempfile::tempdir().unwrap();
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/records/run-v1/run.json");
    let mapmark = |words: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_mapmark"))
            .args(["history", words[0], "--directory", "history"])
            .args(&words[1..])
            .current_dir(place.path())
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    // Twelve runs; from the eighth on, `mmap` is slower in a new process.
    for number in 0..12_u64 {
        let mut run = record::load(&kept).unwrap();
        run.seed = number;
        run.created = format!("2026-01-{:02}T00:00:00Z", number + 1);
        for cell in &mut run.cells {
            let stepped = cell.engine == "mmap" && cell.process.name() == "fresh" && number > 6;
            if let Outcome::Measured(measured) = &mut cell.outcome {
                let drift = 1.0 + 0.002 * (number * 5 % 7) as f64;
                let factor = drift * if stepped { 0.8 } else { 1.0 };
                let moved = |of: Interval| Interval::new(factor * of.low(), factor * of.high());
                let estimate = &mut measured.estimate;
                estimate.point *= factor;
                estimate.interval = estimate.interval.map(|of| moved(of).unwrap());
                estimate.this_run = estimate.this_run.map(|of| moved(of).unwrap());
                // What the moved interval says is not asked here.
                measured.verdict = None;
            }
        }
        fs::write(place.path().join("run.json"), record::to_json(&run)).unwrap();
        mapmark(&["add", "run.json"]);
    }
    let html = mapmark(&["show", "--format", "html"]);
    check(&browser, &html);
    check(&browser, &html.replace("<details>", "<details open>"));
    let plain = html.replace("&#x2f;", "/");
    let (moved, level) = plain.split_once("<details>").unwrap();
    assert!(moved.contains("stepped by −") && moved.contains("with the run of 2026-01-08"));
    assert!(moved.contains("/fresh</h3>") && !level.contains("stepped by"));
}

#[test]
fn the_page_of_many_engines_and_the_index() {
    let Some(browser) = browser() else { return };
    let place = tempfile::tempdir().unwrap();
    let directory = place.path().join("results/runs/one");
    fs::create_dir_all(&directory).unwrap();
    let run = made_up::run(64, 100);
    fs::write(directory.join("run.json"), record::to_json(&run)).unwrap();
    made_up::write_rounds(&run, &directory.join("rounds.csv")).unwrap();
    write_pages(&run, &directory, None).unwrap();
    let read = |path: &Path| fs::read_to_string(path).unwrap();
    check(&browser, &read(&directory.join("report.html")));
    check(
        &browser,
        &read(&place.path().join("results/runs/index.html")),
    );
}
