//! From 2.1.1 by 2.6.3 and 2.8.2 to 3.9.2, each in both passes, while somebody writes: `KRUN_LADDER=all cargo test --test main --
//! real::hosts::ladder`.

use super::super::jars::Kafka;
use super::super::records::create_topic;
use super::lab::Lab;
use super::upgrade::{ACCEPT, runs, to_its_end};
use super::writer::{self, Writer};
use super::{NEW, OLD};

const WAY: [&str; 3] = [NEW, "2.8.2", "3.9.2"];

#[test]
fn up_to_the_last_version_with_zookeeper() {
    if std::env::var("KRUN_LADDER").as_deref() != Ok("all") {
        super::super::say("PASSED OVER real::hosts::ladder: KRUN_LADDER=all runs it");
        return;
    }
    let Some(kafka) = super::kafka() else { return };
    for version in WAY {
        Kafka::resolve_version(version).unwrap_or_else(|why| panic!("Kafka {version}: {why}"));
    }
    let mut lab = Lab::start(&kafka, &[1, 2, 3]);
    lab.start_brokers();
    let bootstrap = lab.bootstrap();
    create_topic(&bootstrap, "live", &[&[1, 2, 3], &[2, 3, 1], &[3, 1, 2]], &[]);
    lab.wait_whole();
    let krun = lab.krun();
    let mut now = OLD;
    let live = Writer::start(&bootstrap, "live");
    for to in WAY {
        let words = ["runbooks/upgrade.rhai", "--cluster", "real", "--to", to, "--stable", "3s", "--yes", "--json"];
        to_its_end(krun.start(&[&words[..], &ACCEPT].concat())).expect_code(0);
        for host in &lab.hosts {
            assert_eq!(runs(&lab, host), to, "{}", host.name);
        }
        lab.say(&format!("{now} → {to}"));
        now = to;
    }
    let live = live.stop();
    lab.wait_whole();
    assert_eq!(live.refused, [], "no record was refused");
    let read = writer::read(&bootstrap, "live", 3, "watching");
    assert_eq!(live.acknowledged.difference(&read).count(), 0, "acknowledged, and not there");
    lab.say(&format!("{} records acknowledged in {} s, none lost", live.acknowledged.len(), live.lasted.as_secs()));
}
