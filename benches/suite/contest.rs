//! One set of rounds for each contest: the baseline, its twin and all engines that take part, as in
//! `mapmark run`. Every figure of the contest, and every time that criterion gets, is from these rounds.

use std::time::{Duration, Instant};

use mapmark::engine::Engine;
use mapmark::measure::{
    Conditions, Failure, Fresh, Hands, Kept, Monotonic, Steady, Subject, Trouble,
};
use mapmark::plan::{Contest, Process};
use mapmark::record;

use super::settings::Times;

/// Place of the baseline among the arms, and of its twin, whose ratio is the noise floor.
const BASELINE: usize = 0;
const TWIN: usize = 1;

/// How well the noise floor is to be known, since it decides over the whole contest: half the
/// width of its interval, in percent.
const FLOOR_PRECISION: f64 = 0.45;

/// How long rounds are added before it is asked again how well the floor is known.
const STEP: Duration = Duration::from_millis(250);

/// The engines of a contest, in this process or each time in a new one.
enum Arms<'a, 'f> {
    Steady(Steady<'a, 'f, 'static>),
    Fresh(Fresh<'a, 'f>),
}

impl Arms<'_, '_> {
    fn make_ready(&mut self) -> Result<(), Failure> {
        match self {
            Self::Steady(steady) => steady.make_ready(),
            Self::Fresh(_) => Ok(()), // readies the file before each batch
        }
    }

    fn warm_up(&mut self, clock: &Monotonic, at_least: Duration) -> Result<(), Failure> {
        match self {
            Self::Steady(steady) => steady.warm_up(clock, at_least),
            Self::Fresh(_) => Ok(()), // nothing in a new process is warm
        }
    }

    fn run(&mut self, clock: &Monotonic, rounds: usize) -> Result<(), Failure> {
        match self {
            Self::Steady(steady) => steady.run(clock, rounds),
            Self::Fresh(fresh) => fresh.run(rounds),
        }
    }

    fn run_for(&mut self, clock: &Monotonic, time: Duration) -> Result<(), Failure> {
        match self {
            Self::Steady(steady) => steady.run_until(clock, Instant::now() + time, 1),
            Self::Fresh(fresh) => fresh.run_for(time),
        }
    }

    fn kept(&self) -> &Kept {
        match self {
            Self::Steady(steady) => steady.kept(),
            Self::Fresh(fresh) => fresh.kept(),
        }
    }

    /// Iterations in a batch of the first arm.
    fn batch_iterations(&self) -> u64 {
        match self {
            Self::Steady(steady) => steady.batch_iterations().first().copied().unwrap_or(1),
            Self::Fresh(_) => 1,
        }
    }

    fn finish(self) -> Kept {
        match self {
            Self::Steady(steady) => steady.finish(),
            Self::Fresh(fresh) => fresh.finish(),
        }
    }
}

/// How a contest is measured.
#[derive(Clone, Copy)]
pub(crate) struct Measuring<'m> {
    pub(crate) contest: &'m Contest,
    pub(crate) clock: Monotonic,
    pub(crate) hands: &'m Hands,
    pub(crate) times: Times,
    /// Draws the order within each round.
    pub(crate) seed: u64,
}

