//! Killed anywhere: krun kills itself at its n-th point, for every n, and is then resumed or aborted.
//!
//! | file | what it holds |
//! |---|---|
//! | `stage` | the cluster before the run, and the run |
//! | `reference` | the run that nobody interrupts: its end, its requests, its points |
//! | `rules` | what must hold afterwards |
//! | `resume`, `abort`, `damage` | the matrices |
//! | `refilled` | the same for moves that wait for each other: which comes when depends on the time |
//! | `cases` | which cases run, two at a time |
//! | `random` | the same with random runbooks |
//! | `runbook`, `model` | these runbooks, and what an abort of one must leave |
//!
//! `cargo test` runs a sample. `KRUN_MATRIX=all cargo test --test main crash -- --nocapture` runs all of it, and a number
//! instead of `all` runs the sample that begins there. `KRUN_RUNBOOKS=1000` runs so many random runbooks.

mod abort;
mod cases;
mod damage;
mod model;
mod random;
mod reference;
mod refilled;
mod resume;
mod rules;
mod runbook;
mod stage;
