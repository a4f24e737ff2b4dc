//! Fixtures are found, made, or made again with the reason; and what cannot be is an error.

// A test fails by panicking.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::fs;
use std::path::Path;

use mapmark::fixture::{Origin, Store};
use mapmark::units::ByteCount;

const SIZE: ByteCount = ByteCount(20_000);

/// As root, read-only files can be written all the same; take the flag away for everybody.
fn overwrite(path: &Path, content: &[u8]) {
    fs::remove_file(path).unwrap();
    fs::write(path, content).unwrap();
}

fn made_again_after(damage: impl FnOnce(&Path)) -> String {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(directory.path()).unwrap();
    let (fixture, origin) = store.text(SIZE).unwrap();
    assert_eq!(origin, Origin::Made);
    assert!(
        fs::metadata(fixture.path())
            .unwrap()
            .permissions()
            .readonly()
    );
    let pristine = fixture.read().unwrap();
    damage(fixture.path());
    let (fixture, origin) = store.text(SIZE).unwrap();
    assert_eq!(fixture.read().unwrap(), pristine);
    match origin {
        Origin::MadeAgain { reason } => reason,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_sound_fixture_is_found() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(directory.path()).unwrap();
    let (made, _) = store.text(SIZE).unwrap();
    let (found, origin) = store.text(SIZE).unwrap();
    assert_eq!(origin, Origin::Found);
    assert_eq!(found.digest(), made.digest());
    assert_eq!(found.name(), "text-20kB");
}

#[test]
fn a_damaged_fixture_is_made_again() {
    let reason = made_again_after(|path| {
        let mut content = fs::read(path).unwrap();
        content[10_000] ^= 1;
        overwrite(path, &content);
    });
    assert!(reason.contains("digest"), "{reason}");
}

#[test]
fn a_short_fixture_is_made_again() {
    let reason = made_again_after(|path| {
        let content = fs::read(path).unwrap();
        overwrite(path, &content[..19_000]);
    });
    assert!(reason.contains("19000 bytes instead of 20000"), "{reason}");
}

#[test]
fn a_fixture_that_was_found_is_made_read_only() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(directory.path()).unwrap();
    let find = || store.text(ByteCount(20_000)).unwrap();
    let path = find().0.path().to_owned();
    let mut permissions = fs::metadata(&path).unwrap().permissions();
    assert!(permissions.readonly());
    // As a copy of it is, on any system.
    #[allow(clippy::permissions_set_readonly_false)]
    permissions.set_readonly(false);
    fs::set_permissions(&path, permissions).unwrap();
    assert_eq!(find().1, Origin::Found);
    assert!(fs::metadata(&path).unwrap().permissions().readonly());
}

#[test]
fn a_fixture_without_its_manifest_is_made_again() {
    let reason = made_again_after(|path| {
        fs::remove_file(data_gen::manifest_path(path)).unwrap();
    });
    assert!(reason.contains("manifest"), "{reason}");
}

#[test]
fn a_stale_fixture_is_made_again() {
    let reason = made_again_after(|path| {
        let manifest = data_gen::manifest_path(path);
        let text = fs::read_to_string(&manifest).unwrap();
        let version = format!("\"{}\"", data_gen::GENERATOR);
        assert!(text.contains(&version), "{text}");
        overwrite(&manifest, text.replace(&version, "\"0.0.1\"").as_bytes());
    });
    assert!(reason.contains("generator 0.0.1"), "{reason}");
}

#[test]
fn a_directory_that_is_a_file_is_an_error_with_its_path() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let below = file.path().join("fixtures");
    let error = Store::open(&below).unwrap_err().to_string();
    assert!(error.contains(&below.display().to_string()), "{error}");
}

#[test]
fn a_size_without_room_for_needles_is_an_error() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(directory.path()).unwrap();
    assert!(store.text(ByteCount(10)).is_err());
}
