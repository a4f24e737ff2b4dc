//! Measuring: the timed region, the clock it reads, and the arms that it runs in rounds.
//!
//! An **iteration** is one execution of a workload through an engine. A **batch** is consecutive
//! iterations timed together. A **round** is one batch of each arm of a contest, in random order.

mod clock;
mod round;
mod trouble;

mod load;
mod stage;

mod arm;
mod kept;
mod lineup;
mod steady;

mod interrupt;
mod program;
mod protocol;

mod ear;
mod employed;
mod hands;
mod plausible;
mod weight;
mod worker;

mod fresh;
mod turns;
mod visit;

pub use arm::{Arm, Subject};
pub use clock::{Clock, ClockFacts, Monotonic, Scripted};
pub use fresh::Fresh;
pub use hands::{Hands, Rivals};
pub(crate) use interrupt::INTERRUPTED;
pub use interrupt::Interrupt;
pub use kept::{BASELINE, ENGINE, Kept};
pub use lineup::{Conditions, Failure, Lineup};
pub use load::{check_room, load, room};
pub use protocol::{Introduction, Known, PROTOCOL, SlowDown};
pub use round::{Batch, Round, SHORTEST_BATCH};
pub use stage::Stage;
pub use steady::Steady;
pub use trouble::Trouble;
pub use visit::{Visit, weigh};
pub use weight::Weight;
pub use worker::check_request;
pub(crate) use worker::work;
