//! Which moves go next: never more than so many at one broker, and a new one as soon as one has ended.
//!
//! ```text
//! Plan ─ lead_away ─→ traffic ─→ Schedule ─→ the moves to submit; what has arrived goes back in
//!                        └─────→ fluid ────→ Makespan beside its bound
//! ```
//!
//! Waiting for the slowest of a batch costs up to two thirds of the time, and the order hardly any, but for smallest first
//! (measured: a fluid model of seven planners' executors). So there are no batches: each broker has slots, the broker with
//! the most left to copy is served first, and of its moves the largest, unless its leader is busy with others.

mod fluid;
mod lead_away;
mod queue;
mod rates;
mod traffic;

pub use fluid::{Makespan, simulate};
pub use queue::Schedule;
pub use traffic::Traffic;

/// One move of a plan: `plan.moves[topic].partitions[partition]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MoveIndex {
    pub topic: usize,
    pub partition: usize,
}

/// In which order the topics of a plan are moved. Kafka's own come last in both.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Order {
    /// A topic begins when the one before it is whole again: a stopped run leaves one topic half done.
    #[default]
    OneTopic,
    /// All topics together: the shortest time.
    AcrossTopics,
}
