//! Processes that must not outlive the one that started them.

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
