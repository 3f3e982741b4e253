//! Killed anywhere: krun kills itself at its n-th point, for every n, and is then resumed or aborted.
//!
//! | file | what it holds |
//! |---|---|
//! | `stage` | the cluster before the run, and the run |
//! | `reference` | the run that nobody interrupts: its end, its requests, its points |
//! | `rules` | what must hold afterwards |
//! | `resume`, `abort`, `damage` | the matrices |
//! | `rolls` | the runbooks that work on hosts, with their own rules |
//! | `job`, `jobs` | what is run, and the matrices of all jobs but the scale-out |
//! | `cases` | which cases run, two at a time |
//! | `random` | the same with random runbooks |
//! | `items` | the matrices of a `parallel` with several items at once |
//! | `runbook`, `model` | these runbooks, and what an abort of one must leave |
//!
//! `cargo test` runs a sample. `KRUN_MATRIX=all cargo test --test main crash -- --nocapture` runs all of it, and a number
//! instead of `all` runs the sample that begins there. `KRUN_RUNBOOKS=1000` runs so many random runbooks.

mod abort;
mod cases;
mod damage;
mod items;
mod job;
mod jobs;
mod model;
mod random;
mod reference;
mod resume;
mod rolls;
mod rules;
mod runbook;
mod stage;
