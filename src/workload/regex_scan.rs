//! `regex_scan`: how often a regular expression matches, by the same engine over bytes for all,
//! so that checking UTF-8 is not charged to one side.
//!
//! Chunks are searched by whole lines, a slice all at once. That is the same count only where no
//! match can tell lines from the whole; such patterns are proven so, and others need a slice.

use std::io;

use regex::bytes::Regex;
use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind, Look};

use super::scan::LineCounter;
use super::{Answer, Audience, Expected, Task, Work, Workload};
use crate::engine::{Blocks, Shape, Stream};
use crate::error::{Error, Result};
use crate::fixture::{Questions, quoted_pattern};
use crate::text::code_span;
use crate::units::ByteCount;

pub(super) struct RegexScan;

impl Workload for RegexScan {
    fn name(&self) -> &'static str {
        "regex_scan"
    }

    fn about(&self) -> &'static str {
        "count the matches of a regular expression"
    }

    fn audience(&self) -> Audience {
        Audience::Minute
    }

    fn asks(&self, shape: Shape, questions: &Questions) -> Result<(), String> {
        // What is no pattern at all is an error of the oracle's, which says more.
        let is_pattern = || compiled(questions).is_ok();
        if shape == Shape::Slice || stays_within_lines(&questions.pattern) || !is_pattern() {
            return Ok(());
        }
        Err(
            "the pattern may match across lines; only engines that hold the whole file can \
             search it"
                .to_owned(),
        )
    }

    fn found_nothing(&self) -> Option<&'static str> {
        Some("the pattern matches nowhere in this file, so every engine searched all of it")
    }

    fn query(&self, questions: &Questions) -> String {
        format!("pattern {}", quoted_pattern(&questions.pattern))
    }

    fn oracle(&self, content: &[u8], questions: &Questions) -> Result<Expected> {
        let pattern = compiled(questions)?;
        let count = if stays_within_lines(&questions.pattern) {
            by_lines(&pattern, content)
        } else {
            pattern.find_iter(content).count() as u64
        };
        Ok(Expected::answer(Answer::Count(count), Some(content.len())))
    }

    fn work(&self, _bytes: ByteCount, questions: &Questions) -> Result<Work> {
        let counter = LineCounter::new(compiled(questions)?);
        Ok(Work::Read(Box::new(Scan(counter))))
    }
}

fn compiled(questions: &Questions) -> Result<Regex> {
    Regex::new(&questions.pattern).map_err(|error| {
        // Before its last line regex draws the pattern again with a mark below, which fits no table.
        let error = error.to_string();
        let reason = error.lines().last().unwrap_or_default();
        let reason = reason.strip_prefix("error: ").unwrap_or(reason);
        Error::usage(format!(
            "pattern {}: {reason}",
            code_span(&questions.pattern)
        ))
    })
}

/// Line by line is the naive way here: it shares the matcher, and nothing else.
fn by_lines(pattern: &Regex, content: &[u8]) -> u64 {
    let lines = content.split_inclusive(|byte| *byte == b'\n');
    lines
        .map(|line| pattern.find_iter(line).count() as u64)
        .sum()
}

/// Whether searching line by line provably finds what searching the whole finds: no way through
/// the pattern takes a line feed, none is empty, and none asks for what a line cannot tell.
fn stays_within_lines(pattern: &str) -> bool {
    // As `Regex::new` reads it: over bytes, with Unicode classes.
    let Ok(hir) = ParserBuilder::new().utf8(false).build().parse(pattern) else {
        return false;
    };
    let properties = hir.properties();
    properties.minimum_len() != Some(0)
        && properties.look_set().iter().all(same_at_edges)
        && !takes_line_feed(&hir)
}

/// Whether it holds at the edge of a line just when it holds at the edge of all there is.
fn same_at_edges(look: Look) -> bool {
    match look {
        Look::StartLF | Look::EndLF => true,
        // Neither a line feed nor an edge is part of a word.
        Look::WordAscii | Look::WordAsciiNegate | Look::WordUnicode => true,
        Look::WordStartAscii | Look::WordEndAscii => true,
        Look::WordStartUnicode | Look::WordEndUnicode => true,
        Look::WordStartHalfAscii | Look::WordEndHalfAscii | Look::WordEndHalfUnicode => true,
        // Beside bytes that are no UTF-8, these want to know what lies before the line.
        Look::WordUnicodeNegate | Look::WordStartHalfUnicode => false,
        Look::Start | Look::End | Look::StartCRLF | Look::EndCRLF => false,
    }
}

/// Whether a line feed stands anywhere in it.
fn takes_line_feed(hir: &Hir) -> bool {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => false,
        HirKind::Literal(literal) => literal.0.contains(&b'\n'),
        HirKind::Class(Class::Unicode(class)) => class
            .iter()
            .any(|range| (range.start()..=range.end()).contains(&'\n')),
        HirKind::Class(Class::Bytes(class)) => class
            .iter()
            .any(|range| (range.start()..=range.end()).contains(&b'\n')),
        HirKind::Repetition(_)
        | HirKind::Capture(_)
        | HirKind::Concat(_)
        | HirKind::Alternation(_) => hir.kind().subs().iter().any(takes_line_feed),
    }
}

