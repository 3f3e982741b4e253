//! What Kafka's own tools must find when a run has ended.

use super::Scene;
use crate::real::krun::Ended;
use crate::real::seen::{Seen, assert_level, assert_same_shape, of};
use crate::real::tool_output::ReplicaSize;
use std::collections::BTreeSet;

pub(super) use crate::real::seen::assert_all_readable;

/// Nothing is on the move or throttled, every config is as it was, every replica is in sync on one of these brokers, every
/// leader is the preferred one, and every record can be read.
pub(super) fn assert_done(scene: &mut Scene, before: &Seen, ended: &Ended, holding: &[i32]) {
    scene.cluster.wait_whole();
    let tools = scene.cluster.tools();
    let after = Seen::now(&tools);
    assert_eq!(tools.reassignments(), []);
    assert_eq!(after.configs, before.configs, "every config is as it was, the operator's own throttle among them");
    assert_eq!(after.partitions, scene.cluster.partitions(), "librdkafka sees what the tools see");
    assert_same_shape(&before.partitions, &after.partitions);
    let unfit = after.partitions.iter().find(|partition| !partition.whole() || !partition.led_by_preferred());
    assert_eq!(unfit, None, "every replica is in sync and every leader the preferred one");
    let used: BTreeSet<i32> = after.partitions.iter().flat_map(|each| each.replicas.iter().copied()).collect();
    assert_eq!(used, holding.iter().copied().collect(), "what holds replicas");
    assert_sizes(scene, &tools.replica_sizes(), &after, ended);
    assert_all_readable(&scene.written, &scene.cluster);
    scene.krun.run(&["resume"]).expect_code(2);
}

/// As `assert_done`, and no broker has more than one replica more than another.
pub(super) fn assert_levelled(scene: &mut Scene, before: &Seen, ended: &Ended, holding: &[i32]) {
    assert_done(scene, before, ended, holding);
    assert_level(&scene.cluster.partitions(), holding);
}

/// Every copy is whole, 8 MB a partition. One that no broker should have is left where the broker was away when it was to
/// delete it, and krun has told of it.
fn assert_sizes(scene: &mut Scene, on_disk: &[ReplicaSize], after: &Seen, ended: &Ended) {
    let of_big: Vec<&ReplicaSize> = on_disk.iter().filter(|size| size.topic == "big" && !size.future).collect();
    let is_wanted = |size: &ReplicaSize| {
        of(&after.partitions, "big").any(|each| each.id == size.partition && each.replicas.contains(&size.broker))
    };
    let (wanted, left): (Vec<_>, Vec<_>) = of_big.into_iter().partition(|size| is_wanted(size));
    assert_eq!(wanted.len(), 18, "no copy too few: {on_disk:?}");
    assert!(wanted.iter().all(|size| size.bytes > 8_000_000), "{on_disk:?}");
    for size in left {
        let head = format!("broker {} was to delete these and still has them", size.broker);
        let name = format!("{}-{}", size.topic, size.partition);
        let is_told = ended.stderr.lines().any(|line| line.contains(&head) && line.contains(&name));
        let is_known = is_told || scene.left.contains(&(size.broker, name.clone()));
        assert!(is_known, "{name} is left over on broker {}, and not told of: {ended}", size.broker);
        scene.left.insert((size.broker, name));
    }
}
