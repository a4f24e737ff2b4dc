//! Tables, pages and pictures from records. The rows of tables are computed once, in [`View`]; each
//! format only lays them out.

mod charts;
mod console;
mod html;
mod markdown;
mod pages;
mod remarks;
mod splice;
mod view;
mod why;
mod words;

pub use charts::{Chart, Charts};
pub use console::{DROPPED, WIDTH, console};
pub use html::{Beside, Page, index, page};
pub use markdown::markdown;
pub use pages::{beside, write_pages};
pub use splice::splice;
pub use view::{Answer, Block, COLUMNS, Column, Row, View};
