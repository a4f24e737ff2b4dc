//! Records of strangers: whatever stands in their texts, every output shows it and does nothing else with it.

// A test fails by panicking.
#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "common/scripted.rs"]
mod scripted;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::LazyLock;

use comrak::nodes::NodeValue;
use comrak::{Arena, parse_document};
use html5ever::tokenizer::{
    BufferQueue, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};
use mapmark::compare::{self, Comparison, Metric, Question, Side, compare};
use mapmark::history::{self, Entry, Trend};
use mapmark::record::{self, Run};
use mapmark::report::{
    Beside, Page, Published, View, claims_markdown, claims_text, comparison_page, console,
    history_page, machines_page, markdown, page, splice,
};
use mapmark::text;
use proptest::prelude::*;
use serde_json::Value;

/// What stands in a text where nothing should happen.
const HARMLESS: &str = "x";

/// What has made trouble somewhere, or could.
const NASTY: [&str; 66] = [
    "\u{1b}]0;title\u{7}",
    "\u{1b}]52;c;aGk=\u{1b}\\",
    "\u{1b}[31m",
    "\u{1b}[2J",
    "\u{1b}",
    "\u{9b}31m",
    "\n",
    "\r",
    "\r\n",
    "\t",
    "\0",
    "\u{85}",
    "\u{202e}",
    "\u{2066}",
    "\u{2028}",
    "\u{200b}",
    "\u{ffff}",
    "\u{e0041}",
    "|",
    "\\|",
    "\\",
    "`",
    "``",
    "\n```\n",
    "\n````\n",
    "<img src=x onerror=alert(1)>",
    "<script>alert(1)</script>",
    "<a href=\"javascript:alert(1)\">",
    "<!--",
    "-->",
    "\n<!-- mapmark:begin -->\n",
    "\n<!-- mapmark:end -->\n",
    "</details>",
    "\n</table>\n",
    "]]>",
    "&#x1b;",
    "&amp;",
    "&lt;",
    "[x](http://example.org)",
    "![x](http://example.org/x.png)",
    "[^1]",
    "http://example.org",
    "https://example.org/a_b_c",
    "www.example.org",
    "mailto:a@example.org",
    "a@example.org",
    "@somebody",
    "#12",
    "GH-3",
    "=1+1",
    "@SUM(A1)",
    "+1",
    "-1",
    "\"",
    "'",
    ",",
    "\n::error::x",
    "##[error]x",
    "\n# x",
    "\n---\n",
    "\n- [ ] x",
    "*x*",
    "__x__",
    "~~x~~",
    "{{ x }}{% x %}",
    "$(id)`id`",
];

fn nasty() -> impl Strategy<Value = String> {
    let known = prop::sample::select(NASTY.to_vec()).prop_map(str::to_owned);
    let piece = prop_oneof![4 => known, 1 => any::<String>(), 1 => "[a-z ]{1,6}"];
    prop::collection::vec(piece, 1..5)
        .prop_map(|pieces| pieces.concat())
        .prop_filter("a text", |text| !text.is_empty())
}

/// Every record of these tests, as JSON: of a run, and of claims.
static RECORDS: LazyLock<Vec<Texts>> = LazyLock::new(|| {
    let (mut run, _) = scripted::measured();
    run.notes = vec!["a note with `code`".to_owned()];
    run.questions = vec!["looked for: `one`".to_owned()];
    run.machine.kernel = Some("kernel".to_owned());
    run.build.revision = Some("revision".to_owned());
    let claims = Path::new(env!("CARGO_MANIFEST_DIR"));
    let claims = claims.join("results/machines/epyc-vm-2cpu/claim.json");
    let claims = std::fs::read_to_string(claims).unwrap();
    [record::to_json(&run), claims]
        .iter()
        .map(|json| Texts::new(serde_json::from_str(json).unwrap()))
        .collect()
});

/// A record, and where its texts stand that may be anything.
struct Texts {
    json: Value,
    places: Vec<String>,
}

impl Texts {
    fn new(json: Value) -> Self {
        let mut all = Vec::new();
        find_texts(&json, "", &mut all);
        let mut texts = Self {
            json,
            places: Vec::new(),
        };
        for place in all {
            texts.places.push(place);
            // What has to be one of few words is left alone.
            if texts.with(|text| format!("{text}{HARMLESS}")).is_none() {
                texts.places.pop();
            }
        }
        assert!(texts.places.len() > 30, "{:?}", texts.places);
        texts
    }

