//! Runbooks as Rhai: loading, checking, and saying what went wrong and where.
//!
//! ```text
//! engine        the only builder of a Rhai engine: strictness and limits
//! runbook       a runbook with everything that it imports: texts, syntax trees, parameters
//!   imports     what an `import` may name, and where it leads
//!   resolver    serves the loaded modules to a running script
//!   stdlib      the embedded `std/*`
//!   memory      what bounds a script that never stops collecting
//!   params      what a runbook wants to be told: declaration → declared; kinds → typed values
//! ask           single questions outside of any runbook, one after the other
//!   unfinished  whether somebody is still typing
//!   completion  what can be typed next
//! play          a loaded runbook from its first line to its last
//! check         what can be found without running: one file a rule
//! edited        what an edited runbook makes of the steps of a run
//!   api         what the host offers, from the engine's own metadata
//!   tree        the few shapes of a syntax tree that the rules look at
//! syntax        what the parser says, in an operator's words
//! failure       what a running script says, in an operator's words; its frames, its innermost place
//!   trail       the calls on the way to an error, each in its true file
//!   wording     every kind of runtime error
//!   caught      errors of the language that a script caught
//!   catching    makes what a script catches one kind of error
//! source        file texts; positions → byte spans
//! reference     the script reference, from the registrations and the library's comments
//! problem       one finding as data; diagnostic renders it
//! ```

pub mod api;
pub mod ask;
pub mod catching;
mod caught;
pub mod check;
pub mod completion;
pub mod declaration;
pub mod diagnostic;
pub mod edited;
pub mod engine;
pub mod failure;
pub mod imports;
pub mod kinds;
mod memory;
pub mod params;
pub mod play;
pub mod problem;
pub mod reference;
pub mod resolver;
pub mod runbook;
pub mod source;
mod span;
pub mod stdlib;

mod syntax;
mod trail;
mod tree;
mod type_words;
pub mod unfinished;
mod wording;
