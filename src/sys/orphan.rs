//! Processes that must not outlive the one that started them.
//!
//! # Safety
//! The only unsafe block hands a command what its process does between `fork` and `exec`, where no lock may
//! be taken and nothing be allocated.

#![allow(unsafe_code)]

/// Has the system list this process as `mapmark`; it would list it by the number of the open file that it was started
/// from.
pub fn call_this_mapmark() {
    // What it is called matters to nobody but people.
    #[cfg(target_os = "linux")]
    let _ = rustix::thread::set_name(c"mapmark");
}

/// Has the system end this process when the thread that started it ends, however that happens; where it
/// cannot, [`is_heard`] tells.
pub fn end_with_parent() {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{Signal, set_parent_process_death_signal};
        // Every Linux knows it.
        let _ = set_parent_process_death_signal(Some(Signal::KILL));
    }
}

/// Has the system end the process that `command` starts when the thread that starts it ends, however that
/// happens; where it cannot, that process ends by itself. For programs that do not know
/// [`end_with_parent`].
pub fn end_with_this_process(command: &mut std::process::Command) {
    #[cfg(target_os = "linux")]
    {
        use std::os::unix::process::CommandExt;

        use rustix::process::{getpid, getppid};
        let own = getpid();
        let prepare = move || {
            end_with_parent();
            // The one that started it may have ended just before.
            match getppid() {
                Some(parent) if parent != own => Err(std::io::ErrorKind::NotFound.into()),
                _ => Ok(()),
            }
        };
        // SAFETY: between `fork` and `exec` the closure does two system calls and makes an error without a
        // payload; it allocates nothing, takes no lock and touches no memory of other threads.
        unsafe {
            command.pre_exec(prepare);
        }
    }
    #[cfg(not(target_os = "linux"))]
    let _ = command;
}

/// Whether anybody can still read what this process prints: the reader of a pipe may have ended, before
/// the system could be told of it too. Where the system does not say, somebody can.
#[must_use]
pub fn is_heard() -> bool {
    #[cfg(unix)]
    {
        use rustix::event::{PollFd, PollFlags, Timespec, poll};
        let stdout = std::io::stdout();
        let mut asked = [PollFd::new(&stdout, PollFlags::empty())];
        let at_once = Timespec {
            tv_sec: 0,
            tv_nsec: 0,
        };
        let gone = PollFlags::ERR | PollFlags::HUP;
        let answered = poll(&mut asked, Some(&at_once));
        !answered.is_ok_and(|count| count > 0 && asked[0].revents().intersects(gone))
    }
    #[cfg(not(unix))]
    {
        true
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;

    #[test]
    fn a_program_ends_with_the_thread_that_started_it() {
        let start = || {
            let mut command = Command::new("sleep");
            command.arg("600").stdout(Stdio::null());
            end_with_this_process(&mut command);
            command.spawn().unwrap()
        };
        let mut child = std::thread::scope(|scope| scope.spawn(start).join().unwrap());
        let status = child.wait().unwrap();
        assert!(!status.success(), "{status}");
    }

    #[test]
    fn a_program_that_was_started_works() {
        let mut command = Command::new("true");
        end_with_this_process(&mut command);
        assert!(command.status().unwrap().success());
    }
}
