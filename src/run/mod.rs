//! A run: session, step, the door, journal, undo, stop.
