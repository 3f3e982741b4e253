//! Pure planning: no I/O.
