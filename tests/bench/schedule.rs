//! How long a plan takes beside the least that the bandwidth allows, in krun's model of brokers that copy at a rate.

use krun::inventory::{Unreadable, reassignment_file, state_file};
use krun::plan::judge;
use krun::plan::schedule::{Order, simulate};
use krun::quantity::Rate;
use serde::Serialize;
use std::num::NonZeroUsize;

/// Moves that touch one broker at the same time.
const AT_ONCE: NonZeroUsize = NonZeroUsize::new(5).expect("not zero");
/// Of no weight: time and bound both shrink with it.
const RATE: &str = "100MB/s";

/// Time ÷ bound.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Schedule {
    pub(crate) across_topics: f64,
    pub(crate) one_topic: f64,
}

/// Of a plan as it lies in Kafka's file, for the state that it was made for.
pub(crate) fn of(state: String, plan: String) -> Result<Schedule, String> {
    let state = state_file::read("the state", state).map_err(|error| all_of(&error))?;
    let moves = reassignment_file::read("the plan", plan, &state).map_err(|error| all_of(&error))?.moves;
    let plan = judge(&state, moves).map_err(|error| error.to_string())?;
    let rate: Rate = RATE.parse().map_err(|error: krun::error::Error| error.to_string())?;
    let ratio = |order| simulate(&plan, order, AT_ONCE, rate).ratio();
    Ok(Schedule { across_topics: ratio(Order::AcrossTopics), one_topic: ratio(Order::OneTopic) })
}

fn all_of(unreadable: &Unreadable) -> String {
    unreadable.errors().iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}
