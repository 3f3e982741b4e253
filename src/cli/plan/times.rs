//! How long a plan takes, one topic at a time and across topics.

use crate::plan::{Plan, TopicMoves, batch, estimate};
use crate::quantity::{Rate, duration};
use clap::ValueEnum;
use std::num::NonZeroUsize;
use std::time::Duration;

/// How a plan is meant to be carried out.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    pub(super) throttle: Rate,
    pub(super) at_once: NonZeroUsize,
    pub(super) order: Order,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Order {
    /// One topic after the other
    OneTopic,
    /// All topics at the same time
    AcrossTopics,
}

impl Pace {
    /// Both times in a sentence.
    pub(super) fn told(self, plan: &Plan) -> String {
        let told = |order, name: &str| {
            let meant = if order == self.order { " (this is meant)" } else { "" };
            format!("{} {name}{meant}", duration::rough(self.time(plan, order)))
        };
        format!(
            "at {} in and out of a broker, {} moves at once on each: {}, {}",
            self.throttle,
            self.at_once,
            told(Order::OneTopic, "one topic at a time"),
            told(Order::AcrossTopics, "across topics")
        )
    }

    fn time(self, plan: &Plan, order: Order) -> Duration {
        let time = |moves: &TopicMoves| estimate::estimate(&batch::batches(moves, self.at_once), self.throttle);
        match order {
            Order::OneTopic => plan.moves.iter().map(time).fold(Duration::ZERO, Duration::saturating_add),
            Order::AcrossTopics => {
                let partitions = plan.moves.iter().flat_map(|topic| topic.partitions.iter().cloned()).collect();
                time(&TopicMoves { topic: String::new(), partitions })
            }
        }
    }
}
