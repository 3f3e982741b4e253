//! How long a plan takes, one topic at a time and across topics.

use crate::plan::{Plan, schedule};
use crate::quantity::{Rate, duration};
use clap::ValueEnum;
use std::num::NonZeroUsize;

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
            let time = schedule::simulate(plan, order.into(), self.at_once, self.throttle).time;
            format!("{} {name}{meant}", duration::rough(time))
        };
        format!(
            "at {} in and out of a broker, {} moves at once on each: {}, {}",
            self.throttle,
            self.at_once,
            told(Order::OneTopic, "one topic at a time"),
            told(Order::AcrossTopics, "across topics")
        )
    }
}

impl From<Order> for schedule::Order {
    fn from(order: Order) -> Self {
        match order {
            Order::OneTopic => Self::OneTopic,
            Order::AcrossTopics => Self::AcrossTopics,
        }
    }
}
