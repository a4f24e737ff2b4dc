//! A table put into a page that somebody keeps by hand: between two marks, and nowhere else.

/// The line after which the table begins.
const BEGIN: &str = "<!-- mapmark:begin -->";

/// The line before which it ends.
const END: &str = "<!-- mapmark:end -->";

/// `text` with everything between the marks replaced by `table`. A mark stands alone on its line, so
/// that a page can also speak of it.
///
/// # Errors
/// What is wrong with the marks.
pub fn splice(text: &str, table: &str) -> Result<String, String> {
    let (_, after_begin) = only(text, BEGIN)?;
    let (before_end, _) = only(text, END)?;
    if before_end < after_begin {
        return Err(format!("has `{END}` before `{BEGIN}`"));
    }
    // It would stand between the marks, and the next table could not be put there.
    if let Some(mark) = table
        .lines()
        .find(|line| [BEGIN, END].contains(&line.trim()))
    {
        return Err(format!(
            "cannot take a table that has a line `{}`",
            mark.trim()
        ));
    }
    let (head, tail) = (&text[..after_begin], &text[before_end..]);
    Ok(format!("{head}\n{}\n\n{tail}", table.trim()))
}

/// Where the only line that is `mark` begins, and where the next one does.
fn only(text: &str, mark: &str) -> Result<(usize, usize), String> {
    let mut at = 0;
    let mut found = None;
    for line in text.split_inclusive('\n') {
        let next = at + line.len();
        if line.trim() == mark && found.replace((at, next)).is_some() {
            return Err(format!("has more than one line `{mark}`"));
        }
        at = next;
    }
    found.ok_or_else(|| {
        format!(
            "has no line `{mark}`; put `{BEGIN}` and `{END}` on lines of their own around the place \
             where the table is to stand"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(inside: &str) -> String {
        format!("before\n{BEGIN}\n{inside}{END}\nafter `{BEGIN}`\n")
    }

    #[test]
    fn only_what_stands_between_the_marks_changes() {
        let once = splice(&marked("old\n"), "| new |\n").unwrap();
        assert_eq!(once, marked("\n| new |\n\n"));
        assert_eq!(splice(&once, "| new |").unwrap(), once);
        assert_eq!(splice(&marked(""), "| new |").unwrap(), once);
    }

    #[test]
    fn a_table_with_a_mark_in_it_is_refused() {
        for mark in [BEGIN, END] {
            let error = splice(&marked(""), &format!("a\n {mark} \nb\n")).unwrap_err();
            assert!(error.contains(mark), "{error}");
        }
    }

    #[test]
    fn wrong_marks_are_told() {
        for (text, word) in [
            ("nothing", "has no line `<!-- mapmark:begin -->`"),
            (BEGIN, "has no line `<!-- mapmark:end -->`"),
            (&format!("{END}\n{BEGIN}\n"), "before `<!-- mapmark:begin"),
            (&marked("").repeat(2), "more than one line"),
        ] {
            let error = splice(text, "").unwrap_err();
            assert!(error.contains(word), "{error}");
        }
    }
}
