//! The page of a run: what stands in it, in which order, and that nothing else does.

#![cfg(unix)]
// A test fails by panicking.
#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "common/made_up.rs"]
mod made_up;
#[path = "common/scripted.rs"]
mod scripted;

use std::fs;
use std::path::Path;

use mapmark::record::{self, Access, Directory, Outcome, Reservation, Run};
use mapmark::report::{Beside, beside, page, write_pages};
use proptest::prelude::*;
use tempfile::TempDir;

/// The scripted run in a directory, with its page.
fn kept() -> (TempDir, Run) {
    let place = tempfile::tempdir().unwrap();
    let (run, rounds) = scripted::measured();
    let taken = Reservation::take(Some(place.path()), run.driver, "", Access::USUAL).unwrap();
    let mut directory = Directory::begin(taken, &run).unwrap();
    for (cell, kept) in &rounds {
        directory.add_rounds(0, cell, &kept.rounds).unwrap();
    }
    directory.write(&run).unwrap();
    write_pages(&run, place.path(), None).unwrap();
    (place, run)
}

fn text_of(html: &str) -> String {
    [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#x27;", "'"),
        ("&#x2f;", "/"),
        ("&amp;", "&"),
    ]
    .iter()
    .fold(html.to_owned(), |text, (name, plain)| {
        text.replace(name, plain)
    })
}

/// Headings, captions, heads of tables with the number of their rows, and titles of pictures.
fn outline(html: &str) -> String {
    let mut out = String::new();
    let mut rows = 0;
    let mut open: Option<(String, String)> = None;
    for part in html.split('<').skip(1) {
        let (tag, text) = part.split_once('>').unwrap_or((part, ""));
        let name = tag.split(' ').next().unwrap_or_default();
        if let Some((of, told)) = &mut open {
            if name == format!("/{of}") {
                out.push_str(&format!("{of}: {}\n", text_of(told.trim())));
                open = None;
            } else {
                told.push_str(text);
            }
            continue;
        }
        match name {
            "h1" | "h2" | "h3" | "caption" | "summary" | "thead" | "title" => {
                open = Some((name.to_owned(), text.trim().to_owned()));
                rows = 0;
            }
            "th" | "tr" => rows += usize::from(name == "tr"),
            "/tbody" => out.push_str(&format!("  {rows} rows\n")),
            _ => {}
        }
    }
    out
}

#[test]
fn the_page_has_its_parts_in_order() {
    let (place, _) = kept();
    let html = fs::read_to_string(place.path().join("report.html")).unwrap();
    let spaced = html.replace("</th><th", "</th> | <th");
    insta::assert_snapshot!("outline", outline(&spaced));
    for word in [
        "mmap is 3.40 times as fast as read",
        "read_string takes 2.00 times as long as read",
        "inconclusive: 4 rounds are too few for an interval",
        "wrong answer: count 3 instead of count 4",
        "the hypervisor kept 3.0 %",
        "cargo bench",
    ] {
        assert!(text_of(&html).contains(word), "{word}");
    }
}

#[test]
fn every_figure_of_the_table_for_programs_is_on_the_page() {
    let (place, run) = kept();
    let html = text_of(&fs::read_to_string(place.path().join("report.html")).unwrap());
    let csv = record::ratios_csv(&run);
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let mut lines = 0;
    for line in reader.records() {
        let fields: Vec<String> = line.unwrap().iter().map(str::to_owned).collect();
        let row = format!("<tr><td>{}</td></tr>", fields.join("</td><td>"));
        assert!(html.contains(&row), "{row}");
        lines += 1;
    }
    assert_eq!(lines, run.cells.len());
}

#[test]
fn names_stay_text() {
    let (mut run, _) = scripted::measured();
    let bad = "<script>alert(1)</script>";
    for cell in &mut run.cells {
        cell.fixture.name = bad.to_owned();
        cell.workload = format!("\"'><img src=x onerror=alert(1)>{}", cell.workload);
        if let Outcome::Failed(reason) = &mut cell.outcome {
            *reason = format!("{bad}&{bad}");
        }
    }
    run.notes = vec![format!("needle {bad}")];
    run.command.push(bad.to_owned());
    run.machine.cpu_model = Some(bad.to_owned());
    let page = page(&run, &Beside::default()).unwrap();
    assert!(text_of(&page.html).contains(bad));
    let svgs = page.charts.iter().map(mapmark::report::Chart::file);
    for text in svgs.chain([page.html.clone()]) {
        for word in [
            "<script",
            "<img",
            "src=\"",
            "href=\"http",
            "url(",
            "@import",
        ] {
            assert!(!text.contains(word), "{word}");
        }
    }
    for chart in page.charts.iter() {
        assert!(
            !chart.name.contains(['<', '/', '\'', '"']),
            "{}",
            chart.name
        );
    }
}

#[test]
fn charts_are_files_too() {
    let (place, _) = kept();
    let charts = place.path().join("charts");
    let names: Vec<_> = fs::read_dir(&charts).unwrap().collect();
    assert!(names.len() >= 10, "{names:?}");
    let text = fs::read_to_string(charts.join("speedup-whole_file.svg")).unwrap();
    assert!(text.starts_with("<svg ") && text.trim_end().ends_with("</svg>"));
    assert!(text.contains("prefers-color-scheme"));
    for word in ["mmap", "speed-up over read", "3.40 faster", "noise floor"] {
        assert!(text.contains(word), "{word} is missing in {text}");
    }
}

