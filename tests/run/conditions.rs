//! The axes besides warm, steady and per call, and the conditions.

use crate::bench::{Bench, outcomes, reasons, tells_residency};
use crate::common::skipped;

/// A file that the memory of a worker does not hold.
const LARGER_THAN_MEMORY: [&str; 6] = [
    "--size",
    "40MB",
    "--workload",
    "whole_file",
    "--memory-limit",
    "24MiB",
];

#[test]
fn files_that_stay_open_are_measured_in_every_shape() {
    let bench = Bench::new();
    let told = ["--size", "100kB", "--scope", "kept_open", "--engine", "all"];
    let workloads = ["--workload", "whole_file,find_last,seek_read,replace"];
    bench.run(&[&told[..], &workloads].concat()).with_status(0);
    if !tells_residency(&bench.path("")) {
        return skipped("this system does not tell which pages are in memory");
    }
    for cell in bench.cells() {
        let outcome = cell["outcome"].as_str().unwrap();
        let impossible = cell["workload"] == "replace" || cell["reason"].is_string();
        let wanted = if impossible {
            "unsupported"
        } else {
            "measured"
        };
        assert_eq!(outcome, wanted, "{cell}");
        assert_eq!(cell["scope"], "kept_open");
    }
    let reasons = reasons(&bench.cells());
    assert!(
        reasons.contains("written when the file is closed"),
        "{reasons}"
    );
}

#[test]
fn cold_files_are_evicted_in_one_process_too() {
    let bench = Bench::new();
    let told = ["--size", "100kB", "--workload", "whole_file,replace"];
    let cold = ["--cache", "cold", "--process", "steady,fresh"];
    bench.run(&[&told[..], &cold].concat());
    let cells = bench.cells();
    assert_eq!(cells.len(), 8);
    let probe = bench.file("probe", b"probe");
    let evicted = mapmark::sys::evict(&probe).is_ok()
        && mapmark::sys::residency(&probe).is_ok_and(|pages| pages.resident == 0);
    if !evicted {
        return skipped("this file system does not evict files");
    }
    for cell in cells {
        assert_eq!(cell["outcome"], "measured", "{cell}");
        let counters = &cell["measured"]["engine"]["counters"];
        if cell["workload"] == "whole_file" && cell["engine"] == "mmap" {
            assert!(counters["major_faults"].as_f64() > Some(0.0), "{cell}");
        }
    }
}

#[test]
fn what_the_kernel_charged_can_be() {
    let bench = Bench::new();
    let told = ["--size", "4KiB", "--workload", "whole_file"];
    let states = ["--cache", "warm,cold", "--process", "steady,fresh"];
    let ended = bench.run(&[&told[..], &states].concat());
    let measured = |cell: &serde_json::Value| cell["outcome"] == "measured";
    let cells: Vec<_> = bench.cells().into_iter().filter(measured).collect();
    if !cfg!(target_os = "linux") || cells.is_empty() {
        return skipped("this system counts no processor time of threads");
    }
    for cell in &cells {
        for side in ["engine", "baseline"] {
            let side = &cell["measured"][side];
            let counter = |name: &str| side["counters"][name].as_f64().unwrap();
            let worked = counter("user_ns") + counter("system_ns");
            let time = side["time_ns"].as_f64().unwrap();
            assert!(worked > 0.0 && worked <= time * 1.000_001, "{cell}");
            let blocks = counter("blocks_in");
            assert!(blocks == 0.0 || cell["cache"] == "cold", "{cell}");
        }
        if cell["engine"] == "read" {
            let moved = &cell["measured"]["engine"]["weight"]["transfer"];
            assert_eq!(moved["read_bytes"], 4096, "{cell}");
        }
    }
    for line in bench.rounds() {
        let fields: Vec<&str> = line.split(',').collect();
        let number = |at: usize| fields[at].parse::<u64>().unwrap();
        assert!(number(9) + number(10) <= number(6), "{line}");
    }
    assert!(!ended.stdout.contains("small buffer"), "{}", ended.stdout);
    assert!(!ended.stdout.contains("the work on the bytes"));
}