    /// The record with all of these texts changed; `None` where it is none any more.
    fn with(&self, change: impl Fn(&str) -> String) -> Option<Run> {
        let mut json = self.json.clone();
        for place in &self.places {
            let text = json.pointer_mut(place).unwrap();
            *text = Value::String(change(text.as_str().unwrap()));
        }
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("run.json");
        std::fs::write(&path, json.to_string()).unwrap();
        record::load(&path).ok()
    }
}

fn find_texts(json: &Value, at: &str, found: &mut Vec<String>) {
    match json {
        Value::String(_) => found.push(at.to_owned()),
        Value::Array(values) => {
            for (number, value) in values.iter().enumerate() {
                find_texts(value, &format!("{at}/{number}"), found);
            }
        }
        Value::Object(values) => {
            for (name, value) in values {
                find_texts(value, &format!("{at}/{name}"), found);
            }
        }
        _ => {}
    }
}

/// All outputs of a text at the start or at the end of every text of every record.
struct Outputs {
    terminal: Vec<String>,
    markdown: Vec<String>,
    html: Vec<String>,
    xml: Vec<String>,
    csv: Vec<String>,
    json: Vec<String>,
}

impl Outputs {
    fn new(change: impl Fn(&str) -> String) -> Self {
        let [run, claims] = [0, 1].map(|at| RECORDS[at].with(&change).unwrap());
        let asked = claims.claims.as_ref().unwrap();
        let comparison = compared(&change);
        let entry = Entry::of(&run);
        let trend = Trend::of(&[entry.clone(), entry], None);
        let trends = vec![(change("machine"), trend)];
        let pages = [&run, &claims].map(|run| page(run, &Beside::default()).unwrap());
        let charts = pages.iter().flat_map(|page: &Page| page.charts.iter());
        let view = View::of(&run);
        let mut published = run.clone();
        for cell in &mut published.cells {
            cell.engine = "mmap".to_owned();
        }
        let machine = Published {
            name: change("machine"),
            claim: Some(claims.clone()),
            run: Some(published),
        };
        Self {
            terminal: vec![
                console(&view, 100),
                console(&view, 40),
                claims_text(&claims, asked),
                compare::table(&comparison),
                history::table(&trends[0].1),
            ],
            markdown: vec![
                markdown(&view),
                claims_markdown(&claims, asked),
                machines_page(&[machine]),
                compare::markdown(&comparison),
            ],
            xml: charts
                .map(mapmark::report::Chart::file)
                .chain([compare::junit(&comparison)])
                .collect(),
            html: vec![
                pages[0].html.clone(),
                pages[1].html.clone(),
                comparison_page(&comparison).unwrap(),
                history_page(&trends).unwrap(),
            ],
            csv: vec![record::ratios_csv(&run), history::csv(&trends)],
            json: vec![
                record::to_json(&run),
                compare::json(&comparison),
                compare::bmf(&comparison),
                compare::action(&comparison),
            ],
        }
    }
}

/// A comparison with every text of it changed.
fn compared(change: impl Fn(&str) -> String) -> Comparison {
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/records/v1/run.json");
    let side = Side::load(&kept, Metric::Speedup).unwrap();
    let question = Question {
        metric: Metric::Speedup,
        tolerance: 0.05,
        force: false,
    };
    let mut comparison = compare(&side, &side, question).unwrap();
    let row = comparison.rows[1].clone();
    let verdicts = compare::Verdict::ALL.map(|verdict| compare::Row {
        verdict,
        ..row.clone()
    });
    comparison.rows.extend(verdicts);
    for row in &mut comparison.rows {
        row.id = change(&row.id);
        row.reason = Some(change("reason"));
    }
    for side in &mut comparison.sides {
        for text in [
            &mut side.path,
            &mut side.created,
            &mut side.build,
            &mut side.machine,
        ] {
            *text = change(text);
        }
    }
    comparison.notes = vec![change("a note")];
    comparison
}

/// What a text at its two ends makes of the outputs, beside what a harmless one does.
fn both(text: &str, in_front: bool) -> [Outputs; 2] {
    [text, HARMLESS].map(|added| {
        Outputs::new(|text| match in_front {
            true => format!("{added}{text}"),
            false => format!("{text}{added}"),
        })
    })
}

