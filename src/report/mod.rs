//! Tables, pages and pictures from records. The rows of tables are computed once, in [`View`]; each
//! format only lays them out.

mod charset;
mod charts;
mod claims;
mod claims_markdown;
mod console;
mod grouped;
mod html;
mod machines;
mod markdown;
mod pages;
mod remarks;
mod resolution;
mod splice;
mod sweep;
mod view;
mod why;
mod words;

pub use charset::{for_terminal, shows_utf8};
pub use charts::{Chart, Charts};
pub use claims::claims_text;
pub(crate) use claims::folded;
pub use claims_markdown::claims_markdown;
pub use console::{DROPPED, WIDTH, closing, console};
pub use html::{Beside, Page, comparison_page, history_page, index, page};
pub use machines::{Published, machines_page};
pub use markdown::markdown;
pub use pages::{beside, write_charts, write_pages};
pub use splice::splice;
pub use sweep::{SWEEP_COLUMNS, SweepTable};
pub use view::{Answer, Block, COLUMNS, Column, Row, View};
