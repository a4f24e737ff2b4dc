//! Texts from outside, such as names of files, as one line that a terminal only shows.

use std::borrow::Cow;
use std::fmt::Write;

/// `text` with everything that is not seen written out, as JSON writes it: control characters and line ends
/// (`\u001b`, `\n`), what turns the direction of text or has no width, and what XML cannot hold. A name can then
/// neither move the cursor nor add a line, and two names that differ look different.
#[must_use]
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for letter in text.chars() {
        if is_hidden(letter) {
            write_out(&mut out, letter);
        } else {
            out.push(letter);
        }
    }
    Cow::Owned(out)
}

/// Writes `letter` as an escape that JSON knows too.
fn write_out(out: &mut String, letter: char) {
    match letter {
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        other => {
            for unit in other.encode_utf16(&mut [0; 2]) {
                // Writing to a text cannot fail.
                let _ = write!(out, "\\u{unit:04x}");
            }
        }
    }
}

/// Whether a terminal would do something with `letter`, or show nothing for it: controls, line and paragraph
/// separators, and what Unicode calls `Default_Ignorable_Code_Point` (bidirectional controls, joiners, variation
/// selectors, fillers, tags). Combining marks stay: names in many scripts need them.
#[must_use]
pub fn is_hidden(letter: char) -> bool {
    letter.is_control()
        || matches!(letter,
            '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{fffe}'..='\u{ffff}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_seen_is_written_out() {
        for (text, told) in [
            ("plain, größer, 日本", "plain, größer, 日本"),
            ("a\nb\tc\r", r"a\nb\tc\r"),
            ("\u{1b}]0;title\u{7}", r"\u001b]0;title\u0007"),
            ("\u{9b}31m", r"\u009b31m"),
            ("txt\u{202e}exe", r"txt\u202eexe"),
            ("a\u{200b}b", r"a\u200bb"),
            ("\u{e0041}", r"\udb40\udc41"),
            ("\u{ffff}", r"\uffff"),
        ] {
            assert_eq!(visible(text), told);
        }
    }
}
