//! Names with control characters: nothing of them reaches the terminal.

use super::*;

#[test]
fn a_name_is_shown_and_never_done() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a\u{1b}]0;title\u{7}\nb.txt");
    let mut made = make("20kB", &path);
    let told = made.assert().success().get_output().stdout.clone();
    let told = String::from_utf8(told).unwrap();
    assert!(
        told.contains(r"a\u001b]0;title\u0007\nb.txt made"),
        "{told}"
    );
    assert_eq!(told.lines().count(), 1, "{told}");
    fs::remove_file(&path).unwrap();
    let error = fails(check(&path), 2);
    let mut wrong = data_gen();
    wrong.args(["text", "--size", "\u{1b}[31m"]);
    for error in [error, fails(wrong, 2)] {
        assert!(
            error.contains(r"\u001b") && !error.contains('\u{1b}'),
            "{error:?}"
        );
    }
}
