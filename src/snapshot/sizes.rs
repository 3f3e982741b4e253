//! What lies on the disks: the log dirs of every broker, and the size of every partition.

use super::Gap;
use crate::error::Error;
use crate::kafka::{Client, cluster, log_dirs};
use crate::plan::{LogDir, Topic};
use std::collections::{BTreeMap, HashMap};
use tokio::task::JoinSet;

/// So many brokers are asked at the same time.
const AT_ONCE: usize = 16;

/// Asks every registered broker, fills in the sizes, and gives each broker's log dirs.
pub(super) async fn read(
    client: &Client,
    brokers: &[cluster::Broker],
    topics: &mut [Topic],
    gaps: &mut Vec<Gap>,
) -> BTreeMap<i32, Vec<LogDir>> {
    for topic in topics.iter_mut() {
        topic.bytes = vec![None; topic.replicas.len()];
    }
    let index: HashMap<String, usize> = topics.iter().enumerate().map(|(at, topic)| (topic.name.clone(), at)).collect();
    let (mut dirs, mut failed) = (BTreeMap::new(), BTreeMap::new());
    let (mut asked, mut answers) = (brokers.iter(), JoinSet::new());
    loop {
        while answers.len() < AT_ONCE
            && let Some(broker) = asked.next()
        {
            let (client, id) = (client.clone(), broker.id);
            answers.spawn(async move { (id, log_dirs::describe(&client, id).await) });
        }
        let Some(answer) = answers.join_next().await else { break };
        // A task that was cancelled or panicked would leave its broker out: it is among those that did not answer.
        let Ok((id, answer)) = answer else { continue };
        match answer {
            Ok(found) => {
                dirs.insert(id, found.iter().filter(|dir| dir.error.is_none()).map(known).collect());
                take(&found, id, topics, &index, &mut failed);
            }
            Err(error) => {
                let message = format!("the sizes on broker {id} are not known: {}", error.message);
                failed.insert((id, String::new()), Error { message, ..error });
            }
        }
    }
    for broker in brokers.iter().filter(|broker| !dirs.contains_key(&broker.id)) {
        let unknown = || {
            Error::new(
                "BROKER_NOT_AVAILABLE",
                format!("the sizes on broker {} are not known: it did not answer", broker.id),
            )
        };
        failed.entry((broker.id, String::new())).or_insert_with(unknown);
    }
    gaps.extend(failed.into_values().map(Gap::LogDirs));
    let unknown: Vec<String> = topics.iter().flat_map(without_size).collect();
    if !unknown.is_empty() {
        gaps.push(Gap::Sizes(unknown));
    }
    dirs
}

/// By broker and log dir.
type Failed = BTreeMap<(i32, String), Error>;

fn take(dirs: &[log_dirs::LogDir], id: i32, topics: &mut [Topic], index: &HashMap<String, usize>, failed: &mut Failed) {
    for dir in dirs {
        if let Some(error) = &dir.error {
            let text = format!("the sizes on broker {id} are not known: log dir {}: {}", dir.path, error.message);
            let error = Error::new(&error.code, text).hint("mend the log dir, or take the broker out of the plan");
            failed.insert((id, dir.path.clone()), error);
        }
        for replica in dir.replicas.iter().filter(|replica| !replica.future) {
            let Some(topic) = index.get(&replica.topic).and_then(|at| topics.get_mut(*at)) else { continue };
            let Ok(number) = usize::try_from(replica.partition) else { continue };
            let (Some(size), Ok(bytes)) = (topic.bytes.get_mut(number), u64::try_from(replica.bytes)) else { continue };
            // A copy that is behind is smaller: the largest is what has to be moved.
            *size = Some(size.map_or(bytes, |before| before.max(bytes)));
        }
    }
}

fn known(dir: &log_dirs::LogDir) -> LogDir {
    let size = |bytes: Option<i64>| bytes.and_then(|bytes| u64::try_from(bytes).ok());
    LogDir {
        path: dir.path.clone(),
        total_bytes: size(dir.total_bytes),
        usable_bytes: size(dir.usable_bytes),
        replicas: u64::try_from(dir.replicas.iter().filter(|replica| !replica.future).count()).ok(),
    }
}

fn without_size(topic: &Topic) -> impl Iterator<Item = String> {
    let unknown = topic.bytes.iter().enumerate().filter(|(_, size)| size.is_none());
    unknown.map(|(number, _)| format!("{}-{number}", topic.name))
}
