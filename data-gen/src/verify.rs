//! A fixture against its manifest: the digest, and every answer that the manifest promises.

use std::{
    fs::File,
    io::{self, Write},
    path::Path,
};

use memchr::{memchr_iter, memmem, memrchr};
use regex::bytes::Regex;

use crate::{
    Digest, Error, GENERATOR, Manifest, Place,
    digest::{open, read},
    manifest_path, order,
    text::Recipe,
};

/// Nothing that is counted crosses a line, so the text is searched in pieces of whole lines.
const WINDOW: usize = 1024 * 1024;

/// Checks length, digest and every count and offset of a fixture, in constant memory.
///
/// # Errors
/// When the fixture or its manifest is missing or cannot be read, and when they disagree: then the
/// message lists what differs and the command that makes the fixture again.
pub fn verify(fixture: &Path) -> Result<Manifest, Error> {
    let manifest = Manifest::load(fixture)?;
    let pattern = Regex::new(&manifest.pattern).map_err(|cause| {
        let reason = format!("has a pattern that does not compile ({cause})");
        Error::unusable(&manifest_path(fixture), reason)
    })?;
    let mut found = Found::new(&manifest, pattern);
    found.read(fixture)?;
    let mut differences = found.differences(&manifest);
    if differences.is_empty() {
        return Ok(manifest);
    }
    differences.extend(first_difference(&manifest, fixture)?);
    Err(Error::damaged(
        fixture,
        format!(
            "{}; make it again with `{}`",
            differences.join("; "),
            command(&manifest, fixture)
        ),
    ))
}

fn command(manifest: &Manifest, fixture: &Path) -> String {
    let Manifest {
        bytes,
        seed,
        line_ending,
        alphabet,
        ..
    } = manifest;
    format!(
        "data-gen text --size {bytes} --seed {seed} --line-ending {line_ending} \
         --alphabet {alphabet} --output {}",
        fixture.display()
    )
}

/// What is in the file.
struct Found {
    bytes: u64,
    digest: Digest,
    newlines: u64,
    pattern: Regex,
    matches: u64,
    /// The needles in the order of the manifest, then `from` and `to`.
    words: Vec<Word>,
}

struct Word {
    finder: memmem::Finder<'static>,
    count: u64,
    first: Option<u64>,
}

impl Found {
    fn new(manifest: &Manifest, pattern: Regex) -> Self {
        let needles = manifest.needles.iter().map(|needle| &needle.needle);
        let words = needles.chain([&manifest.replace.from, &manifest.replace.to]);
        Self {
            bytes: 0,
            digest: Digest::new(),
            newlines: 0,
            pattern,
            matches: 0,
            words: words
                .map(|word| Word {
                    finder: memmem::Finder::new(word).into_owned(),
                    count: 0,
                    first: None,
                })
                .collect(),
        }
    }

    fn read(&mut self, path: &Path) -> Result<(), Error> {
        let mut file = open(path)?;
        let mut buffer = vec![0; WINDOW];
        let mut held = 0;
        loop {
            let len = read(&mut file, &mut buffer[held..], path)?;
            self.digest.update(&buffer[held..held + len]);
            held += len;
            // A window without a line ending is not of our making: then any cut will do.
            let whole = match memrchr(b'\n', &buffer[..held]) {
                Some(at) if len > 0 => at + 1,
                _ if len > 0 && held < WINDOW => 0,
                _ => held,
            };
            self.search(&buffer[..whole]);
            buffer.copy_within(whole..held, 0);
            held -= whole;
            if len == 0 {
                return Ok(());
            }
        }
    }

    fn search(&mut self, lines: &[u8]) {
        self.newlines += memchr_iter(b'\n', lines).count() as u64;
        self.matches += self.pattern.find_iter(lines).count() as u64;
        for word in &mut self.words {
            for at in word.finder.find_iter(lines) {
                word.count += 1;
                word.first.get_or_insert(self.bytes + at as u64);
            }
        }
        self.bytes += lines.len() as u64;
    }

    fn differences(&self, manifest: &Manifest) -> Vec<String> {
        let mut differences = Vec::new();
        let mut compare = |what: &str, found: String, promised: String| {
            if found != promised {
                differences.push(format!("{what} {found} where the manifest says {promised}"));
            }
        };
        compare(
            "length",
            self.bytes.to_string(),
            manifest.bytes.0.to_string(),
        );
        compare("digest", self.digest.finish(), manifest.digest.clone());
        compare(
            "line feeds",
            self.newlines.to_string(),
            manifest.newlines.to_string(),
        );
        compare(
            "matches",
            self.matches.to_string(),
            manifest.matches.to_string(),
        );
        let replace = &manifest.replace;
        let replaced = [(&replace.from, replace.occurrences), (&replace.to, 0)];
        let needles = manifest
            .needles
            .iter()
            .map(|needle| (&needle.needle, u64::from(needle.place != Place::Absent)));
        for ((word, count), found) in needles.chain(replaced).zip(&self.words) {
            compare(
                &format!("occurrences of `{word}`"),
                found.count.to_string(),
                count.to_string(),
            );
        }
        for (needle, found) in manifest.needles.iter().zip(&self.words) {
            if let (Some(promised), Some(found)) = (needle.offset, found.first) {
                let what = format!("offset of `{}`", needle.needle);
                compare(&what, found.to_string(), promised.to_string());
            }
        }
        differences
    }
}

/// Where the file departs from the text that the manifest's arguments give, where that is known.
fn first_difference(manifest: &Manifest, fixture: &Path) -> Result<Option<String>, Error> {
    let spec = manifest.spec();
    if manifest.generator != GENERATOR || spec.check().is_err() {
        return Ok(None);
    }
    let mut comparison = Comparison {
        file: open(fixture)?,
        path: fixture,
        buffer: Vec::new(),
        same: 0,
        outcome: Ok(false),
    };
    // Stopping at the first difference is an error to the writer, and the outcome to us.
    let _ = order::write(&Recipe::new(&spec), &mut comparison);
    let differs = comparison.outcome?;
    Ok(differs.then(|| format!("the first byte to differ is at offset {}", comparison.same)))
}

/// A sink that compares what is written to it with a file.
struct Comparison<'a> {
    file: File,
    path: &'a Path,
    buffer: Vec<u8>,
    /// Bytes that are equal so far.
    same: u64,
    /// Whether a difference was found.
    outcome: Result<bool, Error>,
}

impl Write for Comparison<'_> {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        self.buffer.resize(text.len(), 0);
        match read(&mut self.file, &mut self.buffer, self.path) {
            Ok(len) => {
                let equal = self.buffer[..len]
                    .iter()
                    .zip(text)
                    .take_while(|(a, b)| a == b)
                    .count();
                self.same += equal as u64;
                if len > 0 && equal == len {
                    return Ok(len);
                }
                self.outcome = Ok(true);
            }
            Err(error) => self.outcome = Err(error),
        }
        Err(io::ErrorKind::InvalidData.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
