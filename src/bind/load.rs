//! What is written to a cluster, in a second.

use crate::bind::cluster::{Cluster, client, read};
use crate::bind::raised::{RhaiResultOf, leave, raise};
use crate::bind::signature::function;
use crate::bind::value::to_script;
use crate::kafka::load::{self, Flow};
use crate::quantity::duration;
use rhai::{Dynamic, Engine, NativeCallContext};
use serde_json::{Value, json};

pub(crate) fn register(engine: &mut Engine) {
    function(
        "Cluster.load(how_long: string) -> map",
        "Two looks so long apart, at offsets and log dirs: of the cluster, and of each of `topics` and `brokers`, the `records_per_second` and `bytes_per_second` that producers write, what followers copy (`copied_per_second`), and how many partitions are `estimated` or `unknown`; the brokers that are `silent`, and the `seconds` between the looks. What consumers read is not seen.",
    )
    .register_into_engine(engine, of_cluster);
}

fn of_cluster(context: NativeCallContext, cluster: &mut Cluster, how_long: &str) -> RhaiResultOf<Dynamic> {
    let how_long = duration::parse(how_long).map_err(|error| raise(&context, error))?;
    let client = client(cluster);
    let first = read(&context, cluster, load::look(&client))?;
    cluster.0.session.rest(how_long).map_err(|halt| leave(&context, halt.into()))?;
    let second = read(&context, cluster, load::look(&client))?;
    let found = load::between(&first, &second);
    let mut all = flow(found.all);
    all["seconds"] = json!(found.seconds);
    let named = |name: &str, of: Value, flow_of: Flow| {
        let mut row = flow(flow_of);
        row[name] = of;
        row
    };
    all["topics"] = found.topics.iter().map(|(topic, flow)| named("topic", json!(topic), *flow)).collect();
    all["brokers"] = found.brokers.iter().map(|(id, flow)| named("broker", json!(id), *flow)).collect();
    all["silent"] = found.silent.keys().map(|id| json!(id)).collect();
    Ok(to_script(&all))
}

/// Whole bytes, as `rate(…)` takes them.
#[expect(clippy::cast_possible_truncation, reason = "less than what a disk holds")]
fn flow(flow: Flow) -> Value {
    json!({
        "records_per_second": flow.records,
        "bytes_per_second": flow.bytes.round() as i64,
        "copied_per_second": flow.copied.round() as i64,
        "estimated": flow.estimated,
        "unknown": flow.unknown,
    })
}
