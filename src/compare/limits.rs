//! Markdown held to what GitHub takes, and its order.

use super::samples::{QUESTION, every_verdict, side};
use super::*;

/// `count` copies of the rows of every verdict, by turns.
fn many(count: usize) -> Comparison {
    let mut comparison = every_verdict();
    let rows = std::mem::take(&mut comparison.rows);
    let rows = rows.iter().cycle().take(count).enumerate();
    comparison.rows = rows
        .map(|(number, row)| Row {
            id: format!("{}/{number}", row.id),
            ..row.clone()
        })
        .collect();
    comparison
}

#[test]
fn markdown_fits_into_a_comment_however_many_cells_there_are() {
    assert!(!markdown(&many(638)).contains("left out"));
    for count in [2_000, 10_000] {
        let comparison = many(count);
        let text = markdown(&comparison);
        let length = text.chars().count();
        assert!((50_000..=65_000).contains(&length), "{count}: {length}");
        assert!(text.contains("cells are left out here") && text.contains("--format html"));
        assert!(text.contains("BASE: ") && text.contains("one process"));
        let regressed = comparison.count(Verdict::Regressed);
        let rows = |text: &str| text.matches("\n| ").count() - text.matches("\n| verdict").count();
        let told = text.split("**").nth(1).unwrap();
        let left_out: usize = told.split(' ').next().unwrap().parse().unwrap();
        assert_eq!(rows(&text) + left_out, count);
        // What regressed comes first, and is left out last.
        if text.matches("| regressed |").count() < regressed {
            assert_eq!(text.matches("| improved |").count(), 0);
        }
    }
}

#[test]
fn markdown_fits_into_a_comment_whatever_the_records_say() {
    let long = "_&".repeat(50_000);
    let mut comparison = many(1000);
    for row in &mut comparison.rows {
        row.id = format!("{long}{}", row.id);
        row.reason = Some(long.clone());
    }
    comparison.notes = vec![long.clone(); 1000];
    for side in &mut comparison.sides {
        side.created.clone_from(&long);
        side.build.clone_from(&long);
        side.machine.clone_from(&long);
    }
    let text = markdown(&comparison);
    assert!(text.chars().count() <= 65_000, "{}", text.chars().count());
    assert!(text.contains("more notes") && text.contains("| regressed |"));
}

#[test]
fn the_largest_change_is_shown_first() {
    let base = side(&[("small", 2.0, 0.01), ("large", 2.0, 0.01)]);
    let new = side(&[("small", 1.7, 0.01), ("large", 1.0, 0.01)]);
    let text = markdown(&compare(&base, &new, QUESTION).unwrap());
    assert!(text.find("large/") < text.find("small/"), "{text}");
}
