//! Somebody else at the same cluster: what stands there before a run, and what changes beside it.

use krun::kafka::configs::{self, Change, Resource};
use krun::kafka::{Client, Deadlines};
use tokio::runtime::{Builder, Runtime};

pub(crate) struct Operator {
    runtime: Runtime,
    client: Client,
}

impl Operator {
    pub(super) fn on(bootstrap: &[String]) -> Self {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
        let client = runtime.block_on(Client::connect(bootstrap, Deadlines::default())).expect("the cluster answers");
        Self { runtime, client }
    }

    /// Sets configs of one topic or broker; `None` removes one.
    pub(crate) fn set(&self, resource: &Resource, values: &[(&str, Option<&str>)]) {
        let change =
            |(name, value): &(&str, Option<&str>)| Change { name: (*name).to_owned(), value: value.map(str::to_owned) };
        let changes: Vec<Change> = values.iter().map(change).collect();
        let done = self.runtime.block_on(configs::alter(&self.client, resource, &changes));
        done.expect("the cluster takes the operator's configs");
    }
}
