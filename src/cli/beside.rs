//! Another build beside this one: copied, asked what it is, and refused where nothing could be said.

use std::fs;
use std::path::{Path, PathBuf};

use data_gen::TemporaryDirectory;

use super::place::PlaceArguments;
use crate::error::{Error, Result};
use crate::fixture::Store;
use crate::machine::Build;
use crate::measure::{Hands, Introduction};
use crate::record::Settings;
use crate::run::OtherBuild;
use crate::sys::MemoryLimit;

/// Two builds whose workers are to take turns.
///
/// Both run from copies that were made side by side. The program that runs already has its pages in the
/// processor's caches, which new processes of it would have before those of another; and how a program
/// came into memory counts too.
pub(super) struct Beside {
    pub(super) own: Hands,
    pub(super) other: OtherBuild,
    /// Goes when the run is over.
    pub(super) copies: TemporaryDirectory,
}

impl Beside {
    /// `program` beside the one that `own` starts.
    ///
    /// # Errors
    /// Where it is missing, cannot be copied, is no mapmark of the same protocol, or is a debug build.
    pub(super) fn new(
        program: &Path,
        own: &Hands,
        store: &Store,
        settings: &Settings,
        place: &PlaceArguments,
    ) -> Result<Self> {
        fs::metadata(program).map_err(|error| Error::io("find the other build", program, error))?;
        let copies = store.home()?;
        // Workers of both live at once, each with a limit of its own.
        let limit = settings.memory_limit_bytes.map(MemoryLimit::new);
        let limit = limit.transpose().map_err(Error::usage)?;
        let hands = own
            .of(copied(&own.of(program), &copies, "other")?)
            .within(limit);
        let introduction: Introduction<Build> = hands.introduction().map_err(|trouble| {
            if store.stop().asked() {
                return Error::interrupted();
            }
            Error::usage(format!(
                "--against {}: {}; it has to be a mapmark of the same protocol, and programs may have to \
                 be started in {} (--fixtures names another place)",
                program.display(),
                trouble.reason(),
                store.directory().display()
            ))
        })?;
        if is_debug(&introduction.build) {
            place.refuse_debug("the other build is a debug build")?;
        }
        Ok(Self {
            own: own.of(copied(own, &copies, "this")?),
            other: OtherBuild {
                hands,
                introduction,
            },
            copies,
        })
    }
}

/// A copy of the program of `hands`, of the same name for all.
fn copied(hands: &Hands, home: &TemporaryDirectory, build: &str) -> Result<PathBuf> {
    let directory = home.path().join(build);
    let copy = directory.join("mapmark");
    fs::create_dir(&directory)
        .and_then(|()| hands.copy_program(&copy))
        .map_err(|error| Error::io("copy for its workers", hands.program(), error))?;
    Ok(copy)
}

fn is_debug(build: &Build) -> bool {
    build.profile.as_deref() == Some("debug")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_debug_build_is_told_by_its_profile() {
        let of = |profile: &str| Build {
            profile: Some(profile.to_owned()),
            ..Build::this()
        };
        assert!(is_debug(&of("debug")) && !is_debug(&of("release")));
    }
}
