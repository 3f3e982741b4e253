//! The certificate of a plan that somebody else made.

use super::budget::Later;
use super::certificate::Certificate;
use super::job::Job;
use super::moves::{Plan, TopicMoves};
use super::scope::Scope;
use super::state::{BrokerState, State};
use crate::error::Error;

/// What these moves cost and reach on the whole cluster, beside the least there can be. They are taken as they are.
///
/// Each must begin where the state has the partition, and go to brokers of the state. Refused as [`plan`](super::plan) refuses
/// a state that cannot be planned.
pub fn judge(state: &State, moves: Vec<TopicMoves>) -> Result<Plan, Error> {
    // Whatever is down can only give replicas up.
    let drain = state.brokers.iter().filter(|broker| !broker.registered && broker.state != BrokerState::Leaving);
    let scope = Scope { drain: drain.map(|broker| broker.id).collect(), ..Scope::default() };
    let job = Job::new(state, &scope)?;
    let certificate = Certificate::of(&job, &scope, &moves, Later::default());
    Ok(Plan { moves, certificate })
}
