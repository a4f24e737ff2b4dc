//! Texts from outside on their way out: names of files, reasons of workers, what Python printed, every field of a
//! stranger's record. One function for each kind of output; JSON needs none, because its writer escapes.

use std::ffi::OsStr;
use std::path::Path;

use data_gen::is_hidden;

pub use data_gen::parse_arguments;
/// A text as one line that a terminal only shows.
pub use data_gen::visible as terminal;

/// A path as one line.
#[must_use]
pub fn shown(path: &Path) -> String {
    terminal(&path.display().to_string()).into_owned()
}

/// What breaks the links that GitHub makes of addresses and names: it has no width.
const BREAK: &str = "&#8203;";

/// A whole output on its way to a screen or a log: lines and the styles that `anstyle` writes stay, everything else
/// that a terminal would act on is written out. A runner of GitHub takes lines that begin with `::`, and `##[`
/// anywhere, for orders; those are written out too.
#[must_use]
pub fn screen(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let (line, end) = match line.strip_suffix('\n') {
            Some(line) => (line, "\n"),
            None => (line, ""),
        };
        let mut pieces = line.split('\u{1b}');
        let mut shown = terminal(pieces.next().unwrap_or_default()).into_owned();
        for piece in pieces {
            let (style, rest) = piece.split_at(style_length(piece));
            shown.push_str(if style.is_empty() {
                r"\u001b"
            } else {
                "\u{1b}"
            });
            shown.push_str(style);
            shown.push_str(&terminal(rest));
        }
        let begin = shown.len() - shown.trim_start().len();
        if shown[begin..].starts_with("::") {
            shown.replace_range(begin..=begin, r"\u003a");
        }
        out.push_str(&shown.replace("##[", r"#\u0023["));
        out.push_str(end);
    }
    out
}

/// The length of `[1;31m` at the start of `text`; 0 where it begins otherwise.
fn style_length(text: &str) -> usize {
    let Some((parameters, _)) = text.split_once('m') else {
        return 0;
    };
    match parameters.strip_prefix('[') {
        Some(numbers) if numbers.bytes().all(|b| b.is_ascii_digit() || b == b';') => {
            parameters.len() + 1
        }
        _ => 0,
    }
}

/// `text` as Markdown that shows just that: no links, no HTML, nobody mentioned. What stands between backticks stays
/// code, in which nothing needs an escape.
#[must_use]
pub fn markdown(text: &str) -> String {
    inline(text, false)
}

/// The same for a cell of a table, which a `|` would end.
#[must_use]
pub fn markdown_cell(text: &str) -> String {
    inline(text, true)
}

fn inline(text: &str, in_table: bool) -> String {
    let text = terminal(text);
    let mut out = String::new();
    let mut rest = text.trim();
    if !in_table {
        rest = line_start(&mut out, rest);
    }
    while let Some((before, code, after)) = code_in(rest) {
        plain(&mut out, before);
        match in_table {
            false => out.push_str(&code_span(code)),
            // GitHub has no way to write these two next to each other in the code of a table.
            true if code.contains("\\|") || code.ends_with('\\') => plain(&mut out, code),
            true => out.push_str(&code_span(code).replace('|', "\\|")),
        }
        rest = after;
    }
    plain(&mut out, rest);
    out
}

/// Writes what would make a list, a heading or a rule of a line; returns the rest.
fn line_start<'t>(out: &mut String, text: &'t str) -> &'t str {
    let number = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let sign = match text.chars().next() {
        Some('-' | '+' | '=') => text,
        Some('0'..='9') if number.starts_with(['.', ')']) => number,
        _ => return text,
    };
    out.push_str(&text[..text.len() - sign.len()]);
    out.push('\\');
    out.push_str(&sign[..1]);
    &sign[1..]
}

