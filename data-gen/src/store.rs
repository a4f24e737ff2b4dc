//! Fixtures as files: written beside their final names, then renamed.

use std::{
    fs,
    io::{self, Write},
    path::Path,
};

use crate::{
    Error, Links, Manifest, Stop, TemporaryFile, TextSpec, destination, manifest_path, order,
    temporary::directory_of, text::Recipe,
};

/// Writes the text to `sink`, in order and in constant memory, and returns what is known about it.
///
/// # Errors
/// When the size is below [`TextSpec::MINIMUM`], or with the sink's own error.
pub fn write_text(spec: &TextSpec, sink: impl Write + Send) -> Result<Manifest, Error> {
    spec.check()?;
    run(spec, sink).map_err(Error::sink)
}

fn run(spec: &TextSpec, sink: impl Write + Send) -> io::Result<Manifest> {
    let (counts, digest) = order::write(&Recipe::new(spec), sink)?;
    Ok(Manifest::new(spec, &counts, digest.finish()))
}

/// How a fixture is made.
#[derive(Clone, Debug, Default)]
pub struct Making {
    /// Asked between pieces of the text.
    pub stop: Stop,
    /// Whether to replace files that are not fixtures, too.
    pub replace_any: bool,
    /// Whether a link in the place of the text or its manifest is followed; it never is replaced.
    pub links: Links,
}

/// Makes the fixture `path` and its manifest beside it, replacing an older fixture of that name.
///
/// Both are written under temporary names and renamed when they are whole, the manifest first: what has
/// the name of a fixture and no manifest was not made here, and is not replaced. Between the two renames
/// the digest tells that they do not belong together. Missing directories are not made.
///
/// # Errors
/// When the size is below [`TextSpec::MINIMUM`], when something other than a fixture has one of the two
/// names, when `making` is stopped, or when the system refuses, as with a full disk; nothing is left
/// behind then.
pub fn generate(spec: &TextSpec, path: &Path, making: &Making) -> Result<Manifest, Error> {
    spec.check()?;
    if fs::metadata(path).is_ok_and(|found| !found.is_file()) {
        return Err(Error::unusable(path, "is not a file; choose another name"));
    }
    if !directory_of(path).is_dir() {
        return Err(Error::unusable(
            path,
            "has no directory to be in; make it first",
        ));
    }
    let manifest_path = manifest_path(path);
    if !making.replace_any && !Manifest::marks(path) {
        for path in [path, &manifest_path] {
            if fs::symlink_metadata(path).is_ok() {
                return Err(Error::in_the_way(path));
            }
        }
    }
    let failed = |cause| Error::io(format!("write {} to", spec.bytes), path, cause);
    let text_place = destination(path, making.links).map_err(failed)?;
    let text = TemporaryFile::beside(&text_place).map_err(failed)?;
    let manifest = run(spec, making.stop.heeded_by(text.as_file())).map_err(failed)?;

    let failed = |cause| Error::io("write the manifest", &manifest_path, cause);
    let record_place = destination(&manifest_path, making.links).map_err(failed)?;
    let record = TemporaryFile::beside(&record_place).map_err(failed)?;
    write_record(&manifest, record.as_file()).map_err(failed)?;
    record.persist(&record_place).map_err(failed)?;
    text.persist(&text_place)
        .map_err(|cause| Error::io("rename to", path, cause))?;
    Ok(manifest)
}

fn write_record(manifest: &Manifest, mut file: &fs::File) -> io::Result<()> {
    let mut json = serde_json::to_vec_pretty(manifest)?;
    json.push(b'\n');
    file.write_all(&json)
}
