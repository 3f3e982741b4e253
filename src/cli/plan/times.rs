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
    /// Both times, and the least that any order can take, in a sentence.
    pub(super) fn told(self, plan: &Plan) -> String {
        let times = |order: Order| schedule::simulate(plan, order.into(), self.at_once, self.throttle);
        let (one_topic, across) = (times(Order::OneTopic), times(Order::AcrossTopics));
        let meant = |order: Order| if order == self.order { " (this is meant)" } else { "" };
        format!(
            "at {} in and out of a broker, {} moves at once on each: {} one topic at a time{}, {} across topics{}; {} is the \
             least there can be",
            self.throttle,
            self.at_once,
            duration::rough(one_topic.time),
            meant(Order::OneTopic),
            duration::rough(across.time),
            meant(Order::AcrossTopics),
            duration::rough(across.bound),
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