/// The styles in `text`, which `screen` has gone over; everything else that is hidden is a fault.
fn styles(text: &str) -> BTreeSet<String> {
    let mut pieces = text.split('\u{1b}');
    let mut plain = pieces.next().unwrap().to_owned();
    let mut styles = BTreeSet::new();
    for piece in pieces {
        let (style, rest) = piece.split_once('m').expect("a style");
        assert!(style.starts_with('['), "{style:?}");
        styles.insert(style.to_owned());
        plain.push_str(rest);
    }
    for line in plain.lines() {
        assert!(!line.contains(data_gen::is_hidden), "{line:?}");
        assert!(!line.trim_start().starts_with("::"), "{line:?}");
        assert!(!line.contains("##["), "{line:?}");
    }
    styles
}

/// The parts of a page of Markdown that are no text, as GitHub sees them.
fn parts(text: &str) -> Vec<String> {
    let mut options = comrak::Options::default();
    options.extension.table = true;
    options.extension.autolink = true;
    options.extension.strikethrough = true;
    options.extension.tasklist = true;
    options.extension.footnotes = true;
    options.extension.math_dollars = true;
    options.extension.alerts = true;
    let arena = Arena::new();
    let root = parse_document(&arena, text, &options);
    let mut parts = Vec::new();
    for node in root.descendants() {
        match &node.data().value {
            NodeValue::Text(text) => assert!(!mentions(text), "{text:?}"),
            NodeValue::Code(_) | NodeValue::SoftBreak => {}
            NodeValue::HtmlBlock(html) => parts.push(format!("html {}", html.literal)),
            NodeValue::HtmlInline(html) => parts.push(format!("html {html}")),
            NodeValue::CodeBlock(block) => {
                let lines = block.literal.lines().count();
                parts.push(format!("{} {lines}", block.info));
            }
            other => parts.push(other.xml_node_name().to_owned()),
        }
    }
    parts
}

/// Whether GitHub would tell somebody, or link to an issue.
fn mentions(text: &str) -> bool {
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let next = letters.peek();
        let called = letter == '@' && next.is_some_and(|next| next.is_alphanumeric());
        let numbered = letter == '#' && next.is_some_and(char::is_ascii_digit);
        if called || numbered {
            return true;
        }
    }
    false
}

/// What pictures draw: a longer name leaves less room, in which there are fewer lines.
const DRAWN: [&str; 8] = [
    "circle", "line", "path", "polygon", "polyline", "rect", "text", "/text",
];

/// Every tag of a page with the names of its attributes.
#[derive(Default)]
struct Tags(RefCell<Vec<String>>);

