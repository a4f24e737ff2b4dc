//! What the README and results/ show is what this program prints from the records beside it.

// A test fails by panicking.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::fs;
use std::path::{Path, PathBuf};

use mapmark::record::{self, Run};
use mapmark::report::{Beside, Chart, View, WIDTH, claims_text, console, page};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The directories below results/machines.
fn machines() -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join("results/machines")).unwrap();
    entries.map(|entry| entry.unwrap().path()).collect()
}

fn records(name: &str) -> Vec<(PathBuf, Run)> {
    let paths = machines().into_iter().map(|machine| machine.join(name));
    let present = paths.filter(|path| path.exists());
    present
        .map(|path| (path.clone(), record::load(&path).unwrap()))
        .collect()
}

/// Every text that the records of results/machines give on a terminal.
fn printed() -> Vec<String> {
    let claims = records("claim.json");
    let claims = claims
        .iter()
        .map(|(_, run)| claims_text(run, run.claims.as_ref().unwrap()));
    let runs = [records("run.json"), records("sweep.json")].concat();
    let runs = runs.iter().map(|(_, run)| console(&View::of(run), WIDTH));
    let plain = |text: String| anstream::adapter::strip_str(&text).to_string();
    claims.chain(runs).map(plain).collect()
}

#[test]
fn the_tables_of_the_readme_were_printed_by_this_program() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let printed = printed();
    let blocks = readme.split("```text\n").skip(1);
    let mut paragraphs = 0;
    for block in blocks {
        let (block, _) = block.split_once("```").unwrap();
        for paragraph in block.trim_end().split("\n\n") {
            assert!(
                printed.iter().any(|text| text.contains(paragraph)),
                "no record below results/machines prints this; print it again: mapmark report \
                 results/machines/NAME/run.json\n{paragraph}"
            );
            paragraphs += 1;
        }
    }
    assert!(paragraphs >= 6, "{paragraphs}");
}

#[test]
fn the_ladders_beside_the_claims_are_those_of_their_record() {
    for (path, run) in records("claim.json") {
        let page = page(&run, &Beside::default()).unwrap();
        for chart in page.charts.ladders.iter().flatten() {
            let file = path.with_file_name(format!("{}.svg", chart.name));
            let kept = fs::read_to_string(&file).unwrap();
            assert!(
                kept == Chart::file(chart),
                "{}: draw it again: mapmark report {} --charts DIR",
                file.display(),
                path.display()
            );
        }
    }
}

#[test]
fn the_pictures_of_the_readme_are_there_and_small() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let mut pictures = 0;
    for part in readme.split("![").skip(1) {
        let (told, rest) = part.split_once("](").unwrap();
        let (file, _) = rest.split_once(')').unwrap();
        assert!(told.len() > 20, "{file} is described by `{told}`");
        let bytes = fs::metadata(root().join(file)).unwrap().len();
        assert!(bytes < 150_000, "{file} has {bytes} bytes");
        pictures += 1;
    }
    assert!(pictures >= 3, "{pictures}");
}
