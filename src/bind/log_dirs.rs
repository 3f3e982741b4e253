//! What lies on the brokers' disks.

use crate::bind::cluster::{Cluster, client, read};
use crate::bind::raised::RhaiResultOf;
use crate::bind::signature::function;
use crate::bind::value::to_script;
use crate::error::Error;
use crate::kafka::{cluster, log_dirs};
use rhai::{Dynamic, Engine, INT, NativeCallContext};
use serde_json::{Value, json};

pub(crate) fn register(engine: &mut Engine) {
    function(
        "Cluster.log_dirs(broker: int) -> array",
        "The log dirs of a broker: `path`, `error`, `total_bytes` and `usable_bytes` (from Kafka 3.3, else ()), and the `replicas` in it with their `bytes`.",
    )
    .register_into_engine(engine, of_one);
    function(
        "Cluster.log_dirs() -> array",
        "The log dirs of every broker that is up: `broker`, its `log_dirs`, or the `error` where it does not tell.",
    )
    .register_into_engine(engine, of_all);
}

fn of_one(context: NativeCallContext, cluster: &mut Cluster, broker: INT) -> RhaiResultOf<Dynamic> {
    let id = i32::try_from(broker).unwrap_or(-1);
    let dirs = read(&context, cluster, log_dirs::describe(&client(cluster), id))?;
    Ok(to_script(&dirs_of(dirs)))
}

/// A broker that does not answer is an entry with an error, not one less.
fn of_all(context: NativeCallContext, cluster: &mut Cluster) -> RhaiResultOf<Dynamic> {
    let client = client(cluster);
    let all = read(&context, cluster, async {
        let mut all = Vec::new();
        for broker in cluster::describe(&client).await?.brokers {
            all.push((broker.id, log_dirs::describe(&client, broker.id).await));
        }
        Ok(all)
    })?;
    let one = |(broker, dirs): (i32, Result<Vec<log_dirs::LogDir>, Error>)| match dirs {
        Ok(dirs) => json!({ "broker": broker, "log_dirs": dirs_of(dirs), "error": null }),
        Err(error) => json!({ "broker": broker, "log_dirs": [], "error": error.to_string() }),
    };
    Ok(to_script(&all.into_iter().map(one).collect()))
}

fn dirs_of(dirs: Vec<log_dirs::LogDir>) -> Value {
    let one = |dir: log_dirs::LogDir| {
        let replica = |replica: &log_dirs::ReplicaSize| json!({ "topic": replica.topic, "partition": replica.partition, "bytes": replica.bytes, "future": replica.future });
        json!({
            "path": dir.path,
            "error": dir.error.map(|error| error.code),
            "total_bytes": dir.total_bytes,
            "usable_bytes": dir.usable_bytes,
            "replicas": dir.replicas.iter().map(replica).collect::<Vec<_>>(),
        })
    };
    dirs.into_iter().map(one).collect()
}
