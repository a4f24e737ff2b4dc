//! The two ways to measure an engine beside the baseline, behind one face.

use mapmark::measure::{Fresh, Kept, Monotonic, Pairing, Round, Trouble};

/// An engine and the baseline, in this process or each time in a new one.
pub(crate) enum Arms<'a, 'f> {
    Steady(Pairing<'a, 'f, 'static>),
    Fresh(Fresh<'a, 'f>),
}

impl Arms<'_, '_> {
    pub(crate) fn make_ready(&mut self) -> Result<(), Trouble> {
        match self {
            Self::Steady(pairing) => pairing.make_ready(),
            Self::Fresh(_) => Ok(()), // readies the file before each batch
        }
    }

    pub(crate) fn warm_up(&mut self, clock: &Monotonic) -> Result<(), Trouble> {
        match self {
            Self::Steady(pairing) => pairing.warm_up(clock),
            Self::Fresh(_) => Ok(()), // nothing in a new process is warm
        }
    }

    pub(crate) fn run(&mut self, clock: &Monotonic, iterations: u64) -> Result<f64, Trouble> {
        match self {
            Self::Steady(pairing) => pairing.run(clock, iterations),
            Self::Fresh(fresh) => fresh.run(iterations),
        }
    }

    pub(crate) fn kept(&self) -> &[Round] {
        match self {
            Self::Steady(pairing) => pairing.kept(),
            Self::Fresh(fresh) => fresh.kept(),
        }
    }

    pub(crate) fn finish(self) -> Kept {
        match self {
            Self::Steady(pairing) => pairing.finish(),
            Self::Fresh(fresh) => fresh.finish(),
        }
    }
}
