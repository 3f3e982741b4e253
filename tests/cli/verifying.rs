//! `std/verify` and `runbooks/verify.rhai`: old records and ACLs, and what is told apart from loss.

use super::bystander::Bystander;
use super::child::Ended;
use super::place::Place;
use krun::kafka::configs::Resource;

/// Notes, waits for a yes, changes its notes as `meddling` says, and compares.
fn compare(meddling: &str) -> String {
    format!(
        "import \"std/verify\" as verify;
        let cluster = kafka::connect();
        let before = step(\"note\", || verify::snapshot(cluster));
        confirm(\"compare?\");
        {meddling}
        step(\"compare\", || verify::compare(cluster, before));"
    )
}

fn compared(place: &Place, meddling: &str, meanwhile: impl FnOnce(&Bystander)) -> Ended {
    place.own(&compare(meddling), &[]).exits(4);
    meanwhile(&Bystander::at(place));
    place.krun(&["resume", "--yes"])
}

#[test]
fn records_that_were_deleted_have_expired_and_are_not_lost() {
    let place = Place::quick();
    let ended = compared(&place, "", |bystander| bystander.deletes_records("orders", 2, 8));
    ended.exits(0).says(&[
        "sampled records of orders have expired, or were deleted",
        "orders-2 starts at 8",
        "nothing is lost",
    ]);
    ended.says(&["168 old records"]);
}

#[test]
fn a_record_that_is_another_one_is_lost() {
    let place = Place::quick();
    let ended = compared(&place, "before.samples[3].hash = \"another\";", |_| ());
    ended.exits(1).says(&["LOST", "record clicks-0 at 6 is another one than it was"]);
}

/// As if the log had been read further than it goes now.
const BEYOND: &str = "before.samples.push(#{ topic: \"orders\", partition: 0, offset: 100000, hash: \"x\" });";

#[test]
fn a_record_that_is_gone_is_lost_unless_its_topic_is_compacted() {
    let place = Place::quick();
    compared(&place, BEYOND, |_| ()).exits(1).says(&["LOST", "record orders-0 at 100000 is gone"]);
    let place = Place::quick();
    let compacts = |bystander: &Bystander| {
        bystander.sets(&Resource::Topic("orders".to_owned()), "cleanup.policy", "compact");
    };
    let ended = compared(&place, BEYOND, compacts);
    ended.exits(0).says(&["1 sampled records of orders are compacted away", "nothing is lost"]);
}

/// The sandbox has no authorizer: so all of them are gone.
#[test]
fn acls_that_are_gone_are_lost() {
    let place = Place::quick();
    let ended =
        compared(&place, "before.acls = [\"ALLOW READ to User:alice from * on TOPIC orders (LITERAL)\"];", |_| ());
    ended.exits(1).says(&["LOST", "the brokers have no authorizer any more: 1 ACLs are not in force"]);
}

#[test]
fn the_runbook_keeps_its_notes_until_somebody_answers() {
    let place = Place::quick();
    let words = ["runbooks/verify.rhai", "--cluster", "sandbox", "--lasts", "1s"];
    place.krun(&words).exits(4).says(&["✓ canary messages flow: ", " 0 lost", "compare with what was noted?"]);
    place.krun(&["resume", "--yes"]).exits(0).says(&["nothing is lost: 5 topics, 168 old records and 0 groups"]);
    let again = [&words[..], &["--canary", "0", "--yes"]].concat();
    place.krun(&again).exits(0).says(&["nothing is lost"]).does_not_say(&["create topic"]);
}
