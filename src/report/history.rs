//! The two files of a run as one stream, for `krun show`.

use crate::event::{Entry, Event, Note};
use std::iter::Peekable;

/// Merges a journal and its `events.jsonl` by time. Each keeps its own order, even where a clock was set back; of two
/// at the same moment the note comes first, as a run is announced before its first record.
pub fn merge(
    entries: impl IntoIterator<Item = Entry>,
    notes: impl IntoIterator<Item = Note>,
) -> impl Iterator<Item = Event> {
    Merge { entries: entries.into_iter().peekable(), notes: notes.into_iter().peekable() }
}

struct Merge<E: Iterator<Item = Entry>, N: Iterator<Item = Note>> {
    entries: Peekable<E>,
    notes: Peekable<N>,
}

impl<E: Iterator<Item = Entry>, N: Iterator<Item = Note>> Iterator for Merge<E, N> {
    type Item = Event;

    fn next(&mut self) -> Option<Event> {
        let note_first = match (self.entries.peek(), self.notes.peek()) {
            (Some(entry), Some(note)) => note.at <= entry.at,
            (None, _) => true,
            (_, None) => false,
        };
        if note_first { self.notes.next().map(Event::Progress) } else { self.entries.next().map(Event::Record) }
    }
}
