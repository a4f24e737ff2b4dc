//! One criterion benchmark, with criterion's defaults. It is compared with an earlier run of itself:
//! `--save-baseline`, then `--baseline`.

use std::hint::black_box;

use criterion::Criterion;
use harnesses::{count_lines, fixture};

fn main() {
    let path = fixture();
    let mut criterion = Criterion::default().configure_from_args();
    criterion.bench_function("null", |bencher| {
        bencher.iter(|| count_lines(black_box(&path)));
    });
    criterion.final_summary();
}
