//! The runs of a machine in a row: an append-only file of JSON lines for each machine, and what it shows.
//!
//! Data moves one way: record → [`Entry`] → a line of the file → [`Trend`] → table or CSV; the page stands in `report`.

mod csv;
mod entry;
mod file;
mod lock;
mod table;
mod trend;

pub use self::csv::csv;
pub use entry::{Entry, Point, SCHEMA};
pub use file::{Added, Kept, add, files, read};
pub use table::table;
pub use trend::{Seen, Series, Trend};

/// Where histories are kept unless another place is named.
pub const HISTORY: &str = "results/history";
