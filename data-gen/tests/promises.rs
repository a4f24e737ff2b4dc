//! What a manifest promises, for any size, seed and setting, against searches written naively.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use data_gen::{Alphabet, ByteCount, Digest, LineEnding, Manifest, Place, TextSpec, write_text};
use proptest::prelude::*;

fn made(spec: &TextSpec) -> (Vec<u8>, Manifest) {
    let mut text = Vec::new();
    let manifest = write_text(spec, &mut text).unwrap();
    (text, manifest)
}

fn occurrences(text: &[u8], word: &str) -> Vec<u64> {
    let word = word.as_bytes();
    (0_u64..)
        .zip(text.windows(word.len()))
        .filter(|(_, at)| *at == word)
        .map(|(i, _)| i)
        .collect()
}

/// Runs of eight hexadecimal digits, counted by hand.
fn matches(text: &[u8]) -> u64 {
    let (mut run, mut matches) = (0, 0);
    for byte in text {
        run = if matches!(byte, b'0'..=b'9' | b'a'..=b'f') {
            run + 1
        } else {
            0
        };
        if run == 8 {
            (run, matches) = (0, matches + 1);
        }
    }
    matches
}

fn check(spec: &TextSpec) -> Result<(), TestCaseError> {
    let (text, manifest) = made(spec);
    prop_assert_eq!(text.len() as u64, spec.bytes.0);
    prop_assert_eq!(&manifest.spec(), spec);
    let ending = spec.line_ending.as_bytes();
    prop_assert!(text.ends_with(ending));
    let utf8 = std::str::from_utf8(&text);
    prop_assert!(utf8.is_ok());
    let feeds = text.iter().filter(|byte| **byte == b'\n').count() as u64;
    prop_assert_eq!(feeds, manifest.newlines);
    let returns = text.windows(2).filter(|pair| pair == b"\r\n").count() as u64;
    prop_assert_eq!(returns, if ending.len() == 2 { feeds } else { 0 });
    let longest = text.split(|byte| *byte == b'\n').map(<[u8]>::len).max();
    prop_assert!(longest < Some(250));

    for place in Place::ALL {
        let needle = manifest.needle(place);
        let planted: Vec<u64> = needle.offset.into_iter().collect();
        prop_assert_eq!(planted.len(), usize::from(place != Place::Absent));
        prop_assert_eq!(occurrences(&text, &needle.needle), planted, "{:?}", place);
    }
    let offset = |place| manifest.needle(place).offset.unwrap_or(0);
    let bytes = spec.bytes.0;
    let head = if bytes < 4096 { 1 } else { 1000 };
    prop_assert!((head..1350).contains(&offset(Place::First)));
    prop_assert!(offset(Place::Middle).abs_diff(bytes / 2) < 700);
    prop_assert!(bytes - offset(Place::Last) < 500);

    prop_assert_eq!(&manifest.pattern, "[0-9a-f]{8}");
    prop_assert_eq!(matches(&text), manifest.matches);
    prop_assert!(manifest.matches > 0);
    let replace = &manifest.replace;
    prop_assert_eq!(replace.from.len(), replace.to.len());
    prop_assert_eq!(
        occurrences(&text, &replace.from).len() as u64,
        replace.occurrences
    );
    prop_assert!(replace.occurrences > 0);
    prop_assert!(occurrences(&text, &replace.to).is_empty());
    Ok(())
}

/// Small ones, some of a few blocks, and those around whole and half blocks of 256 KiB.
fn sizes() -> impl Strategy<Value = u64> {
    let edge =
        (1_u64..5, -400_i64..400).prop_map(|(blocks, off)| (blocks << 18).wrapping_add_signed(off));
    prop_oneof![1024_u64..1200, 1024_u64..10_000, 1024_u64..1_500_000, edge]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(120) })]

    #[test]
    fn manifests_keep_their_promises(
        bytes in sizes(),
        seed: u64,
        line_ending in prop_oneof![Just(LineEnding::Lf), Just(LineEnding::Crlf)],
        alphabet in prop_oneof![Just(Alphabet::Ascii), Just(Alphabet::Utf8)],
    ) {
        check(&TextSpec { bytes: ByteCount(bytes), seed, line_ending, alphabet })?;
    }
}

