//! Moves in both orders, with one slot a broker; and a drain, before which others take the lead.

use super::bystander::Bystander;
use super::place::{Place, SCALE_OUT};
use std::collections::BTreeSet;

/// Scales out onto one broker with one slot, and gives the moves that were seen in flight, in their order.
fn one_by_one(order: &str) -> Vec<String> {
    let place = Place::stuck();
    // About a tenth of a second for each move.
    place.control().set_copy_rate(5_000).expect("the sandbox obeys");
    let bystander = Bystander::at(&place);
    let mut live = place.start(&[SCALE_OUT, "--cluster", "sandbox", "--order", order, "--at-once", "1", "--yes"]);
    let mut seen: Vec<String> = Vec::new();
    while !live.is_over() {
        let moves = bystander.moves();
        assert!(moves.len() <= 1, "broker 4 receives one at a time: {moves:?}");
        seen.extend(moves.into_iter().map(|one| format!("{}-{}", one.topic, one.partition)));
        seen.dedup();
    }
    live.ends().exits(0).says(&["one topic at a time (5)", "across topics", "done:"]);
    assert_eq!((bystander.moves(), bystander.throttles()), (vec![], vec![]));
    assert!(seen.len() > 5, "some of fifteen moves are seen: {seen:?}");
    let names: BTreeSet<&String> = seen.iter().collect();
    assert_eq!(names.len(), seen.len(), "none of them twice: {seen:?}");
    seen
}

#[test]
fn one_topic_at_a_time_begins_the_next_when_the_one_before_is_whole() {
    let mut topics: Vec<String> = one_by_one("one-topic").iter().map(|name| topic(name)).collect();
    topics.dedup();
    let mut sorted = topics.clone();
    sorted.sort();
    sorted.dedup();
    assert_eq!(topics, sorted, "by name, and none of them again after another");
}

#[test]
fn across_topics_the_largest_move_comes_first() {
    let seen = one_by_one("across-topics");
    let mut topics: Vec<String> = seen.iter().map(|name| topic(name)).collect();
    topics.dedup();
    // From about a kilobyte for a partition down to half of it.
    assert_eq!(topics, ["peter-scaleout1", "peter-scaleout2", "payments", "clicks", "orders"], "{seen:?}");
}

#[test]
fn another_order_is_refused_with_those_that_there_are() {
    let place = Place::quick();
    let refused = place.krun(&[SCALE_OUT, "--cluster", "sandbox", "--order", "all", "--yes"]);
    refused.exits(2).says(&["--order", "one-topic", "across-topics"]);
}

#[test]
fn a_plan_that_can_do_nothing_is_no_success() {
    let place = Place::quick();
    let full = place.krun(&[SCALE_OUT, "--cluster", "sandbox", "--spare", "100", "--yes"]);
    full.exits(1).says(&["NOT_LEVEL", "the disks of broker 4 take 0B and no more, with 100 % to spare"]);
    assert_eq!(applied(&place), vec![], "and nothing was changed");
}

#[test]
fn a_drained_broker_hands_its_leads_over_before_it_is_copied_from() {
    let place = Place::quick();
    place.krun(&[SCALE_OUT, "--cluster", "sandbox", "--yes"]).exits(0);
    let before = applied(&place).len();
    let drained = place.krun(&[SCALE_OUT, "--cluster", "sandbox", "--brokers", "1,2,3", "--yes"]);
    drained.exits(0).says(&["another leader first", "let other brokers lead what leaving ones lead", "done:"]);
    let requests: Vec<(String, String)> = applied(&place).into_iter().skip(before).collect();
    let throttled = requests.iter().position(|(api, _)| api == "IncrementalAlterConfigs").expect("a throttle is set");
    let elected = requests.iter().position(|(api, _)| api == "ElectLeaders").expect("leaders are elected");
    assert!(elected < throttled, "the lead goes over before anything is copied: {requests:#?}");
    let dump = place.control().dump().expect("the sandbox tells its state");
    assert!(!dump["topics"].to_string().contains('4'), "nothing is left on broker 4: {}", dump["topics"]);
}

fn applied(place: &Place) -> Vec<(String, String)> {
    let counters = place.control().counters().expect("the sandbox counts");
    counters.applied.into_iter().map(|one| (one.api, one.text)).collect()
}

fn topic(name: &str) -> String {
    name.rsplit_once('-').map_or(name, |(topic, _)| topic).to_owned()
}
