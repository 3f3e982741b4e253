//! Effects: one file an effect, each with its before, act, settle and undo.

pub mod alter_configs;
pub mod cancel;
pub mod connection;
pub mod create_acls;
pub mod create_partitions;
pub mod create_topic;
pub mod delete_acls;
pub mod delete_records;
pub mod delete_topic;
pub mod elect_leaders;
mod placement;
mod presence;
pub mod reassign;
mod stray;

use crate::run::effects::Effects;
use connection::Connection;

/// All effects on a Kafka cluster, by name.
pub fn on(connection: &Connection) -> Effects {
    Effects::default()
        .with(alter_configs::AlterConfigs(connection.clone()))
        .with(reassign::Reassign(connection.clone()))
        .with(cancel::Cancel(connection.clone()))
        .with(elect_leaders::ElectLeaders(connection.clone()))
        .with(create_topic::CreateTopic(connection.clone()))
        .with(delete_topic::DeleteTopic(connection.clone()))
        .with(create_partitions::CreatePartitions(connection.clone()))
        .with(delete_records::DeleteRecords(connection.clone()))
        .with(create_acls::CreateAcls(connection.clone()))
        .with(delete_acls::DeleteAcls(connection.clone()))
}
