//! Measuring: the timed region, the clock it reads, and the arms that it runs in rounds.
//!
//! An **iteration** is one execution of a workload through an engine. A **batch** is consecutive
//! iterations timed together. A **round** is one batch of each arm of a contest, in random order.

mod arm;
mod clock;
mod fresh;
mod lineup;
mod load;
mod pairing;
mod protocol;
mod round;
mod trouble;
mod worker;

pub use arm::{Arm, Subject};
pub use clock::{Clock, ClockFacts, Monotonic, Scripted};
pub use fresh::Fresh;
pub use lineup::{Failure, Lineup};
pub use load::load;
pub use pairing::{BASELINE, ENGINE, Kept, Pairing};
pub use round::{Batch, Round, SHORTEST_BATCH};
pub use trouble::Trouble;
pub use worker::{Hands, work};
