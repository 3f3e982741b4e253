//! A run that is typed line by line into `krun repl`: each line is a step, and nobody ever resumes it.

use crate::error::Error;
use crate::event::{Ending, Path, path_text};
use crate::run::session::Session;
use crate::run::store::{About, RunFolder, run_name};
use jiff::Timestamp;

/// What such a run has in place of the path of a runbook.
pub const RUNBOOK: &str = "krun repl";
/// More of a line does not stand in the name of its step.
const NAMED: usize = 60;

/// What a new run is about; whoever begins it says on which cluster.
pub fn new_about() -> About {
    let mut about = RunFolder::new_about(run_name("repl".as_ref(), Timestamp::now()), RUNBOOK.to_owned());
    about.typed = true;
    about.sources = vec![RUNBOOK.to_owned()];
    about
}

/// `line 3: cluster.create_topic("orders", …`: the name of the step that a line is. One row, without control characters.
pub fn step_name(number: usize, line: &str) -> String {
    let words: Vec<String> = line.split_whitespace().map(|word| word.replace(char::is_control, "")).collect();
    let text = words.join(" ");
    let short: String = text.chars().take(NAMED).collect();
    let more = if short.len() < text.len() { "…" } else { "" };
    format!("line {number}: {short}{more}")
}

impl Session {
    /// Ends a run that was typed. A line that failed is over, unless something that it did is in place, or may be:
    /// then the run stays open, for `krun abort`.
    pub fn end_typed(&self) -> Ending {
        let ending = match self.unfinished_lines().as_slice() {
            [] => Ending::Done,
            lines => {
                let names: Vec<String> = lines.iter().map(|line| format!("`{}`", path_text(line))).collect();
                let text = format!("not finished, and what was begun there is in place: {}", names.join(", "));
                Ending::Broken { error: Error::new("LINE_UNFINISHED", text) }
            }
        };
        let ending = self.with_what_is_outstanding(ending);
        self.end(ending)
    }

    /// What a line that is over has left in place without having been finished, newest first.
    pub fn left_by(&self, line: &str) -> Vec<String> {
        let of_line = |path: &Path| path.first().is_some_and(|first| first == line);
        let left = self.what_is_in_place().into_iter().filter(|effect| of_line(&effect.intent.path));
        left.map(|effect| effect.intent.summary).collect()
    }

    /// The lines that an abort would put something back for, or whose effects may have happened, oldest first.
    fn unfinished_lines(&self) -> Vec<Path> {
        let in_place = self.what_is_in_place();
        let state = self.state();
        let numbers = state.history.to_put_back();
        let unknown = numbers.iter().filter_map(|number| state.history.effects.get(number));
        let unknown = unknown.filter(|effect| effect.outcome.is_none());
        let paths = in_place.iter().chain(unknown).map(|effect| effect.intent.path.iter().take(1).cloned().collect());
        let mut lines: Vec<(u64, Path)> = paths.map(|line: Path| (begun(&state.history, &line), line)).collect();
        lines.sort();
        lines.dedup();
        lines.into_iter().map(|(_, line)| line).collect()
    }
}

/// The journal's number of the beginning of a line.
fn begun(history: &crate::run::history::History, line: &Path) -> u64 {
    history.steps.get(line).and_then(|attempts| attempts.first()).map_or(0, |attempt| attempt.begun)
}

#[cfg(test)]
mod tests {
    use super::step_name;

    #[test]
    fn a_line_is_named_in_one_short_row() {
        assert_eq!(step_name(3, "f(\n\t1,\u{1b}2)"), "line 3: f( 1,2)");
        let long = step_name(12, &"é".repeat(100));
        assert_eq!(long, format!("line 12: {}…", "é".repeat(60)));
    }
}
