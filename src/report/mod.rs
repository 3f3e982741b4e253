//! Events as a person or a program reads them: the only folder, with `cli/`, that prints.
//!
//! ```text
//! event → story (pure: what to say) → terminal → line, table, live → stderr, stdout
//!           └ view, in_place, ending (pure: the run so far)
//! event → json_lines → stdout
//! a value → answer (krun -e, krun repl)
//! journal → view → runs (the list)            journal + events → history → terminal (krun show)
//! ```

mod amount;
mod answer;
mod canary;
mod ending;
mod guard;
mod history;
mod in_place;
mod items;
mod json_lines;
mod line;
mod live;
mod look;
mod outcome;
mod runs;
mod setting;
mod story;
mod table;
mod terminal;
mod told;
mod tree;
mod view;
mod wait;

pub use answer::answer;
pub use ending::{Closing, exit_code};
pub use history::merge;
pub use in_place::{InPlace, State};
pub use json_lines::JsonLines;
pub use look::{COLUMNS_WITHOUT_TERMINAL, ColourChoice, Columns, Stream};
pub use runs::{RunRow, runs_table};
pub use setting::{Place, Setting};
pub use table::rows as table_rows;
pub use terminal::{SANDBOX_MARK, Terminal};
pub use view::{Effect, Head, RunView, Session, Step, StepState, Temporary};

use crate::event::Event;

/// Shows the events of a run. Nothing that goes wrong here ends a run: what cannot be written is lost.
pub trait Reporter: Send {
    fn on_event(&mut self, event: &Event);

    /// What was going on is over for now, however it ended, and somebody may type: nothing is drawn until the next event.
    fn rest(&mut self) {}

    /// After the last event: the last lines, and the screen as it was found.
    fn end(&mut self, closing: &Closing<'_>);
}
