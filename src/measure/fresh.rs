//! A cell of new processes: each batch is one iteration in a process that did nothing before, on a
//! file whose cache state is verified before each.

use rand::SeedableRng;
use rand::rngs::Xoshiro256PlusPlus;
use rand::seq::SliceRandom;

use super::arm::Subject;
use super::pairing::{BASELINE, ENGINE, Kept};
use super::protocol::{self, Iteration, Order, PROTOCOL};
use super::round::{Batch, Round};
use super::trouble::{ATTEMPTS, Trouble};
use super::worker::Hands;
use crate::engine::Engine;
use crate::plan::Cache;
use crate::sys;

/// An engine and the baseline, each batch in a process of its own.
pub struct Fresh<'s, 'f> {
    subject: &'s mut Subject<'f>,
    hands: &'s Hands,
    cache: Cache,
    orders: [String; 2],
    draw: Xoshiro256PlusPlus,
    kept: Kept,
}

impl<'s, 'f> Fresh<'s, 'f> {
    /// Pairs an engine with a baseline on `subject`, whose workload must be one that reads. `seed`
    /// draws the order within each round.
    ///
    /// # Errors
    /// Where the engine cannot take this content.
    pub fn new(
        subject: &'s mut Subject<'f>,
        engines: [&'static dyn Engine; 2],
        cache: Cache,
        hands: &'s Hands,
        seed: u64,
    ) -> Result<Self, Trouble> {
        let mut orders = [String::new(), String::new()];
        for (order, engine) in orders.iter_mut().zip(engines) {
            subject.suits(engine)?;
            let told = protocol::write(&Order {
                protocol: PROTOCOL,
                fixture: subject.fixture().ticket(),
                workload: subject.workload().name().to_owned(),
                engine: engine.name().to_owned(),
            });
            *order = told.map_err(|reason| Trouble::Failed(format!("the order {reason}")))?;
        }
        Ok(Self {
            subject,
            hands,
            cache,
            orders,
            draw: Xoshiro256PlusPlus::seed_from_u64(seed),
            kept: Kept::default(),
        })
    }

    /// Runs and keeps a round for each of `iterations`; returns what the engine's took together, in
    /// nanoseconds.
    ///
    /// # Errors
    /// Where a worker dies or answers wrong, or the cache cannot be brought into its state.
    pub fn run(&mut self, iterations: u64) -> Result<f64, Trouble> {
        let mut engine_ns = 0u64;
        for _ in 0..iterations {
            let round = self.round()?;
            engine_ns = engine_ns.saturating_add(round.batches[ENGINE].elapsed_ns);
            self.kept.rounds.push(round);
        }
        Ok(engine_ns as f64)
    }

    /// Rounds kept so far.
    #[must_use]
    pub fn kept(&self) -> &[Round] {
        &self.kept.rounds
    }

    /// Hands over what was kept.
    #[must_use]
    pub fn finish(self) -> Kept {
        self.kept
    }

    fn round(&mut self) -> Result<Round, Trouble> {
        for _ in 0..ATTEMPTS {
            let round = self.attempt()?;
            if self.cache == Cache::Cold || !round.waited_for_device() {
                return Ok(round);
            }
            self.kept.voided += 1;
        }
        Err(Trouble::pages_left())
    }

    fn attempt(&mut self) -> Result<Round, Trouble> {
        let mut order = [ENGINE, BASELINE];
        order.shuffle(&mut self.draw);
        let first = self.batch(order[0])?;
        let second = self.batch(order[1])?;
        Ok(if order[0] == ENGINE {
            Round {
                batches: vec![first, second],
                positions: vec![0, 1],
            }
        } else {
            Round {
                batches: vec![second, first],
                positions: vec![1, 0],
            }
        })
    }

    fn batch(&mut self, arm: usize) -> Result<Batch, Trouble> {
        self.bring_cache_into_state()?;
        let iteration = self.iterate(arm).map_err(|reason| {
            Trouble::Failed(match arm {
                BASELINE => format!("the baseline: {reason}"),
                _ => reason,
            })
        })?;
        Ok(iteration.batch())
    }

    fn iterate(&self, arm: usize) -> Result<Iteration, String> {
        let iteration = self.hands.iterate(&self.orders[arm])?;
        self.subject.check(&[iteration.answer])?;
        Ok(iteration)
    }

    /// Warm: every page in memory. Cold: none.
    fn bring_cache_into_state(&self) -> Result<(), Trouble> {
        match self.cache {
            Cache::Warm if self.subject.is_warm()? => Ok(()),
            Cache::Warm => self.subject.warm(),
            Cache::Cold => self.subject.cool(),
        }
    }
}

impl Subject<'_> {
    /// Evicts the file and verifies that no page of it is left in memory.
    ///
    /// # Errors
    /// Where pages stay, the system does not tell, or takes no advice to evict.
    fn cool(&self) -> Result<(), Trouble> {
        let unknown = |error: std::io::Error| {
            Trouble::Unverified(format!("the file cannot be evicted: {error}"))
        };
        sys::evict(self.path()).map_err(unknown)?;
        match sys::residency(self.path()).map_err(unknown)?.resident {
            0 => Ok(()),
            left => Err(Trouble::Unverified(format!(
                "{left} pages of the file stay in memory after eviction; a file on tmpfs is memory, \
                 and one that others map is not evicted"
            ))),
        }
    }
}
