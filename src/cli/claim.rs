//! `mapmark claim`: published claims that mmap is faster, asked again on this machine.

use std::path::PathBuf;

use clap::Args;

use super::Told;
use super::budget::time;
use super::common::{command, fixture, interrupt, now, status, tell, workers};
use super::place::PlaceArguments;
use super::progress::Bar;
use super::report::Format;
use crate::claim::{Fault, Interpreter, Orders, ask, named};
use crate::error::{Error, Result};
use crate::fixture::Store;
use crate::record::{Access, ClaimRow, Driver, Reservation, Run, write_atomically};
use crate::report::{self, WIDTH, claims_markdown, for_terminal};
use crate::run::{Finished, Loaded};
use crate::sys::terminal_columns;
use crate::text::shown;
use crate::units::ByteCount;

/// How long past its time a process may take before it is ended.
const DEADLINE: &str = "30s";

#[derive(Args)]
pub(super) struct Claim {
    /// The claims: read, find, regex, seek, replace [default: all; `read` is "x15 faster"]
    #[arg(value_name = "CLAIM")]
    claims: Vec<String>,
    /// The Python to ask [default: python3]
    #[arg(long, value_name = "PROGRAM", conflicts_with = "no_python")]
    python: Option<PathBuf>,
    /// Ask no Python, only Rust
    #[arg(long)]
    no_python: bool,
    /// A first look: fewer tries, wider intervals, in less than twenty seconds
    #[arg(long)]
    quick: bool,
    /// Draws the orders and resamples [default: the time]
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// The directory to make for the record [default: results/runs/<time>-claim]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// How to print the result
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    #[command(flatten)]
    place: PlaceArguments,
    /// Time for all of it, instead of what is usual
    #[arg(long, value_name = "TIME", hide = true)]
    budget: Option<String>,
    /// The length of the files, instead of the published ones
    #[arg(long, value_name = "SIZE", hide = true)]
    bytes: Option<String>,
    /// How long past its time a process may take before it is ended
    #[arg(long, value_name = "TIME", default_value = DEADLINE, hide = true)]
    deadline: String,
}

impl Claim {
    pub(super) fn run(&self, quiet: bool) -> Result<Told> {
        let claims = named(&self.claims)?;
        self.place.refuse_debug_build()?;
        let bytes: Option<ByteCount> = match &self.bytes {
            Some(text) => Some(
                text.parse::<ByteCount>()
                    .map_err(|error| Error::usage(format!("--bytes: {error}")))?,
            ),
            None => None,
        };
        let deadline = time("--deadline", &self.deadline)?;
        let interrupt = interrupt()?;
        let (created, seed) = now();
        let out = self.out.as_deref();
        let place = Reservation::take(out, Driver::Claim, &created, Access::USUAL)?;
        let store = self.place.store(&interrupt)?;
        let hands = workers(None, deadline, &interrupt)?;
        let python = if self.no_python {
            Err(Fault::Missing("not asked for (--no-python)".to_owned()))
        } else {
            Interpreter::find(self.python.as_deref(), deadline, &interrupt)
        };
        if let (Some(_), Err(Fault::Missing(reason))) = (&self.python, &python) {
            return Err(Error::usage(format!(
                "--python: {reason}; name a Python, or say --no-python"
            )));
        }
        let budget = self.budget.as_deref();
        let budget = budget.map(|text| time("--budget", text)).transpose()?;
        let orders = Orders {
            claims,
            bytes,
            time: budget,
            python,
            quick: self.quick,
            seed: self.seed.unwrap_or(seed),
            created,
            command: command(),
            place,
            hands,
        };
        let files = files(&store, &orders, quiet)?;
        tell(quiet, &plan(&orders));
        let mut bar = Bar::new(orders.budget(), quiet);
        let finished = ask(orders, files, &interrupt, &mut bar)?;
        drop(bar);
        self.finish(&finished, quiet)
    }

    fn finish(&self, finished: &Finished, quiet: bool) -> Result<Told> {
        let pages = write_pages(finished);
        let room = terminal_columns().unwrap_or(WIDTH);
        let mut text = self.format.render(&finished.run, &finished.path, room)?;
        let record = shown(&finished.path);
        match self.format {
            Format::Table => text = format!("{}\nrecord      {record}\n", for_terminal(&text)),
            _ => tell(quiet, &format!("record: {record}")),
        }
        let lost = match (&finished.lost, &pages) {
            (Some(error), _) | (None, Err(error)) => Some(format!(
                "{error}; what is there stays in {record}, and the rest is printed above"
            )),
            (None, Ok(())) => None,
        };
        Ok(Told {
            text,
            status: if a_row_failed(&finished.run) {
                3
            } else {
                status(finished)
            },
            lost,
        })
    }
}

/// The files of the claims, each once.
fn files(store: &Store, orders: &Orders, quiet: bool) -> Result<Vec<Loaded>> {
    let mut files: Vec<Loaded> = Vec::new();
    for claim in &orders.claims {
        let bytes = orders.bytes_of(claim);
        if !files.iter().any(|file| file.target().bytes() == bytes) {
            files.push(fixture(store, bytes, quiet)?);
        }
    }
    Ok(files)
}

fn plan(orders: &Orders) -> String {
    let names: Vec<&str> = orders.claims.iter().map(|claim| claim.id).collect();
    let python = match &orders.python {
        Ok(python) => format!(
            "Python {}",
            python.facts.version.as_deref().unwrap_or_default()
        ),
        Err(fault) => {
            let (outcome, reason) = fault.told();
            format!("Python {outcome}: {reason}")
        }
    };
    format!(
        "plan: {}; {python}; about {:.0} s",
        names.join(", "),
        orders.budget().as_secs_f64()
    )
}

/// The page of the run with its pictures, and the claims for people.
fn write_pages(finished: &Finished) -> Result<()> {
    report::write_pages(&finished.run, &finished.path, None)?;
    let Some(claims) = &finished.run.claims else {
        return Ok(());
    };
    let page = claims_markdown(&finished.run, claims);
    let access = Access::like(&finished.path.join("run.json"))?;
    write_atomically(&finished.path.join("claims.md"), &page, access)
}

fn a_row_failed(run: &Run) -> bool {
    let failed = |row: &ClaimRow| row.outcome == "failed";
    let claims = run.claims.iter().flat_map(|claims| &claims.claims);
    claims
        .into_iter()
        .any(|claim| claim.rows.iter().any(failed))
}
