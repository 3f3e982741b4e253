//! `krun status`: how a cluster is, and what krun has to do with it.
//!
//! It ends with 0 where the status could be told, whatever it is; with `--check` it ends with 1 unless all is well.

mod read;
mod told;

use crate::cli::arguments::Shared;
use crate::cli::{Code, Done, connect, screen};
use crate::kafka::throttles::Throttle;
use crate::run::lock::Holder;
use clap::Args;
use serde::Serialize;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// End with 1 where a partition or a broker is not well
    #[arg(long)]
    check: bool,
}

/// `--json` prints it as it is.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Status {
    cluster: String,
    cluster_id: String,
    /// With `KRaft` a broker that forwards.
    controller: Option<i32>,
    healthy: bool,
    brokers: Vec<Broker>,
    /// They have replicas and are not registered.
    brokers_down: Vec<i32>,
    partitions: Partitions,
    moving: Vec<String>,
    throttles: Vec<Throttle>,
    /// Overrides of topics that look as if they were meant for a while.
    overrides: Vec<Override>,
    krun: Krun,
    /// What could not be read.
    gaps: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct Broker {
    id: i32,
    address: String,
    rack: Option<String>,
    /// The release or releases that it may be of.
    kafka: Option<String>,
    metadata_version: Option<i16>,
    /// `inter.broker.protocol.version`, with `ZooKeeper`.
    protocol: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
struct Partitions {
    total: usize,
    offline: Vec<String>,
    under_replicated: Vec<String>,
    under_min_isr: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct Override {
    topic: String,
    config: String,
    value: String,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
struct Krun {
    lock: Option<Holder>,
    open_runs: Vec<OpenRun>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct OpenRun {
    run: String,
    left_in_place: Vec<String>,
}

impl Status {
    fn new(cluster: &str, cluster_id: &str, controller: Option<i32>) -> Self {
        Self {
            cluster: cluster.to_owned(),
            cluster_id: cluster_id.to_owned(),
            controller,
            healthy: false,
            brokers: Vec::new(),
            brokers_down: Vec::new(),
            partitions: Partitions::default(),
            moving: Vec::new(),
            throttles: Vec::new(),
            overrides: Vec::new(),
            krun: Krun::default(),
            gaps: Vec::new(),
        }
    }

    fn is_healthy(&self) -> bool {
        let sick = &self.partitions;
        self.controller.is_some()
            && self.gaps.is_empty()
            && self.brokers_down.is_empty()
            && sick.offline.is_empty()
            && sick.under_replicated.is_empty()
            && sick.under_min_isr.is_empty()
    }
}

pub(super) fn status(shared: &Shared, arguments: &Arguments) -> Done {
    let root = shared.root()?;
    let chosen = connect::choose(shared, &root, None)?;
    let runtime = connect::runtime()?;
    let client = connect::connect(&runtime, &chosen.settings)?;
    let mut status = runtime.block_on(read::status(&client, &chosen.name))?;
    status.krun = read::krun(&root, client.cluster_id())?;
    status.healthy = status.is_healthy();
    if shared.json {
        screen::json_line(&serde_json::to_value(&status).unwrap_or_default());
    } else {
        for row in told::rows(&status, usize::from(screen::columns(shared))) {
            screen::line(&row);
        }
    }
    Ok(if arguments.check && !status.healthy { Code::number(1) } else { Code::DONE })
}
