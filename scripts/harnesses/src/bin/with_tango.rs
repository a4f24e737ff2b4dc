//! One tango benchmark, compared with a copy of this program: `compare COPY`.

use std::hint::black_box;

use harnesses::{count_lines, fixture};
use tango_bench::{benchmark_fn, tango_benchmarks};

tango_benchmarks!([benchmark_fn("null", |bencher| {
    let path = fixture();
    bencher.iter(move || count_lines(black_box(&path)))
})]);