#[test]
fn the_least_sizes_hold_everything_whatever_the_seed() {
    for seed in 0..400 {
        for line_ending in [LineEnding::Lf, LineEnding::Crlf] {
            let bytes = ByteCount(TextSpec::MINIMUM.0 + seed % 7);
            check(&TextSpec {
                line_ending,
                ..TextSpec::new(bytes, seed)
            })
            .unwrap();
        }
    }
}

#[test]
fn what_is_too_small_is_refused_with_the_minimum() {
    for bytes in [0, 1, 1023] {
        let error = write_text(&TextSpec::new(ByteCount(bytes), 1), std::io::sink()).unwrap_err();
        assert!(error.is_bad_input());
        assert!(error.to_string().contains("1KiB"), "{error}");
    }
}

#[test]
fn planted_words_come_about_as_often_as_intended() {
    let (_, manifest) = made(&TextSpec::new(ByteCount(14_400_000), 7));
    assert!((4_500..5_500).contains(&manifest.replace.occurrences));
    assert!((13_000..15_500).contains(&manifest.matches));
    assert!((180_000..210_000).contains(&manifest.newlines));
}

#[test]
fn other_seeds_give_other_texts() {
    let digest = |seed| made(&TextSpec::new(ByteCount(4096), seed)).1.digest;
    assert_ne!(digest(1), digest(2));
}

#[test]
fn wide_characters_of_all_lengths_come_with_the_alphabet_only() {
    let lengths = |alphabet| {
        let (text, _) = made(&TextSpec {
            alphabet,
            ..TextSpec::new(ByteCount(500_000), 3)
        });
        let text = String::from_utf8(text).unwrap();
        let long = |len| text.chars().any(|c| c.len_utf8() == len);
        [2, 3, 4].map(long)
    };
    assert_eq!(lengths(Alphabet::Ascii), [false; 3]);
    assert_eq!(lengths(Alphabet::Utf8), [true; 3]);
}

#[test]
fn the_digest_is_that_of_the_text() {
    let (text, manifest) = made(&TextSpec::new(ByteCount(700_001), 5));
    let mut digest = Digest::new();
    text.chunks(1234).for_each(|part| digest.update(part));
    assert_eq!(digest.finish(), manifest.digest);
}

/// These bytes are promised for ever. A change here is a new `GENERATOR` and a new major version.
#[test]
fn the_same_arguments_give_the_same_bytes() {
    use {Alphabet::*, LineEnding::*};
    assert_eq!(data_gen::GENERATOR, "0.1.0");
    for (bytes, seed, line_ending, alphabet, digest) in [
        (1_024, 0, Lf, Ascii, "6c4a9064d345f0bb1489f943da1b4f97"),
        (4_096, 7, Lf, Ascii, "50c9ecd5611e1ab8b2ace2a97cfbdc99"),
        (4_096, 7, Crlf, Ascii, "37406dcf86235d5f5442779fa399295f"),
        (
            4_097,
            u64::MAX,
            Lf,
            Utf8,
            "0bbf22e34e1d411def8e770d8d3699cc",
        ),
        (524_287, 7, Crlf, Utf8, "e068ecd1168c94cf2bdfeec7afa67256"),
        (524_288, 7, Lf, Ascii, "d74cd4f230bf85b81cb98c0bb2924612"),
        (2_000_000, 1, Lf, Utf8, "519780de4533add57c987e1da08fd0e5"),
        (14_400_000, 7, Lf, Ascii, "bf4f73ceaeacd89d68aaa4bd301b9852"),
        (
            14_400_000,
            7,
            Crlf,
            Utf8,
            "0bf3fd62af2ba61c2488d70306703852",
        ),
    ] {
        let spec = TextSpec {
            bytes: ByteCount(bytes),
            seed,
            line_ending,
            alphabet,
        };
        let (_, manifest) = made(&spec);
        assert_eq!(manifest.digest, format!("xxh3-128:{digest}"), "{spec:?}");
    }
}
