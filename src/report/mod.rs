//! Tables from records. The rows are computed once, in [`View`]; each format only lays them out.

mod claims;
mod claims_markdown;
mod console;
mod machines;
mod markdown;
mod remarks;
mod view;
mod waterfall;
mod why;

pub use claims::claims_text;
pub use claims_markdown::claims_markdown;
pub use console::console;
pub use machines::{Published, machines_page};
pub use markdown::markdown;
pub use view::{Answer, Block, COLUMNS, Column, Row, View};
pub use waterfall::waterfall;
