//! krun inside another program, by nothing but the library: this process is the other program.
//!
//! ```text
//! host      what that program is made of: a folder, a state folder, what it heard
//! endings   every way to end, as data
//! lamps     a world of its own, and the effect that changes it
//! effects   that effect: journaled, settled after a kill, undone
//! functions its functions in scripts
//! questions, stopping, together   who answers; who stops; several at once
//! silence   nothing is printed
//! ```
#![expect(clippy::needless_pass_by_value, reason = "Rhai gives a host function its context by value")]

mod effects;
mod endings;
mod functions;
mod host;
mod lamps;
mod questions;
mod silence;
mod stopping;
mod together;

use host::Host;
