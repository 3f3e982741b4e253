//! What a snapshot lacks, so that a shorter list never passes for a whole one.

use crate::error::Error;

/// One thing that could not be read, or that a reader must know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Gap {
    /// A broker that does not tell what lies on its disks, or a log dir that failed.
    LogDirs(Error),
    /// Partitions no replica of which has a known size, as `topic-partition`.
    Sizes(Vec<String>),
    /// Brokers that hold replicas and are not registered.
    Down(Vec<i32>),
    /// Partitions on the move, as `topic-partition`.
    Moving(Vec<String>),
    /// The cluster does not say what moves.
    MovesUnknown(Error),
    /// A topic whose configs could not be read.
    Configs(Error),
}

impl Gap {
    /// What it means for whoever reads the state.
    pub fn text(&self) -> String {
        match self {
            Self::LogDirs(error) => format!("{}; they come from the other replicas", error.message),
            Self::Sizes(partitions) => format!("no replica tells the size of {}: unknown", listed(partitions)),
            Self::Down(brokers) => format!("down, and known from replica lists only: broker {}", listed(brokers)),
            Self::Moving(partitions) => {
                format!("on the move, and written down where they will be: {}", listed(partitions))
            }
            Self::MovesUnknown(error) => format!("what moves at present is not known: {}", error.message),
            Self::Configs(error) => format!("{}: left out", error.message),
        }
    }
}

/// The first items, and how many more there are.
fn listed<T: ToString>(items: &[T]) -> String {
    const NAMED: usize = 8;
    let named: Vec<String> = items.iter().take(NAMED).map(ToString::to_string).collect();
    match items.len().saturating_sub(NAMED) {
        0 => named.join(", "),
        more => format!("{} and {more} more", named.join(", ")),
    }
}
