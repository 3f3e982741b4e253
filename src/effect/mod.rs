//! Effects: one file an effect, each with its before, act, settle and undo.

pub mod alter_configs;
pub mod cancel;
pub mod connection;
pub mod elect_leaders;
mod placement;
pub mod reassign;

use crate::run::effects::Effects;
use connection::Connection;

/// All effects on a Kafka cluster, by name.
pub fn on(connection: &Connection) -> Effects {
    Effects::default()
        .with(alter_configs::AlterConfigs(connection.clone()))
        .with(reassign::Reassign(connection.clone()))
        .with(cancel::Cancel(connection.clone()))
        .with(elect_leaders::ElectLeaders(connection.clone()))
}