#[test]
fn without_rounds_the_page_says_so() {
    let (run, _) = scripted::measured();
    let place = tempfile::tempdir().unwrap();
    let html = |beside: &Beside| text_of(&page(&run, beside).unwrap().html);
    let missing = html(&beside(place.path()));
    assert!(
        missing.contains("rounds are left out: rounds.csv is missing"),
        "{missing}"
    );
    fs::write(place.path().join("rounds.csv"), "replicate,what\n1,2\n").unwrap();
    let damaged = html(&beside(place.path()));
    assert!(damaged.contains("line 1: has no column `round`"));
}

#[test]
fn a_page_as_large_as_that_of_the_default_run_can_be_mailed() {
    let place = tempfile::tempdir().unwrap();
    for (cells, rounds) in [(52, 1200), (128, 1000)] {
        let run = made_up::run(cells, rounds);
        made_up::write_rounds(&run, &place.path().join("rounds.csv")).unwrap();
        let bytes = page(&run, &beside(place.path())).unwrap().html.len();
        assert!(bytes < 1_000_000, "{cells} cells make {bytes} bytes");
    }
}

#[test]
fn a_run_without_cells_has_a_page() {
    let run = made_up::run(0, 0);
    let html = page(&run, &Beside::default()).unwrap().html;
    assert!(html.contains("nothing was measured"));
}

#[test]
fn the_index_lists_the_runs_newest_first() {
    let place = tempfile::tempdir().unwrap();
    let results = place.path().join("results/runs");
    let (mut run, _) = scripted::measured();
    for (name, created) in [
        ("2026-01-02T03-04-05Z-criterion", "2026-01-02T03:04:05Z"),
        ("chosen by <somebody>", "2026-03-01T00:00:00Z"),
    ] {
        run.created = created.to_owned();
        let directory = results.join(name);
        fs::create_dir_all(&directory).unwrap();
        fs::write(directory.join("run.json"), record::to_json(&run)).unwrap();
        write_pages(&run, &directory, None).unwrap();
    }
    let damaged = results.join("2025-01-01T00-00-00Z-run");
    fs::create_dir_all(&damaged).unwrap();
    fs::write(damaged.join("run.json"), "{").unwrap();
    write_pages(&run, &results.join("chosen by <somebody>"), None).unwrap();
    let index = text_of(&fs::read_to_string(results.join("index.html")).unwrap());
    let places: Vec<usize> = [
        "chosen by <somebody></a>",
        "2026-01-02T03-04-05Z-criterion</a>",
        "cannot be read",
    ]
    .iter()
    .map(|word| {
        index
            .find(word)
            .unwrap_or_else(|| panic!("{word}: {index}"))
    })
    .collect();
    assert!(places.is_sorted(), "{places:?}");
    assert!(index.contains("chosen%20by%20%3Csomebody%3E/report.html"));
    assert!(
        index.contains("mmap against read, 1 contest: faster in 1; 1 contest in which a part of the file is enough: faster in 1"),
        "{index}"
    );
}

#[test]
fn no_index_is_made_elsewhere() {
    let (place, _) = kept();
    assert!(!place.path().parent().unwrap().join("index.html").exists());
    assert!(Path::new(&place.path().join("report.html")).exists());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// Whatever can be read can be shown, with whatever lies beside it.
    #[test]
    fn a_damaged_record_has_a_page_or_is_refused(
        at in any::<prop::sample::Index>(),
        round in any::<prop::sample::Index>(),
        with in prop::sample::select(vec!["", "-", "9", "null", "0", "}", "\\u0000", "1e300"]),
    ) {
        let place = tempfile::tempdir().unwrap();
        let sound = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/records/v1");
        let damage = |name: &str, at: prop::sample::Index| {
            let text = fs::read_to_string(sound.join(name)).unwrap();
            let at = at.index(text.len() - 1);
            prop_assume!(text.is_char_boundary(at) && text.is_char_boundary(at + 1));
            let damaged = format!("{}{with}{}", &text[..at], &text[at + 1..]);
            fs::write(place.path().join(name), damaged).unwrap();
            Ok(())
        };
        damage("run.json", at)?;
        damage("rounds.csv", round)?;
        if let Ok(run) = record::load(&place.path().join("run.json")) {
            let page = page(&run, &beside(place.path()));
            prop_assert!(page.is_ok(), "{:?}", page.err());
        }
    }

    /// The same of claims: no factor, interval or ladder that a file may hold breaks the page.
    #[test]
    fn damaged_claims_have_a_page_or_are_refused(
        at in any::<prop::sample::Index>(),
        with in prop::sample::select(vec!["", "-", "9", "null", "0", "}", "1e300"]),
    ) {
        let sound = Path::new(env!("CARGO_MANIFEST_DIR"));
        let sound = sound.join("results/machines/epyc-vm-2cpu/claim.json");
        let text = fs::read_to_string(sound).unwrap();
        // The claims stand behind the cells, and are what this is about.
        let claims = text.find("\"claims\": {").unwrap();
        let at = claims + at.index(text.len() - claims - 1);
        prop_assume!(text.is_char_boundary(at) && text.is_char_boundary(at + 1));
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("run.json");
        fs::write(&path, format!("{}{with}{}", &text[..at], &text[at + 1..])).unwrap();
        if let Ok(run) = record::load(&path) {
            let page = page(&run, &Beside::default());
            prop_assert!(page.is_ok(), "{:?}", page.err());
        }
    }
}
