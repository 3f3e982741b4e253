//! JSON that a person wrote or a program cut short: every fault in it, with its place and what to do.
//!
//! ```text
//! text ─ serde ─→ value                              the common case: fast, no tree
//!        └ on an error: token → tree → shape ─→ Faulty  every fault, at most 20, in the order of the text
//! ```
//!
//! What is strict stays strict: nothing here lets a file pass that serde refuses. The tree only explains why.

mod fault;
mod scan;
mod shape;
mod token;
mod tree;
mod word_processor;

pub use fault::{Fault, Faulty};
pub(super) use shape::Shape;
pub(super) use tree::{Node, Value};
pub(super) use word_processor::is_dash;

use fault::Faults;

/// A larger text gets its first fault only: the tree of it would take several times its size.
const LARGEST_TREE: usize = 64 << 20;

/// All that is wrong in a text that serde has refused. `check` looks at the values of a text whose end is there.
pub(super) fn diagnose(
    file: &str,
    text: String,
    code: &'static str,
    refused: Option<&serde_json::Error>,
    check: impl FnOnce(&Node, &mut Shape<'_>),
) -> Faulty {
    let mut faults = Faults::default();
    if text.len() <= LARGEST_TREE
        && let Some(root) = tree::read(&text, &mut faults)
    {
        check(&root, &mut Shape::new(code, &mut faults));
    }
    if let (true, Some(error)) = (faults.is_empty(), refused) {
        faults.push(fault::of_serde(&text, error, code));
    }
    Faulty::new(file, text, faults)
}
