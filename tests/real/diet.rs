//! `krun runbooks/diet_and_reassign.rhai` on a real cluster: both ways, killed several times, and given up. `df` says whether the disks
//! are free, and Kafka's own tools that nothing is left behind.

use super::cluster::Cluster;
use super::disk::Disk;
use super::krun::{Ended, Krun};
use super::pass_over;
use super::properties::More;
use super::records::{Written, commit, create_topic};
use super::seen::{Seen, assert_same_shape, of, wait_said};
use super::tools::Tools;
use std::time::{Duration, Instant};

const DAY: Duration = Duration::from_hours(24);
const SEGMENT: u64 = 4_000_000;
/// Logs of brokers, indexes, and the topic of the consumers.
const OTHER: u64 = 15_000_000;
const PATIENCE: Duration = Duration::from_mins(2);

#[test]
fn both_diets_free_the_disk_and_leave_nothing_behind() {
    let Some(kafka) = super::kafka() else { return };
    let disk = match Disk::new() {
        Ok(disk) => disk,
        Err(why) => return pass_over(&format!("NO DISK OF ITS OWN HERE: {why}")),
    };
    let mut cluster = Cluster::start_with(&kafka, &[1, 2, 3], More { folder: Some(disk.path()), ..More::default() });
    let bootstrap = cluster.bootstrap();
    let segment = SEGMENT.to_string();
    create_topic(&bootstrap, "orders", &[&[1, 2], &[2, 3], &[3, 1]], &[("segment.bytes", &segment)]);
    // Fourteen days, its owner said; `orders` has what all topics have.
    let own = [("segment.bytes", &*segment), ("retention.ms", "1209600000")];
    create_topic(&bootstrap, "clicks", &[&[1], &[2], &[3], &[1]], &own);
    let orders = Written::write_aged(&bootstrap, "orders", 3, &[(120, 3 * DAY), (30, Duration::ZERO)]);
    let clicks = Written::write_aged(&bootstrap, "clicks", 4, &[(240, 3 * DAY), (60, Duration::ZERO)]);
    create_topic(&bootstrap, "views", &[&[2]], &[("segment.bytes", &segment)]);
    Written::write_aged(&bootstrap, "views", 1, &[(20, 3 * DAY), (4, Duration::ZERO)]);
    commit(&bootstrap, "billing", "orders", &[5000, 5000, 5000]);
    // Has not read 1,000 old records of the first partition, and the rest to the end.
    commit(&bootstrap, "slow", "clicks", &[5000, 7500, 7500, 7500]);
    cluster.wait_whole();
    cluster.add_broker(4);
    let krun = Krun::on(&cluster);
    let tools = cluster.tools();
    let before = Seen::now(&tools);
    cluster.end_phase("write 600 MB to the disks");

    let load = krun.run(&["load", "--cluster", "real", "--for", "1s"]).expect_code(0);
    assert!(load.mentions("orders") && load.mentions("clicks") && !load.mentions("unknown"), "{load}");
    refused(&krun, &tools, &before);
    given_up(&mut cluster, &krun);
    assert_eq!(tools.configs(), before.configs, "what was shortened is put back by an abort");
    let used = disk.used();
    killed_and_resumed(&mut cluster, &krun);
    let of_orders = 2 * 120_000_000;
    freed(&disk, used, of_orders, 6);
    assert_as_before(&cluster, &before, "orders");
    assert_eq!(orders.read_newest(&cluster.bootstrap(), 1000), Ok(()));
    cluster.end_phase("diet of orders by retention, given up, killed three times, and its move");

    let used = disk.used();
    let done = run(&krun, &["--topics", "clicks", "--by", "records"]).expect_code(0);
    assert!(done.mentions("group slow has not read 1000 old records of clicks-0"), "{done}");
    let of_clicks = 240_000_000 - 1000 * 10_000;
    freed(&disk, used, of_clicks, 4);
    assert_as_before(&cluster, &before, "clicks");
    assert_eq!(clicks.read_newest(&cluster.bootstrap(), 1500), Ok(()));
    cluster.end_phase("diet of clicks by records, and its move");
}