#[test]
fn a_file_kept_open_cannot_be_cold() {
    let bench = Bench::new();
    let told = ["--size", "100kB", "--workload", "whole_file"];
    let both = ["--cache", "cold", "--scope", "kept_open"];
    bench.run(&[&told[..], &both].concat()).with_status(3);
    assert!(reasons(&bench.cells()).contains("measure it per_call"));
    assert!(!bench.record()["notes"].to_string().contains("sufficed"));
}

#[test]
fn workers_settle_and_stay_on_a_processor() {
    let bench = Bench::new();
    let Some(cpu) = mapmark::sys::allowed_cpus().and_then(|cpus| cpus.last().copied()) else {
        return skipped("this system pins no process");
    };
    let cpu = cpu.to_string();
    let orders = bench.path("orders");
    let keep = format!("printf '%s\\n' \"$order\" >> '{}'; real", orders.display());
    let worker = bench.worker(&keep);
    let told = ["--size", "100kB", "--workload", "whole_file,replace"];
    let conditions = [
        "--settle",
        "--pin",
        &cpu,
        "--worker",
        worker.to_str().unwrap(),
    ];
    bench.run(&[&told[..], &conditions].concat()).with_status(0);
    let settings = bench.record()["settings"].clone();
    assert_eq!(settings["settle"], true);
    assert_eq!(settings["pinned_to"].to_string(), cpu);
    let orders = std::fs::read_to_string(&orders).unwrap();
    let steady = orders.lines().filter(|order| order.contains("stretch"));
    assert!(steady.clone().count() > 0);
    for order in steady {
        assert!(order.contains(&format!("\"pin\":{cpu}")), "{order}");
        assert!(order.contains("\"settle\":true"), "{order}");
    }
    for cell in bench.cells() {
        assert!(
            cell["outcome"] == "measured" || cell["outcome"] == "unverified",
            "{cell}"
        );
    }
}

#[test]
fn a_file_larger_than_memory_is_seen_where_memory_can_be_limited() {
    if let Err(reason) = mapmark::sys::MemoryLimit::new(64 << 20) {
        return skipped(reason);
    }
    let bench = Bench::new();
    let engines = ["--engine", "pread,mmap,read", "--baseline", "pread"];
    bench
        .run(&[&LARGER_THAN_MEMORY[..], &engines, &["--cache", "cold"]].concat())
        .with_status(3);
    let cells = bench.cells();
    assert_eq!(
        outcomes(&cells, "mmap"),
        ["measured"],
        "{}",
        reasons(&cells)
    );
    assert_eq!(
        outcomes(&cells, "pread"),
        ["measured"],
        "{}",
        reasons(&cells)
    );
    assert_eq!(outcomes(&cells, "read"), ["failed"]);
    let reasons = reasons(&cells);
    assert!(
        reasons.contains("want of memory, of which it had 24MiB"),
        "{reasons}"
    );
}

#[test]
fn a_warm_file_that_memory_does_not_hold_is_unsupported() {
    if let Err(reason) = mapmark::sys::MemoryLimit::new(64 << 20) {
        return skipped(reason);
    }
    let bench = Bench::new();
    bench
        .run(&[&LARGER_THAN_MEMORY[..], &["--cache", "warm"]].concat())
        .with_status(3);
    let reasons = reasons(&bench.cells());
    assert!(reasons.contains("cannot be warm within 24MiB"), "{reasons}");
}

#[test]
fn memory_cannot_be_cold() {
    let Ok(memory) = tempfile::tempdir_in("/dev/shm") else {
        return skipped("no /dev/shm");
    };
    let bench = Bench::new();
    let path = memory.path().join("text");
    std::fs::write(&path, b"some text\n".repeat(5_000)).unwrap();
    let told = ["--file", path.to_str().unwrap(), "--workload", "whole_file"];
    bench
        .run(&[&told[..], &["--cache", "cold"]].concat())
        .with_status(3);
    let cells = bench.cells();
    assert_eq!(outcomes(&cells, "mmap"), ["unverified"]);
    assert!(
        reasons(&cells).contains("tmpfs is memory"),
        "{}",
        reasons(&cells)
    );
}
