//! From a selection to contests and their cells: exactly what `mapmark list` prints.

mod axes;
mod contest;
mod selection;
mod sweep;

pub use axes::{Cache, Process, Profile, Scope};
pub use contest::{Contest, Entry};
pub(crate) use contest::{cell_id, situation};
pub use selection::{ALSO_FRESH, DEFAULT_SIZES, Selection};
pub use sweep::{MOST_SIZES, Sweep};