const DIET: [&str; 11] = [
    "runbooks/diet_and_reassign.rhai",
    "--cluster",
    "real",
    "--keep",
    "1d",
    "--throttle",
    "20MB/s",
    // All brokers lie on one disk.
    "--spare",
    "1",
    "--timeout",
    "3m",
];
const YES: [&str; 7] = [
    "--yes",
    "--accept",
    "delete what is older than 1d of views",
    "--accept",
    "delete what is older than 1d of orders",
    "--accept",
    "delete what is older than 1d of clicks",
];

fn run(krun: &Krun, more: &[&str]) -> Ended {
    krun.run(&[&DIET[..], more, &YES].concat())
}

/// A group that has not read what would go: named, and nothing is changed.
fn refused(krun: &Krun, tools: &Tools, before: &Seen) {
    let refused = run(krun, &["--topics", "clicks", "--by", "retention"]).expect_code(1);
    assert!(refused.mentions("READERS_BEHIND") && refused.mentions("slow"), "{refused}");
    krun.run(&["abort"]).expect_code(0);
    assert_eq!(tools.configs(), before.configs);
}

/// While the retention is short, while the disks are waited for, and in mid-move.
fn killed_and_resumed(cluster: &mut Cluster, krun: &Krun) {
    let mut running = krun.start(&[&DIET[..], &["--topics", "orders"], &YES].concat());
    wait_said(cluster, &mut running, "temporarily: shorten the retention");
    running.sigkill();
    for said in ["wait until the disks are free", "move topic orders"] {
        let mut running = krun.start(&[&["resume"][..], &YES].concat());
        wait_said(cluster, &mut running, said);
        running.sigkill();
    }
    krun.run(&[&["resume"][..], &YES].concat()).expect_code(0);
    krun.run(&["resume"]).expect_code(2);
}

/// Killed while the retention is short, and not resumed.
fn given_up(cluster: &mut Cluster, krun: &Krun) {
    let mut running = krun.start(&[&DIET[..], &["--topics", "views"], &YES].concat());
    wait_said(cluster, &mut running, "wait until the disks are free");
    running.sigkill();
    krun.run(&["abort"]).expect_code(0);
    krun.run(&["resume"]).expect_code(2);
}

/// `df` has so many bytes more free, but for a segment of each of so many replicas.
#[track_caller]
fn freed(disk: &Disk, before: u64, bytes: u64, replicas: u64) {
    let began = Instant::now();
    loop {
        let freed = before.saturating_sub(disk.used());
        let is_so = freed + replicas * SEGMENT + OTHER >= bytes && freed <= bytes + OTHER;
        if is_so {
            return super::say(&format!("df: {freed} bytes are free of {bytes} that were too old"));
        }
        // What was moved away goes a delete delay later.
        assert!(began.elapsed() < PATIENCE, "{freed} bytes are free of {bytes}");
        std::thread::sleep(Duration::from_millis(200));
    }
}

/// Kafka's tools find no throttle, no override and no move; the topic is whole and uses the new broker.
#[track_caller]
fn assert_as_before(cluster: &Cluster, before: &Seen, topic: &str) {
    let tools = cluster.tools();
    let after = Seen::now(&tools);
    assert_eq!(after.configs, before.configs, "no throttle and no override is left, and none is missing");
    assert_eq!(tools.reassignments(), []);
    assert_same_shape(&before.partitions, &after.partitions);
    let unfit = after.partitions.iter().find(|partition| !partition.whole() || !partition.led_by_preferred());
    assert_eq!(unfit, None, "every replica is in sync and every leader the preferred one");
    assert!(of(&after.partitions, topic).any(|one| one.replicas.contains(&4)), "{topic} has a replica on broker 4");
}
