//! What is seen of a run while it runs: on standard error, and only on a terminal.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::common::tell;
use crate::report::{for_terminal, shows_utf8};
use crate::run::Progress;
use crate::text::terminal;

/// A bar that is drawn between visits only: nothing here runs while a worker measures.
pub(super) struct Bar {
    bar: ProgressBar,
    budget: Duration,
    quiet: bool,
}

impl Bar {
    pub(super) fn new(budget: Duration, quiet: bool) -> Self {
        let target = if quiet {
            ProgressDrawTarget::hidden()
        } else {
            ProgressDrawTarget::stderr()
        };
        let bar = ProgressBar::with_draw_target(Some(millis(budget)), target);
        let style = ProgressStyle::with_template("{bar:24} {prefix:>5} left  {msg}");
        let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
        bar.set_style(match shows_utf8() {
            true => style,
            false => style.progress_chars("#>-"),
        });
        Self { bar, budget, quiet }
    }
}

impl Progress for Bar {
    fn visit(&mut self, at: &str, spent: Duration) {
        let left = self.budget.saturating_sub(spent);
        self.bar.set_position(millis(spent));
        self.bar.set_prefix(format!("{} s", left.as_secs()));
        self.bar.set_message(for_terminal(&terminal(at)));
        self.bar.tick();
    }

    fn note(&mut self, note: &str) {
        if self.quiet {
            return;
        }
        if self.bar.is_hidden() {
            tell(self.quiet, note);
        } else {
            self.bar.println(for_terminal(&terminal(note)));
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