impl TokenSink for Tags {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        match token {
            Token::TagToken(tag) => {
                let mut told = match tag.kind {
                    TagKind::StartTag => tag.name.to_string(),
                    TagKind::EndTag => format!("/{}", tag.name),
                };
                for attribute in &tag.attrs {
                    let name = &attribute.name.local;
                    told.push_str(&format!(" {name}"));
                    if ["href", "src"].contains(&name.as_ref()) {
                        let value = attribute.value.to_string();
                        assert!(
                            !value.contains("script:") && !value.contains("//"),
                            "{value}"
                        );
                    }
                }
                self.0.borrow_mut().push(told);
            }
            Token::CommentToken(text) => self.0.borrow_mut().push(format!("comment {text}")),
            Token::NullCharacterToken => panic!("a null character"),
            Token::CharacterTokens(text) => {
                let hidden = |letter| letter != '\n' && data_gen::is_hidden(letter);
                assert!(!text.contains(hidden), "{text:?}");
            }
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

fn tags(html: &str) -> Vec<String> {
    let input = BufferQueue::default();
    input.push_back(html.into());
    let tokenizer = Tokenizer::new(Tags::default(), TokenizerOpts::default());
    let _ = tokenizer.feed(&input);
    tokenizer.end();
    let mut tags = tokenizer.sink.0.into_inner();
    tags.retain(|tag| !is_drawn(tag));
    tags
}

fn is_drawn(tag: &str) -> bool {
    DRAWN.contains(&tag.split(' ').next().unwrap_or_default())
}

fn elements(xml: &str) -> Vec<String> {
    let document = roxmltree::Document::parse(xml).unwrap_or_else(|error| panic!("{error}: {xml}"));
    let element = |node: roxmltree::Node<'_, '_>| {
        let names: Vec<&str> = node
            .attributes()
            .map(|attribute| attribute.name())
            .collect();
        format!("{} {}", node.tag_name().name(), names.join(" "))
    };
    let nodes = document.descendants();
    let elements = nodes.filter(|node| node.is_element()).map(element);
    elements.filter(|element| !is_drawn(element)).collect()
}

/// The lines of a table and what is a number in each of them.
fn table(csv: &str) -> Vec<Vec<Option<String>>> {
    let mut reader = csv::ReaderBuilder::new();
    let mut reader = reader.has_headers(false).from_reader(csv.as_bytes());
    let is_number = |field: &str| field.parse::<f64>().is_ok_and(f64::is_finite);
    let field = |field: &str| {
        let formula = field.starts_with(['=', '+', '-', '@', '\t', '\r']);
        assert!(!formula || is_number(field), "{field:?}");
        is_number(field).then(|| field.to_owned())
    };
    let lines = reader.records();
    lines
        .map(|line| line.unwrap().iter().map(field).collect())
        .collect()
}

/// Where two outputs differ, and what stands there.
fn difference<T: PartialEq + std::fmt::Debug>(shown: &[T], plain: &[T]) -> Option<String> {
    let length = shown.len().max(plain.len());
    let at = (0..length).find(|at| shown.get(*at) != plain.get(*at))?;
    let around = |parts: &[T]| {
        format!(
            "{:?}",
            parts.iter().skip(at.max(2) - 2).take(5).collect::<Vec<_>>()
        )
    };
    Some(format!("{at}: {} and {}", around(shown), around(plain)))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(24) })]

    #[test]
    fn no_text_does_anything_in_any_output(text in nasty(), in_front in any::<bool>()) {
        let [shown, plain] = both(&text, in_front);
        for (shown, plain) in shown.terminal.iter().zip(&plain.terminal) {
            prop_assert_eq!(styles(&text::screen(shown)), styles(&text::screen(plain)));
        }
        for (shown, plain) in shown.markdown.iter().zip(&plain.markdown) {
            prop_assert_eq!(difference(&parts(shown), &parts(plain)), None);
            let page = "<!-- mapmark:begin -->\n<!-- mapmark:end -->\n";
            let once = splice(page, shown).unwrap();
            prop_assert_eq!(splice(&once, shown), Ok(once));
        }
        for (shown, plain) in shown.html.iter().zip(&plain.html) {
            prop_assert_eq!(difference(&tags(shown), &tags(plain)), None);
        }
        prop_assert_eq!(shown.xml.len(), plain.xml.len());
        for (shown, plain) in shown.xml.iter().zip(&plain.xml) {
            prop_assert_eq!(difference(&elements(shown), &elements(plain)), None);
        }
        for (shown, plain) in shown.csv.iter().zip(&plain.csv) {
            prop_assert_eq!(difference(&table(shown), &table(plain)), None);
        }
        for json in &shown.json {
            let screened: Value = serde_json::from_str(&text::screen(json)).unwrap();
            prop_assert_eq!(screened, serde_json::from_str::<Value>(json).unwrap());
        }
    }

    /// Nothing is lost on the way either: Markdown shows the very text.
    #[test]
    fn markdown_shows_the_very_text(text in nasty()) {
        let text = text.replace('`', "");
        let shown = text::terminal(&text).trim().to_owned();
        for written in [text::markdown(&text), format!("| a |\n| - |\n| {} |", text::markdown_cell(&text))] {
            let arena = Arena::new();
            let mut options = comrak::Options::default();
            options.extension.table = true;
            options.extension.strikethrough = true;
            let root = parse_document(&arena, &written, &options);
            let read: String = root.descendants().filter_map(|node| match &node.data().value {
                NodeValue::Text(text) => Some(text.replace('\u{200b}', "")),
                _ => None,
            }).collect();
            let read = read.strip_prefix('a').filter(|_| written.starts_with('|')).unwrap_or(&read);
            prop_assert_eq!(read.trim(), shown.as_str());
        }
    }

    /// A shell takes a word for what it is.
    #[test]
    fn a_shell_reads_the_very_word(words in prop::collection::vec(nasty(), 1..4)) {
        let words: Vec<String> = words.iter().map(|word| word.replace('\0', "")).collect();
        let pasted: Vec<String> = words.iter().map(text::shell_word).collect();
        prop_assert!(!pasted.iter().any(|word| word.contains(data_gen::is_hidden)));
        let script = format!("printf '%s\\0' {}", pasted.join(" "));
        let bash = std::process::Command::new("bash").args(["-c", &script]).output();
        let Ok(bash) = bash else { return Ok(()) };
        let expected: String = words.iter().map(|word| format!("{word}\0")).collect();
        prop_assert_eq!(String::from_utf8_lossy(&bash.stdout), expected);
    }
}
