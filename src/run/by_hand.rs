//! `by-hand.txt`: Kafka's own commands that would put back what is in place now. A help for the worst day, not a record: the
//! journal is what counts.

use crate::run::session::Session;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

/// Up to so many effects the file is written at each of them. With more of them that would take longer than the effects
/// themselves, and the file is a moment behind.
const FEW: usize = 200;
/// So much of the time, at most, goes into a long file: one part of so many.
const PART: u32 = 20;

#[derive(Debug, Default)]
pub(crate) struct ByHand {
    is_behind: bool,
    /// When a long file may be written next.
    next: Option<Instant>,
}

impl Session {
    /// Something came into place, or was put back.
    pub(crate) fn by_hand_changed(&self) {
        self.state().by_hand.is_behind = true;
        self.catch_up_by_hand();
    }

    /// Writes the file where it is behind, and not again too soon.
    pub(crate) fn catch_up_by_hand(&self) {
        let is_due = {
            let by_hand = &self.state().by_hand;
            by_hand.is_behind && by_hand.next.is_none_or(|next| Instant::now() >= next)
        };
        if is_due {
            self.write_by_hand();
        }
    }

    pub(crate) fn write_by_hand(&self) {
        let _in_turn = self.inner().turns.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let began = Instant::now();
        let effects = self.what_is_in_place();
        let count = effects.len();
        let about = self.about();
        let bootstrap = about.bootstrap_servers.join(",");
        let mut text = format!("# Run {} on cluster {} ({}).\n", about.run, about.cluster, about.cluster_id);
        text.push_str(if effects.is_empty() {
            "# Nothing of it is in place that would have to be put back.\n"
        } else {
            "# `krun abort` does this; by hand, newest first:\n"
        });
        if count > FEW {
            text.push_str("# After a kill the last few may be missing: `krun abort --plan` knows them all.\n");
        }
        for what in &self.state().outstanding {
            text.extend(["# `krun abort` could not: ", what, "\n"]);
        }
        for effect in effects {
            let lines = self.effects().get(&effect.intent.effect).map(|kind| kind.by_hand(&effect.intent, &bootstrap));
            let lines = lines.unwrap_or_default();
            if !lines.is_empty() {
                text.extend(["\n# ", &effect.intent.summary, " (since ", &effect.at.to_string(), ")\n"]);
                text.extend(lines.iter().flat_map(|line| [line, "\n"]));
            }
        }
        self.folder().write_help("by-hand.txt", text.as_bytes());
        let pause = if count > FEW { began.elapsed() * PART } else { Duration::ZERO };
        self.state().by_hand = ByHand { is_behind: false, next: Some(Instant::now() + pause) };
    }
}