struct Scan(LineCounter);

impl Task for Scan {
    fn on_slice(&mut self, bytes: &[u8]) -> Answer {
        Answer::Count(self.0.in_slice(bytes))
    }

    fn on_stream(&mut self, stream: &mut Stream) -> io::Result<Answer> {
        self.0.in_chunks(stream).map(Answer::Count)
    }

    fn on_blocks(&mut self, blocks: &mut Blocks<'_>) -> io::Result<Answer> {
        self.0.in_chunks(blocks).map(Answer::Count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Patterns that lines cannot change.
    const WITHIN: [&str; 24] = [
        "[0-9]+",
        "a",
        "a.b",
        ".+",
        "a|bb",
        "(ab)+",
        "(?m)^a",
        "(?m)a$",
        "(?m)^.+$",
        r"\bab",
        r"b\b",
        r"a\b.",
        r"(?-u:\B)a",
        r"a(?-u:\B)",
        r"\b{start}a",
        r"b\b{end}",
        r"a\b{end-half}",
        r"(?-u:\b{start-half})a",
        r"\w+",
        r"[^\n]+",
        r"(?-u)[^\n]",
        "(?i)A+?",
        r"(?:\n){0}a",
        r"(?-u:\xff)",
    ];

    /// Patterns that may match a line feed, nothing, or at an end of the whole only; and one that
    /// is no pattern.
    const ACROSS: [&str; 25] = [
        r"a\nb",
        r"\s+",
        r"a\s",
        r"[^a]+",
        "(?s).",
        "(?s-u).",
        r"\W",
        r"\D",
        r"a(?:\n)?",
        "[\n]",
        r"a|[\x09-\x0d]",
        "a*",
        "",
        "a|",
        "(?m)^",
        r"\b",
        r"\Aa",
        r"a\z",
        "^a",
        "a$",
        "(?mR)^a",
        "(?mR)a$",
        r"\Ba",
        r"\b{start-half}a",
        "(a",
    ];

    fn questions(pattern: &str) -> Questions {
        crate::fixture::pick(b"", None, Some(pattern)).questions
    }

    #[test]
    fn patterns_within_lines_are_told_from_others() {
        for pattern in WITHIN {
            assert!(stays_within_lines(pattern), "{pattern}");
            assert_eq!(RegexScan.asks(Shape::Stream, &questions(pattern)), Ok(()));
        }
        for pattern in ACROSS {
            assert!(!stays_within_lines(pattern), "{pattern}");
            assert_eq!(RegexScan.asks(Shape::Slice, &questions(pattern)), Ok(()));
        }
    }

    #[test]
    fn chunks_are_not_asked_for_matches_across_lines() {
        for shape in [Shape::Stream, Shape::Blocks] {
            let reason = RegexScan.asks(shape, &questions(r"a\s+b")).unwrap_err();
            assert!(reason.starts_with("the pattern may match across lines"));
        }
    }

    #[test]
    fn what_is_no_pattern_is_an_error_and_no_gap_in_a_table() {
        let broken = questions("(a");
        assert_eq!(RegexScan.asks(Shape::Stream, &broken), Ok(()));
        assert!(RegexScan.oracle(b"", &broken).is_err());
        assert!(RegexScan.work(ByteCount(0), &broken).is_err());
    }

    /// Words, their edges, line ends, and bytes that are not UTF-8, or are only together.
    fn text() -> impl Strategy<Value = Vec<u8>> {
        let bytes = b"aab1 \n\n\r\xff\x80\xc3\xa9\xe2".to_vec();
        prop::collection::vec(prop::sample::select(bytes), 0..40)
    }

    proptest! {
        #[test]
        fn lines_and_the_whole_give_one_count(content in text()) {
            for pattern in WITHIN {
                let regex = Regex::new(pattern).unwrap();
                let whole = regex.find_iter(&content).count() as u64;
                prop_assert_eq!(by_lines(&regex, &content), whole, "{}", pattern);
            }
        }

        #[test]
        fn slices_give_the_oracles_count(content in text()) {
            for pattern in WITHIN.iter().chain(&ACROSS) {
                let questions = questions(pattern);
                let Ok(expected) = RegexScan.oracle(&content, &questions) else { continue };
                let Ok(Work::Read(mut task)) = RegexScan.work(ByteCount(0), &questions) else {
                    return Err(TestCaseError::fail("no work"));
                };
                prop_assert_eq!(task.on_slice(&content), expected.answer, "{}", pattern);
            }
        }
    }

    #[test]
    fn lines_would_change_what_the_others_count() {
        let differs = |pattern: &str, content: &[u8]| {
            let regex = Regex::new(pattern).unwrap();
            by_lines(&regex, content) != regex.find_iter(content).count() as u64
        };
        assert!(differs("^a", b"a\na\n"));
        assert!(differs(r"a\nb", b"a\nb"));
        assert!(differs("a*", b"b\nb\n"));
        assert!(differs(r"\B ", b"\n\x80 "));
        assert!(differs(r"\b{start-half} ", b"\n\x80 "));
    }
}
