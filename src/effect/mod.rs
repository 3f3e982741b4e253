//! Effects: one file an effect, each with its before, act, settle and undo.

pub mod alter_configs;
pub mod cancel;
pub mod connection;
pub mod copy_file;
pub mod create_acls;
pub mod create_partitions;
pub mod create_topic;
pub mod delete_acls;
pub mod delete_records;
pub mod delete_topic;
pub mod edit_properties;
pub mod elect_leaders;
mod host_guard;
pub mod link;
mod on_host;
mod placement;
mod presence;
pub mod reassign;
pub mod restore_file;
pub mod run_command;
pub mod service;
mod stray;
pub mod write_file;

use crate::host::Which;
use crate::run::effects::Effects;
use crate::run::history::History;
use connection::Connection;

/// Whether a run has changed anything on a broker's host.
pub fn changed_hosts(history: &History) -> bool {
    history.intents().iter().any(|intent| matches!(on_host::which(&intent.args), Ok(Which::Broker(_))))
}

/// All effects on a Kafka cluster and its hosts, by name.
pub fn on(connection: &Connection) -> Effects {
    let of_leaving = connection.clone();
    Effects::default()
        .leaving(move |run, did, traces, is_over| host_guard::leave(&of_leaving, run, did, traces, is_over))
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
        .with(write_file::WriteFile(connection.clone()))
        .with(restore_file::RestoreFile(connection.clone()))
        .with(edit_properties::EditProperties(connection.clone()))
        .with(copy_file::CopyFile(connection.clone()))
        .with(run_command::RunCommand(connection.clone()))
        .with(link::Link(connection.clone()))
        .with(service::Turn { connection: connection.clone(), to: service::Wanted::Running })
        .with(service::Turn { connection: connection.clone(), to: service::Wanted::Stopped })
}