/// What came of an engine: its rounds beside the baseline, or why there are none.
pub(crate) type Came = (&'static dyn Engine, Result<Kept, Trouble>);

impl Measuring<'_> {
    /// Measures `challengers` with the baseline and its twin. The baseline's rounds are first, against
    /// its twin; those of the others follow, against the baseline. An engine that fails costs the
    /// others nothing: they run again without it.
    pub(crate) fn measure(
        &self,
        subject: &mut Subject<'_>,
        challengers: &[&'static dyn Engine],
    ) -> Vec<Came> {
        let baseline = self.contest.baseline;
        let mut left = challengers.to_vec();
        let mut came: Vec<Came> = Vec::new();
        loop {
            let arms: Vec<_> = [baseline; 2].into_iter().chain(left.clone()).collect();
            match self.rounds(subject, &arms) {
                Ok(kept) => {
                    let cells = left.iter().zip(TWIN + 1..);
                    came.extend(cells.map(|(own, arm)| (*own, Ok(kept.of_cell(arm, BASELINE)))));
                    came.insert(0, (baseline, Ok(kept.of_cell(BASELINE, TWIN))));
                    return came;
                }
                Err(failure) => match failure.arm.filter(|arm| *arm > TWIN) {
                    Some(arm) => came.push((left.remove(arm - TWIN - 1), Err(failure.trouble))),
                    None => {
                        let of_others = match failure.arm {
                            Some(_) => failure.trouble.clone().of_baseline(),
                            None => failure.trouble.clone(),
                        };
                        came.extend(left.iter().map(|own| (*own, Err(of_others.clone()))));
                        came.insert(0, (baseline, Err(failure.trouble)));
                        return came;
                    }
                },
            }
        }
    }

    /// Rounds until every arm has had its time and the floor is known well enough, or the time for
    /// that is over too. When they end has nothing to do with what any engine's interval says.
    fn rounds(
        &self,
        subject: &mut Subject<'_>,
        engines: &[&'static dyn Engine],
    ) -> Result<Kept, Failure> {
        let (least, most) = self.times.of_contest(engines.len(), self.contest.process);
        let mut arms = self.arms(subject, engines)?;
        arms.warm_up(&self.clock, self.times.warm_up)?;
        let start = Instant::now();
        loop {
            let left = least.saturating_sub(start.elapsed());
            arms.run_for(&self.clock, if left.is_zero() { STEP } else { left })?;
            let (kept, spent) = (arms.kept(), start.elapsed());
            let enough = kept.rounds.len() >= self.times.samples && spent >= least;
            if enough && (spent >= most || is_precise(kept)) {
                return Ok(arms.finish());
            }
        }
    }

    /// One engine alone, for who wants to see that it works or where its time goes.
    pub(crate) fn alone<'a, 'f>(
        &'a self,
        subject: &'a mut Subject<'f>,
        engine: &'static dyn Engine,
    ) -> Result<Alone<'a, 'f>, Trouble> {
        let arms = self.arms(subject, &[engine]);
        Ok(Alone {
            arms: arms.map_err(|failure| failure.trouble)?,
            clock: self.clock,
        })
    }

    fn arms<'a, 'f>(
        &'a self,
        subject: &'a mut Subject<'f>,
        engines: &[&'static dyn Engine],
    ) -> Result<Arms<'a, 'f>, Failure> {
        if self.contest.process == Process::Steady {
            return Ok(Arms::Steady(Steady::new(subject, engines, self.seed)?));
        }
        for (arm, engine) in engines.iter().enumerate() {
            subject.suits(*engine).map_err(|trouble| Failure {
                arm: Some(arm),
                trouble,
            })?;
        }
        let conditions = Conditions {
            cache: self.contest.cache,
            ..Conditions::default()
        };
        let stage = subject.stage();
        let fresh = Fresh::new(stage, engines, conditions, self.hands, self.seed)?;
        Ok(Arms::Fresh(fresh))
    }
}

/// An engine that runs as often as criterion says.
pub(crate) struct Alone<'a, 'f> {
    arms: Arms<'a, 'f>,
    clock: Monotonic,
}

impl Alone<'_, '_> {
    /// Before iterations that only have to work, or, `warm`, that somebody looks into.
    pub(crate) fn make_ready(&mut self, warm: bool) -> Result<(), Trouble> {
        let ready = match warm {
            true => self.arms.warm_up(&self.clock, Duration::ZERO),
            false => self.arms.make_ready(),
        };
        ready.map_err(|failure| failure.trouble)
    }

    /// Runs about so many iterations, at least a batch, and tells how long exactly so many take.
    pub(crate) fn run(&mut self, iterations: u64) -> Result<Duration, Trouble> {
        let batch = self.arms.batch_iterations();
        let rounds = (iterations / batch).max(1);
        let before = self.arms.kept().rounds.len();
        let ran = self
            .arms
            .run(&self.clock, usize::try_from(rounds).unwrap_or(usize::MAX));
        ran.map_err(|failure| failure.trouble)?;
        let new = &self.arms.kept().rounds[before..];
        let ns: u64 = new.iter().map(|round| round.batches[0].elapsed_ns).sum();
        let share = iterations as f64 / (rounds * batch) as f64;
        Ok(Duration::from_nanos(
            (ns as f64 * share).round().max(1.0) as u64
        ))
    }
}

fn is_precise(kept: &Kept) -> bool {
    let floor = record::half_width_percent(&kept.of_cell(BASELINE, TWIN).rounds, 0);
    floor.is_some_and(|percent| percent <= FLOOR_PRECISION)
}