/// Writes `text` with everything escaped that means something to Markdown.
fn plain(out: &mut String, text: &str) {
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let after = &rest[letter.len_utf8()..];
        let next = after.chars().next();
        match letter {
            '\\' | '`' | '*' | '_' | '[' | ']' | '~' | '$' | '|' | '#' => {
                out.push('\\');
                out.push(letter);
            }
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            other => out.push(other),
        }
        let links = match letter {
            // People and addresses, numbers of issues, other services' names for them.
            '@' => next.is_some_and(char::is_alphanumeric),
            '#' => next.is_some_and(|next| next.is_ascii_digit()),
            ':' => after.starts_with("//"),
            'w' | 'W' => after.starts_with('.') && out.to_ascii_lowercase().ends_with("www"),
            '-' => out.to_ascii_lowercase().ends_with("gh-"),
            _ => false,
        };
        if links {
            out.push_str(BREAK);
        }
        rest = after;
    }
}

/// The first code span of `text`: what stands before it, in it, and behind it.
fn code_in(text: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    while let Some((start, length)) = run_of_backticks(text, from) {
        let inside = start + length;
        let mut at = inside;
        while let Some((end, other)) = run_of_backticks(text, at) {
            if other == length {
                let code = &text[inside..end];
                return Some((&text[..start], unpadded(code), &text[end + length..]));
            }
            at = end + other;
        }
        from = inside;
    }
    None
}

/// Where the first run of backticks behind `from` begins, and how long it is.
fn run_of_backticks(text: &str, from: usize) -> Option<(usize, usize)> {
    let start = from + text[from..].find('`')?;
    let rest = text[start..].trim_start_matches('`');
    Some((start, text.len() - start - rest.len()))
}

/// The one space that Markdown takes from both ends.
fn unpadded(code: &str) -> &str {
    let inner = code.strip_prefix(' ').and_then(|c| c.strip_suffix(' '));
    match inner {
        Some(inner) if !code.trim_matches(' ').is_empty() => inner,
        _ => code,
    }
}

