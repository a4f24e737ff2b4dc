//! Criterion's groups: what is steady and warm of a workload is one, and each other benchmark has its own.
//!
//! Criterion draws a group's times over the sizes, and joins what has one function in one line. A fresh
//! or a cold time at the same size is another point of another question, so it may not be in that group;
//! and since it keeps the ids of groups in those of benchmarks, whose engine stands in front of the size,
//! no group can hold the fresh times of several engines.

use criterion::measurement::WallTime;
use criterion::{Bencher, BenchmarkGroup, BenchmarkId, Criterion, SamplingMode, Throughput};
use mapmark::engine::Engine;
use mapmark::plan::Contest;

pub(crate) type Group<'g> = BenchmarkGroup<'g, WallTime>;

/// Where the benchmarks of a contest go.
pub(crate) enum Place<'p, 'g> {
    /// Into the group of their workload.
    Together(&'p mut Group<'g>),
    /// Each into a group of its own.
    Apart(&'p mut Criterion),
}

/// Whether the benchmarks of `contest` belong into the group of its workload.
pub(crate) fn is_together(contest: &Contest) -> bool {
    !contest.parameter().contains('/')
}

/// A new group.
pub(crate) fn group<'c>(criterion: &'c mut Criterion, name: &str) -> Group<'c> {
    let mut group = criterion.benchmark_group(name);
    group.sampling_mode(SamplingMode::Flat);
    group
}

impl Place<'_, '_> {
    /// Runs a benchmark whose id is that of the [cell](Contest::cell_id), in a group that `prepare` sets up.
    pub(crate) fn benchmark(
        &mut self,
        contest: &Contest,
        engine: &dyn Engine,
        throughput: Option<&Throughput>,
        prepare: impl FnOnce(&mut Group<'_>),
        answer: impl FnMut(&mut Bencher<'_, WallTime>),
    ) {
        let run = |group: &mut Group<'_>, id: BenchmarkId| {
            if let Some(throughput) = throughput {
                group.throughput(throughput.clone());
            }
            prepare(group);
            group.bench_function(id, answer);
        };
        let parameter = contest.parameter();
        match self {
            Self::Together(group) => run(group, BenchmarkId::new(engine.name(), parameter)),
            Self::Apart(criterion) => {
                let (size, situation) = parameter.split_once('/').unwrap_or((&parameter, ""));
                let name = format!("{}/{}/{size}", contest.workload.name(), engine.name());
                let mut group = group(criterion, &name);
                run(&mut group, BenchmarkId::from_parameter(situation));
                group.finish();
            }
        }
    }
}
