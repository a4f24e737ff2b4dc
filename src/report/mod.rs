//! Tables from records. The rows are computed once, in [`View`]; each format only lays them out.

mod console;
mod markdown;
mod remarks;
mod view;
mod why;

pub use console::console;
pub use markdown::markdown;
pub use view::{Answer, Block, COLUMNS, Column, Row, View};