/// `text` between backticks, in prose and in Markdown: as many of them as keep it whole.
#[must_use]
pub fn code_span(text: &str) -> String {
    let text = terminal(text);
    let fence = "`".repeat(longest_run(&text) + 1);
    let edge = |letter: Option<char>| letter == Some('`');
    let both_spaces = text.starts_with(' ') && text.ends_with(' ') && !text.trim().is_empty();
    let pad = match edge(text.chars().next()) || edge(text.chars().last()) || both_spaces {
        true => " ",
        false => "",
    };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// The lines as a block of text in Markdown, which none of them can leave.
#[must_use]
pub fn fenced(lines: impl IntoIterator<Item = impl AsRef<str>>) -> String {
    let mut inside = String::new();
    for line in lines {
        inside.push_str(&terminal(line.as_ref()));
        inside.push('\n');
    }
    let fence = "`".repeat((longest_run(&inside) + 1).max(3));
    format!("{fence}text\n{inside}{fence}\n")
}

/// The length of the longest run of backticks.
fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

/// `text` for XML and SVG, between elements or in an attribute. XML 1.0 has no way to write most control characters.
#[must_use]
pub fn xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in terminal(text).chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

/// A text for a cell of CSV. Spreadsheets take what begins with `=`, `+`, `-` or `@` for a formula, and do what it
/// says; an apostrophe before it makes it text. A number stays one.
#[must_use]
pub fn csv_cell(text: &str) -> String {
    let text = terminal(text);
    let formula = text.starts_with([
        '=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}',
    ]);
    let number = text.parse::<f64>().is_ok_and(f64::is_finite);
    match formula && !number {
        true => format!("'{text}"),
        false => text.into_owned(),
    }
}

/// `word` as a shell takes it for this very word, in characters that can be seen and pasted.
#[must_use]
pub fn shell_word(word: impl AsRef<OsStr>) -> String {
    let bytes = word.as_ref().as_encoded_bytes();
    let plain = |b: &u8| b.is_ascii_alphanumeric() || b"-_./=,:+%@".contains(b);
    // zsh takes a leading `=` for the path of a program.
    if !bytes.is_empty() && bytes[0] != b'=' && bytes.iter().all(plain) {
        return String::from_utf8_lossy(bytes).into_owned();
    }
    match std::str::from_utf8(bytes) {
        Ok(text) if !text.contains(is_hidden) => format!("'{}'", text.replace('\'', r"'\''")),
        _ => {
            let escaped = bytes.iter().map(|byte| match byte {
                b'\\' | b'\'' => format!("\\{}", char::from(*byte)),
                b' '..=b'~' => char::from(*byte).to_string(),
                other => format!("\\x{other:02x}"),
            });
            format!("$'{}'", escaped.collect::<String>())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_screen_gets_lines_and_styles_and_nothing_else() {
        for (text, shown) in [
            ("\u{1b}[1mbold\u{1b}[0m\n", "\u{1b}[1mbold\u{1b}[0m\n"),
            ("\u{1b}[38;5;1mred", "\u{1b}[38;5;1mred"),
            ("\u{1b}[2Jgone", r"\u001b[2Jgone"),
            ("\u{1b}]52;c;aGk=\u{7}m", r"\u001b]52;c;aGk=\u0007m"),
            ("\u{1b}", r"\u001b"),
            ("one\r\ntwo", "one\\r\ntwo"),
            ("  ::error::x\n::y", "  \\u003a:error::x\n\\u003a:y"),
            ("a ##[error]b", r"a #\u0023[error]b"),
            ("a::b", "a::b"),
        ] {
            assert_eq!(screen(text), shown, "{text:?}");
        }
    }

    #[test]
    fn markdown_shows_what_was_there() {
        for (text, written) in [
            ("a_b|c<d", r"a\_b\|c&lt;d"),
            ("looked for: `a_b|c<d`", "looked for: `a_b|c<d`"),
            ("``a`b``, `c", "``a`b``, \\`c"),
            ("` ` `", "` ` \\`"),
            ("[x](http://y)", r"\[x\](http:&#8203;//y)"),
            ("![x]", r"!\[x\]"),
            ("<!-- a -->", "&lt;!-- a --&gt;"),
            (
                "@someone, a@b.c, CPU @ 2 GHz",
                "@&#8203;someone, a@&#8203;b.c, CPU @ 2 GHz",
            ),
            ("see #12 and GH-3", r"see \#&#8203;12 and GH-&#8203;3"),
            ("www.example.com", "www&#8203;.example.com"),
            ("&lt; $x$ ~y~", r"&amp;lt; \$x\$ \~y\~"),
            ("- a", r"\- a"),
            ("12. a", r"12\. a"),
            ("# a", r"\# a"),
            ("a\nb", r"a\\nb"),
        ] {
            assert_eq!(markdown(text), written, "{text:?}");
        }
    }

    #[test]
    fn in_a_table_code_keeps_its_bars() {
        assert_eq!(markdown_cell("`a|b`"), r"`a\|b`");
        assert_eq!(markdown_cell(r"`a\|b`"), r"a\\\|b");
        assert_eq!(markdown_cell("a|b"), r"a\|b");
        assert_eq!(markdown_cell("-0.5"), "-0.5");
    }

    #[test]
    fn code_has_as_many_backticks_as_it_needs() {
        for (text, written) in [
            ("mmap", "`mmap`"),
            ("a`b", "``a`b``"),
            ("`a``", "``` `a`` ```"),
            (" a ", "`  a  `"),
        ] {
            assert_eq!(code_span(text), written);
        }
        assert_eq!(fenced(["a", "```", "<b>"]), "````text\na\n```\n<b>\n````\n");
        assert_eq!(fenced(["a\n```"]), "````text\na\\n```\n````\n");
    }

    #[test]
    fn cells_are_no_formulas_and_numbers_stay_numbers() {
        for (text, cell) in [
            ("=1+1", "'=1+1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("-x", "'-x"),
            ("-0.5", "-0.5"),
            ("+inf", "'+inf"),
            ("\t=1", r"\t=1"),
            ("mmap", "mmap"),
        ] {
            assert_eq!(csv_cell(text), cell);
        }
    }

    #[test]
    fn words_can_be_pasted() {
        for (word, pasted) in [
            ("mmap,read", "mmap,read"),
            ("it's a", r"'it'\''s a'"),
            ("", "''"),
            ("=ls", "'=ls'"),
            ("~root", "'~root'"),
            ("$(id)`id`", "'$(id)`id`'"),
            ("a\n'b\\\u{202e}", r"$'a\x0a\'b\\\xe2\x80\xae'"),
        ] {
            assert_eq!(shell_word(word), pasted);
        }
    }
}
