//! Fixtures as files: written beside their final names, then renamed.

use std::{
    ffi::OsString,
    fs,
    io::{self, Write},
    path::Path,
};

use tempfile::NamedTempFile;

use crate::{Error, Manifest, TextSpec, manifest_path, order, text::Recipe};

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

/// Makes the fixture `path` and its manifest beside it, replacing what was there.
///
/// Both are written under temporary names and renamed when they are whole, the manifest last: a
/// fixture that has its manifest is complete. Missing directories are not made.
///
/// # Errors
/// When the size is below [`TextSpec::MINIMUM`], when `path` is something other than a file, or
/// when the system refuses, as with a full disk; nothing is left behind then.
pub fn generate(spec: &TextSpec, path: &Path) -> Result<Manifest, Error> {
    spec.check()?;
    if fs::metadata(path).is_ok_and(|found| !found.is_file()) {
        return Err(Error::unusable(path, "is not a file; choose another name"));
    }
    if !directory(path).is_dir() {
        return Err(Error::unusable(
            path,
            "has no directory to be in; make it first",
        ));
    }
    let failed = |cause| Error::io(format!("write {} to", spec.bytes), path, cause);
    let text = beside(path).map_err(failed)?;
    let manifest = run(spec, text.as_file()).map_err(failed)?;

    let manifest_path = manifest_path(path);
    let failed = |cause| Error::io("write the manifest", &manifest_path, cause);
    let record = beside(&manifest_path).map_err(failed)?;
    write_record(&manifest, record.as_file()).map_err(failed)?;

    // An older manifest must not describe the new text, not even for a moment.
    match fs::remove_file(&manifest_path) {
        Err(cause) if cause.kind() != io::ErrorKind::NotFound => return Err(failed(cause)),
        _ => {}
    }
    text.persist(path)
        .map_err(|refused| Error::io("rename to", path, refused.error))?;
    record
        .persist(&manifest_path)
        .map_err(|refused| failed(refused.error))?;
    Ok(manifest)
}

fn write_record(manifest: &Manifest, mut file: &fs::File) -> io::Result<()> {
    let mut json = serde_json::to_vec_pretty(manifest)?;
    json.push(b'\n');
    file.write_all(&json)
}

fn directory(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// A file in the directory of `path`, so that a rename will do, that is deleted unless renamed.
fn beside(path: &Path) -> io::Result<NamedTempFile> {
    let name = path.file_name().ok_or(io::ErrorKind::InvalidFilename)?;
    let mut prefix = OsString::from(".");
    prefix.push(name);
    let mut builder = tempfile::Builder::new();
    builder.prefix(&prefix).suffix(".partial");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // As any new file; the process's mask takes its part away. The default is for secrets.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(directory(path))
}
