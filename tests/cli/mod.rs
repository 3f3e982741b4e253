//! What an operator does wrong, and what goes wrong around him: the built command, each time with its exit code, the words
//! that matter, and a look at the cluster: nothing changed that should not.

mod bystander;
mod child;
mod clock;
mod place;
mod terminal;

mod add_broker;
mod addresses;
mod arguments;
mod asking;
mod canary;
mod cancelling;
mod edited;
mod editing;
mod guards;
mod hanging;
mod hosts;
mod installing;
mod journals;
mod json;
mod listing;
mod load;
mod lost_replies;
mod meddling;
mod orders;
mod parallel;
mod pauses;
mod plan_refusals;
mod planning;
mod questions;
mod reassigning;
mod reference;
mod repl;
mod repl_terminal;
mod runbooks;
mod screens;
mod signals;
mod snapshots;
mod state_folder;
mod status;
mod throttles;
mod two_runs;
mod upgrading;
mod verifying;
mod windows;
