//! The published claims: tutorials on Python's `mmap`, with their printed figures.

use super::data::{Claim, EqualWork, KEPT_MEMORY, PythonSide, RustSide, rung, single};
use crate::units::ByteCount;

const TUTORIAL: &str = "a tutorial on Python's mmap";

const NO_UTF8: &str = "not checked to be UTF-8";
const IN_PLACE: &str = "used where it is mapped, not copied";
const MAPPED: &str = "mapped instead of read";
const NO_DECODING: &str = "bytes, not decoded to text";

/// Every claim, in the order of the tables.
pub static CLAIMS: &[Claim] = &[
    Claim {
        id: "read",
        says: "reading a file: mmap is x15 faster than regular I/O",
        source: TUTORIAL,
        regular_s: &[],
        mmap_s: &[],
        factor: 15.0,
        bytes: ByteCount(2_000_000),
        weight: 3,
        python: PythonSide {
            regular: "text_read",
            mmap: "map_read",
            singles: &[
                single("no newline translation", "text_read_plain", "map_read"),
                single("binary instead of text", "binary_read", "map_read"),
                single("binary into a kept buffer", "readinto", "map_read"),
                single("map, read nothing (control)", "text_read", "map_only"),
            ],
            ladder: &[
                rung("text_read", ""),
                rung("text_read_plain", "no translation of newlines"),
                rung("binary_read", NO_DECODING),
                rung("map_read", "copied out of a map, not read"),
            ],
            allocator: true,
            equal: (
                KEPT_MEMORY,
                "with an allocator told to keep its memory it is",
            ),
            writes: false,
        },
        rust: RustSide {
            workload: "whole_file",
            ladder: &[
                rung("read_string", ""),
                rung("read", NO_UTF8),
                rung("mmap_copy", "copied out of a map, not read"),
                rung("mmap", IN_PLACE),
            ],
            others: &["read_reuse"],
            equal: EqualWork {
                workload: "whole_file",
                engine: "read",
                words: "when neither checks the bytes to be UTF-8 it is",
            },
            also: None,
        },
    },
    Claim {
        id: "find",
        says: "finding a text: mmap is x100 faster",
        source: TUTORIAL,
        regular_s: &[0.010_18, 0.011_89, 0.011_39],
        mmap_s: &[0.000_103, 0.000_129, 0.000_112],
        factor: 100.0,
        bytes: ByteCount(14_400_000),
        weight: 3,
        python: PythonSide {
            regular: "text_find",
            mmap: "map_find",
            singles: &[
                single(
                    "the text is not there",
                    "text_find_absent",
                    "map_find_absent",
                ),
                single("binary, not there", "binary_find_absent", "map_find_absent"),
                single("binary instead of text", "binary_find", "map_find"),
                single("blocks, stops at the hit", "blocks_find", "map_find"),
            ],
            ladder: &[
                rung("text_find", ""),
                rung("binary_find", NO_DECODING),
                rung("blocks_find", "what follows the hit is not read"),
                rung("map_find", MAPPED),
            ],
            allocator: true,
            equal: (
                "blocks, stops at the hit",
                "against a reader that also stops at the hit it is",
            ),
            writes: false,
        },
        rust: RustSide {
            workload: "find_first",
            ladder: &[
                rung("read_string", ""),
                rung("read", NO_UTF8),
                rung("buf_reader", "what follows the hit is not read"),
                rung("mmap", MAPPED),
            ],
            others: &[],
            equal: EqualWork {
                workload: "find_first",
                engine: "buf_reader",
                words: "against a reader that also stops at the hit it is",
            },
            also: Some("find_absent"),
        },
    },
    Claim {
        id: "regex",
        says: "scanning by a regular expression: mmap is x1.09 faster",
        source: TUTORIAL,
        regular_s: &[1.122, 1.113, 1.071],
        mmap_s: &[1.078, 1.026, 0.943],
        factor: 1.09,
        bytes: ByteCount(14_400_000),
        weight: 8,
        python: PythonSide {
            regular: "text_regex",
            mmap: "map_regex",
            singles: &[single(
                "binary instead of text",
                "binary_regex",
                "map_regex",
            )],
            ladder: &[
                rung("text_regex", ""),
                rung("binary_regex", "bytes: no decoding, another pattern"),
                rung("map_regex", MAPPED),
            ],
            allocator: false,
            equal: (
                "binary instead of text",
                "with a pattern over bytes on both sides it is",
            ),
            writes: false,
        },
        rust: RustSide {
            workload: "regex_scan",
            ladder: &[
                rung("read_string", ""),
                rung("read", NO_UTF8),
                rung("mmap", MAPPED),
            ],
            others: &[],
            equal: EqualWork {
                workload: "regex_scan",
                engine: "read",
                words: "when neither checks the bytes to be UTF-8 it is",
            },
            also: None,
        },
    },
    Claim {
        id: "seek",
        says: "seeking and reading: mmap is x240 faster",
        source: TUTORIAL,
        regular_s: &[0.011_42, 0.011_43, 0.010_87],
        mmap_s: &[8.2e-5, 4.8e-5, 4.4e-5],
        factor: 240.0,
        bytes: ByteCount(14_400_000),
        weight: 3,
        python: PythonSide {
            regular: "text_seek",
            mmap: "map_seek",
            singles: &[
                single("both read 100 bytes", "text_seek_few", "map_seek"),
                single("100 bytes, binary", "binary_seek_few", "map_seek"),
            ],
            ladder: &[
                rung("text_seek", ""),
                rung("text_seek_few", "100 bytes read, not all that follow"),
                rung("binary_seek_few", NO_DECODING),
                rung("map_seek", MAPPED),
            ],
            allocator: true,
            equal: (
                "both read 100 bytes",
                "when both sides read 100 bytes it is",
            ),
            writes: false,
        },
        rust: RustSide {
            workload: "seek_read",
            ladder: &[
                rung("read_string", ""),
                rung("read", NO_UTF8),
                rung("pread", "only the pieces asked for are read"),
                rung("mmap", MAPPED),
            ],
            others: &[],
            equal: EqualWork {
                workload: "seek_read",
                engine: "pread",
                words: "when both sides read only the pieces asked for it is",
            },
            also: None,
        },
    },
    Claim {
        id: "replace",
        says: "search and replace: mmap is x1.9 faster",
        source: TUTORIAL,
        regular_s: &[0.0453, 0.0349, 0.0363],
        mmap_s: &[0.0228, 0.0191, 0.0191],
        factor: 1.9,
        bytes: ByteCount(14_400_000),
        weight: 5,
        python: PythonSide {
            regular: "text_replace",
            mmap: "map_replace",
            singles: &[
                single("binary instead of text", "binary_replace", "map_replace"),
                single(
                    "neither waits for the device",
                    "text_replace",
                    "map_replace_unsynced",
                ),
                single(
                    "both wait for the device",
                    "text_replace_synced",
                    "map_replace",
                ),
            ],
            ladder: &[
                rung("text_replace", ""),
                rung("binary_replace", NO_DECODING),
                rung("map_replace_unsynced", "changed in place through a map"),
                rung("map_replace", "waits for the device"),
            ],
            allocator: true,
            equal: (
                "both wait for the device",
                "when both sides wait for the device it is",
            ),
            writes: true,
        },
        rust: RustSide {
            workload: "replace",
            ladder: &[
                rung("read_string", ""),
                rung("read", NO_UTF8),
                rung("mmap", "changed in place through a map"),
            ],
            others: &["read_reuse"],
            equal: EqualWork {
                workload: "replace_durable",
                engine: "read_string",
                words: "when both sides wait for the device it is",
            },
            also: None,
        },
    },
];
