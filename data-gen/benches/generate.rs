//! How fast fixtures are made: into nothing, into a file, and, to hold that against what the file
//! system takes, a file of zeros written 1 MiB at a time as `dd if=/dev/zero bs=1M` does.
//!
//! Files go below cargo's target directory and are removed outside the clock.

#![expect(
    clippy::unwrap_used,
    reason = "a benchmark that cannot write has nothing to say"
)]

use std::{
    fs::{self, File},
    io::{self, Write},
    path::Path,
    time::{Duration, Instant},
};

use criterion::{Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use data_gen::{Alphabet, ByteCount, Making, TextSpec, generate, manifest_path, write_text};

const BYTES: ByteCount = ByteCount(512 << 20);

fn benches(criterion: &mut Criterion) {
    let directory = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let path = directory.path().join("text.txt");
    let spec = TextSpec::new(BYTES, 7);
    let utf8 = TextSpec {
        alphabet: Alphabet::Utf8,
        ..spec.clone()
    };

    let mut group = criterion.benchmark_group("generate");
    group
        .throughput(Throughput::Bytes(BYTES.0))
        .sampling_mode(SamplingMode::Flat)
        .sample_size(20);
    group.bench_function("sink", |b| {
        b.iter(|| write_text(&spec, io::sink()).unwrap())
    });
    group.bench_function("sink_utf8", |b| {
        b.iter(|| write_text(&utf8, io::sink()).unwrap())
    });
    group.bench_function("file", |b| {
        b.iter_custom(|times| {
            timed(times, &path, || {
                drop(generate(&spec, &path, &Making::default()).unwrap())
            })
        });
    });
    group.bench_function("zeros", |b| {
        b.iter_custom(|times| timed(times, &path, || zeros(&path)))
    });
    group.finish();
}

/// The time that `make` takes, without that for removing what it made.
fn timed(times: u64, path: &Path, make: impl Fn()) -> Duration {
    let mut elapsed = Duration::ZERO;
    for _ in 0..times {
        let start = Instant::now();
        make();
        elapsed += start.elapsed();
        fs::remove_file(path).unwrap();
        let _ = fs::remove_file(manifest_path(path));
    }
    elapsed
}

fn zeros(path: &Path) {
    let mut file = File::create(path).unwrap();
    let mebibyte = vec![0; 1 << 20];
    for _ in 0..BYTES.0 >> 20 {
        file.write_all(&mebibyte).unwrap();
    }
}

criterion_group!(generate_benches, benches);
criterion_main!(generate_benches);
