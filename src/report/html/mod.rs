//! Pages that need nothing else: `report.html` of a run, that of a comparison, and that of histories. What stands in
//! them is computed here; the templates beside this file only lay it out, and escape every name on the way.

mod claims;
mod comparison;
mod contests;
mod environment;
mod history;
mod index;
mod map;
mod swept;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, Value, escape_formatter};
use serde::Serialize;

use super::charts::{Chart, Charts};
use super::view::View;
use super::words;
use crate::error::{Error, Result};
use crate::record::{Rounds, Run, ratios_csv};
use crate::text::terminal;

use claims::Asked;
use contests::{Answers, Evidence};
use map::Map;

pub use comparison::comparison_page;
pub use history::history_page;
pub(super) use index::in_address;
pub use index::index;

const STYLE: &str = include_str!("style.css");

/// A page and the pictures in it.
#[derive(Clone, Debug)]
pub struct Page {
    /// The page.
    pub html: String,
    /// Its pictures, to be kept as files too.
    pub charts: Charts,
}

/// What a page says of things beside the record.
#[derive(Clone, Debug, Default)]
pub struct Beside {
    /// The rounds, for pictures of them.
    pub rounds: Option<Rounds>,
    /// Why there are none.
    pub without_rounds: Option<String>,
    /// Whether the page lies in the run directory, so that it can link to the other files.
    pub in_directory: bool,
    /// Where criterion's own report lies, as seen from the page.
    pub criterion: Option<String>,
}

/// What the template is given.
#[derive(Serialize)]
struct Context<'a> {
    style: &'static str,
    title: String,
    headline: String,
    created: &'a str,
    driver: &'static str,
    machine: String,
    heading: &'a [String],
    asked: Option<Asked>,
    tallies: Vec<String>,
    floors: String,
    resolution: Vec<String>,
    doubts: &'a [String],
    swept: bool,
    crossovers: &'a [String],
    crossover_charts: &'a [Chart],
    answers: Vec<Answers>,
    maps: Vec<Map>,
    speedups: &'a [Chart],
    sizes: &'a [Chart],
    shares: &'a [Chart],
    rounds: &'a [Chart],
    left_out: usize,
    without_rounds: Option<String>,
    evidence: Vec<Evidence>,
    controls: Vec<Evidence>,
    columns: Vec<Heading>,
    summary: &'a [String],
    questions: &'a [String],
    legend: &'a [String],
    environment: Vec<(String, String)>,
    command: String,
    in_directory: bool,
    criterion: Option<&'a str>,
    figures: Figures,
}

/// A column of the tables of contests.
#[derive(Serialize)]
struct Heading {
    text: &'static str,
    figures: bool,
}

/// All of `ratios.csv`.
#[derive(Default, Serialize)]
struct Figures {
    columns: Vec<String>,
    rows: Vec<Vec<String>>,
}

/// The page of `run`.
///
/// # Errors
/// Where drawing or laying out fails, which no record makes them do.
pub fn page(run: &Run, beside: &Beside) -> Result<Page> {
    let charts = Charts::of(run, beside.rounds.as_ref())?;
    let view = View::of(run);
    let claims = run.claims.as_ref();
    let asked = claims.map(|claims| claims::asked(run, claims, &charts.ladders));
    let headline = match &asked {
        Some(asked) => asked.title.clone(),
        None => headline(run),
    };
    let (evidence, controls) = contests::evidence(run);
    let swept = run.is_sweep();
    let context = Context {
        style: STYLE,
        title: format!("{headline} · {}", run.created),
        headline,
        created: &run.created,
        driver: run.driver.name(),
        machine: run.machine.summary(),
        heading: &view.heading,
        asked,
        tallies: words::tallies(run),
        floors: words::floors(run),
        resolution: view
            .resolution
            .iter()
            .chain(&view.outlook)
            .cloned()
            .collect(),
        doubts: &view.doubts,
        swept,
        crossovers: &view.crossovers,
        crossover_charts: &charts.crossovers,
        answers: if swept {
            swept::answers(run)
        } else {
            contests::answers(run)
        },
        maps: map::maps(run),
        speedups: &charts.speedups,
        sizes: &charts.sizes,
        shares: &charts.shares,
        rounds: &charts.rounds,
        left_out: charts.left_out,
        without_rounds: without_rounds(beside),
        evidence,
        controls,
        columns: contests::headings(),
        summary: &view.summary,
        questions: &view.questions,
        legend: &view.legend,
        environment: environment::environment(run),
        command: environment::command_line(&run.command),
        in_directory: beside.in_directory,
        criterion: beside.criterion.as_deref(),
        figures: figures(run),
    };
    let html = render("report.html", &context)?;
    Ok(Page { html, charts })
}

fn headline(run: &Run) -> String {
    let workloads = run.cells.iter().map(|cell| cell.workload.as_str());
    let mut workloads: Vec<&str> = workloads.collect();
    workloads.dedup();
    workloads.sort_unstable();
    workloads.dedup();
    match workloads[..] {
        [only] => format!("mmap or read? {only}"),
        _ => "mmap or read?".to_owned(),
    }
}

fn without_rounds(beside: &Beside) -> Option<String> {
    let rounds = beside.rounds.as_ref();
    if rounds.is_some_and(|rounds| !rounds.is_empty()) {
        return None;
    }
    let missing = "rounds.csv is missing or empty".to_owned();
    Some(beside.without_rounds.clone().unwrap_or(missing))
}

fn figures(run: &Run) -> Figures {
    let csv = ratios_csv(run);
    let mut lines = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(csv.as_bytes())
        .into_records()
        .filter_map(std::result::Result::ok)
        .map(|line| line.iter().map(str::to_owned).collect());
    Figures {
        columns: lines.next().unwrap_or_default(),
        rows: lines.collect(),
    }
}

/// Lays out `context` by the template of that name; the ending of the name has names escaped.
fn render(name: &'static str, context: &impl Serialize) -> Result<String> {
    let refused =
        |error: minijinja::Error| Error::usage(format!("cannot lay out {name}: {error:#}"));
    let mut templates = Environment::new();
    // A tag on a line of its own leaves nothing behind.
    let syntax = SyntaxConfig::builder()
        .trim_blocks(true)
        .lstrip_blocks(true)
        .build();
    templates.set_syntax(syntax.map_err(refused)?);
    // Characters that are not seen could turn figures around, and make two names look alike.
    templates.set_formatter(|out, state, value| match value.as_str() {
        Some(text) if !value.is_safe() => {
            escape_formatter(out, state, &Value::from(terminal(text)))
        }
        _ => escape_formatter(out, state, value),
    });
    for (name, text) in [
        ("claims.html", include_str!("claims.html")),
        ("comparison.html", include_str!("comparison.html")),
        ("head.html", include_str!("head.html")),
        ("history.html", include_str!("history.html")),
        ("parts.html", include_str!("parts.html")),
        ("report.html", include_str!("report.html")),
        ("index.html", include_str!("index.html")),
    ] {
        templates.add_template(name, text).map_err(refused)?;
    }
    let template = templates.get_template(name).map_err(refused)?;
    template.render(Serde(context)).map_err(refused)
}
