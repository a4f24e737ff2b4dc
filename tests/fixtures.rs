//! Fixtures are found, made, or made again with the reason; and what cannot be is an error.

// A test fails by panicking.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::fs;
use std::path::Path;

use data_gen::Stop;
use mapmark::fixture::{Origin, Scratch, Store, Wanted, own_file};
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
fn what_was_not_made_here_is_neither_replaced_nor_swept() {
    let directory = tempfile::tempdir().unwrap();
    let path = |name: &str| directory.path().join(name);
    let (text, manifest) = (path("text-20kB.txt"), path("text-20kB.txt.manifest.json"));
    fs::create_dir(path(".scratch-notes")).unwrap();
    let notes = path(".scratch-notes/notes.txt");
    let own = [&notes, &path("text-20kB.csv"), &path(".partial"), &text];
    for (mine, left) in [(&text, &manifest), (&manifest, &text)] {
        for content in ["mine", "[]", r#"{"schema": "mine.v1"}"#] {
            for own in own.iter().chain([&mine]) {
                fs::write(own, content).unwrap();
            }
            let _ = fs::remove_file(left);
            let store = Store::open(directory.path()).unwrap();
            store.home().unwrap();
            let error = store.text(SIZE).unwrap_err().to_string();
            assert!(error.contains(&mine.display().to_string()), "{error}");
            assert!(error.contains("move it"), "{error}");
            let error = store.with_content("text-20kB", b"other", store_questions(&store));
            assert!(error.is_err() || mine == &manifest);
            let _ = fs::remove_file(left);
            for own in [&notes, mine] {
                assert_eq!(fs::read_to_string(own).unwrap(), content);
            }
        }
    }
}

/// Whatever somebody asks.
fn store_questions(store: &Store) -> mapmark::fixture::Questions {
    store.text(ByteCount(30_000)).unwrap().0.questions().clone()
}

#[test]
fn what_was_made_for_nothing_is_removed_when_somebody_interrupts() {
    let directory = tempfile::tempdir().unwrap();
    let stop = Stop::default();
    let store = Store::open(directory.path()).unwrap().stopped_by(&stop);
    let found = store.text(SIZE).unwrap().0;
    stop.ask();
    let own = own_file(found.path(), &store, None, Wanted::default());
    for error in [
        store.text(ByteCount(30_000)).unwrap_err(), // is made
        store.text(SIZE).unwrap_err(),              // is checked
        found.read().unwrap_err(),
        Scratch::copy_of(&found).unwrap_err(),
        own.err().unwrap(),
    ] {
        assert!(error.is_interrupt(), "{error}");
        assert!(error.with_advice("no").is_interrupt());
    }
    let names = fs::read_dir(directory.path()).unwrap();
    assert_eq!(names.count(), 3, "the fixture, its manifest and the lock");
}

#[test]
fn another_maker_is_waited_for_until_somebody_interrupts() {
    let directory = tempfile::tempdir().unwrap();
    let stop = Stop::default();
    let store = Store::open(directory.path()).unwrap().stopped_by(&stop);
    assert!(!store.is_busy());
    let other = fs::File::open(directory.path().join(".lock")).unwrap();
    other.lock().unwrap();
    assert!(store.is_busy());
    std::thread::scope(|scope| {
        let waits = scope.spawn(|| store.text(SIZE));
        stop.ask();
        assert!(waits.join().unwrap().unwrap_err().is_interrupt());
    });
}

#[cfg(unix)]
#[test]
fn a_lock_that_leads_elsewhere_is_not_followed() {
    let directory = tempfile::tempdir().unwrap();
    let victim = directory.path().join("victim");
    fs::write(&victim, "precious").unwrap();
    std::os::unix::fs::symlink(&victim, directory.path().join(".lock")).unwrap();
    let error = Store::open(directory.path()).unwrap_err().to_string();
    assert!(error.contains("symbolic link"), "{error}");
    assert_eq!(fs::read_to_string(&victim).unwrap(), "precious");
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
