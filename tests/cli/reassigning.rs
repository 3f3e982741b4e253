//! The runbooks that move something: drain, replace, rebalance leaders, roll back; and the throttle around them.

use super::bystander::Bystander;
use super::place::{Place, until};
use krun::kafka::configs::Resource;
use rustix::process::Signal;

/// Producers write nothing here: a moment is enough to see it.
const SOON: [&str; 3] = ["--yes", "--measure", "50ms"];
const RATE: &str = "leader.replication.throttled.rate";

fn run(place: &Place, words: &[&str]) -> super::child::Ended {
    place.krun(&[words, &SOON].concat())
}

/// The replicas of every partition, by `TOPIC-PARTITION`.
fn replicas(place: &Place) -> Vec<(String, Vec<i64>)> {
    let dump = place.control().dump().expect("the sandbox tells its state");
    let topics = dump["topics"].as_object().expect("topics").clone();
    let partitions = topics.iter().flat_map(|(topic, partitions)| {
        let partitions = partitions.as_array().expect("partitions");
        partitions.iter().enumerate().map(move |(id, one)| {
            let ids = one["replicas"].as_array().expect("replicas").iter().filter_map(serde_json::Value::as_i64);
            (format!("{topic}-{id}"), ids.collect())
        })
    });
    partitions.collect()
}

fn on(place: &Place, broker: i64) -> Vec<String> {
    replicas(place).into_iter().filter(|(_, ids)| ids.contains(&broker)).map(|(name, _)| name).collect()
}

#[test]
fn a_drained_broker_is_empty_and_a_rollback_fills_it_again() {
    let place = Place::quick();
    let before = replicas(&place);
    assert!(!on(&place, 3).is_empty());
    run(&place, &["runbooks/drain.rhai", "--broker", "3"]).exits(0).says(&["broker 3 has no partition any more"]);
    assert_eq!(on(&place, 3), Vec::<String>::new());
    let drained = place.runs().last().expect("a run").clone();
    run(&place, &["runbooks/rollback.rhai", "--run", &drained, "--topics", "orders"]).exits(0);
    let orders = |all: Vec<(String, Vec<i64>)>| -> Vec<(String, Vec<i64>)> {
        all.into_iter().filter(|(name, _)| name.starts_with("orders")).collect()
    };
    assert_eq!(orders(replicas(&place)), orders(before.clone()), "that topic is back, in its order");
    assert!(on(&place, 3).iter().all(|name| name.starts_with("orders")));
    let ended = run(&place, &["runbooks/rollback.rhai", "--run", &drained]);
    ended.exits(0).does_not_say(&["brokers are not level yet"]);
    assert_eq!(replicas(&place), before);
    assert_eq!(Bystander::at(&place).throttles(), Vec::<String>::new());
    run(&place, &["runbooks/rollback.rhai", "--run", &drained]).exits(0).says(&["nothing to take back"]);
}

#[test]
fn a_rollback_leaves_what_somebody_moved_since() {
    let place = Place::quick();
    run(&place, &["runbooks/drain.rhai", "--broker", "3", "--topics", "payments"]).exits(0);
    let drained = place.runs().last().expect("a run").clone();
    let other = Bystander::at(&place);
    other.moves_one("payments", 0, &[2, 1, 3]);
    until("it is there", || other.moves().is_empty());
    let ended = run(&place, &["runbooks/rollback.rhai", "--run", &drained]);
    ended.exits(0).says(&["payments-0 is on [2, 1, 3] by now", "it stays there"]);
    assert!(replicas(&place).contains(&("payments-0".to_owned(), vec![2, 1, 3])));
    let typo = run(&place, &["runbooks/rollback.rhai", "--run", &drained, "--topics", "paymets"]);
    typo.exits(1).says(&["nothing of topic paymets was moved"]);
    run(&place, &["runbooks/rollback.rhai", "--run", "nope"]).exits(1).says(&["NO_SUCH_RUN"]);
    place.own("step(\"delete it\", || kafka::connect().delete_topic(\"payments\"));", &["--yes"]).exits(0);
    let ended = run(&place, &["runbooks/rollback.rhai", "--run", &drained]);
    ended.exits(0).says(&["payments-0 is not there any more", "nothing to take back"]);
}

#[test]
fn a_dead_broker_is_replaced() {
    let place = Place::quick();
    place.control().kill_broker(3).expect("the sandbox obeys");
    let words = ["runbooks/replace.rhai", "--broker", "3", "--with", "4"];
    run(&place, &words).exits(1).says(&["LEADER_NOT_AVAILABLE", "peter-scaleout1-2 (on 3)", "--exclude"]);
    place.krun(&["abort"]).exits(0);
    let but_one = [&words[..], &["--exclude", "peter-scaleout1"]].concat();
    let ended = run(&place, &but_one);
    ended.exits(0).says(&["peter-scaleout1-2 has no leader", "go on all the same?"]);
    ended.does_not_say(&["is not in sync on broker 3"]);
    assert_eq!(on(&place, 3), ["peter-scaleout1-2"], "what only it had cannot be copied");
    assert_eq!(Bystander::at(&place).throttles(), Vec::<String>::new());
}

#[test]
fn leaders_are_levelled_and_no_data_moves() {
    let place = Place::quick();
    let skew = "let cluster = kafka::connect();
        step(\"skew\", || cluster.create_topic(\"skew\", #{ replicas: [[1,2],[1,3],[1,2],[1,3],[1,2],[1,3]] }));";
    place.own(skew, &["--yes"]).exits(0);
    let sets = |place: &Place| {
        let mut all = replicas(place);
        for (_, ids) in &mut all {
            ids.sort_unstable();
        }
        all
    };
    let before = sets(&place);
    let ended = place.krun(&["runbooks/rebalance_leaders.rhai", "--topics", "skew", "--yes"]);
    ended.exits(0).says(&["0 replicas move", "preferred leaders?", "done"]);
    assert_eq!(sets(&place), before);
    let leads = |broker: i64| {
        replicas(&place).iter().filter(|(name, ids)| name.starts_with("skew") && ids[0] == broker).count()
    };
    assert_eq!([leads(1), leads(2), leads(3)], [2, 2, 2]);
    let again = place.krun(&["runbooks/rebalance_leaders.rhai", "--topics", "skew", "--yes"]);
    again.exits(0).says(&["nothing to change"]);
}

#[test]
fn a_dry_run_changes_nothing_and_only_leaves_the_rest_for_later() {
    let place = Place::quick();
    let dry = place.krun_in_vain(&[&["runbooks/scaleout.rhai", "--dry"], &SOON[..]].concat());
    dry.exits(0).says(&["15 replicas move", "a dry run: nothing was changed"]);
    run(&place, &["runbooks/scaleout.rhai", "--only", "payments"]).exits(0);
    assert!(!on(&place, 4).is_empty() && on(&place, 4).iter().all(|name| name.starts_with("payments")));
    run(&place, &["runbooks/scaleout.rhai", "--only", "paymets"])
        .exits(1)
        .says(&["NOT_IN_THE_PLAN", "nothing of topic"]);
}

#[test]
fn after_so_many_topics_the_run_pauses_without_a_throttle() {
    let place = Place::quick();
    let paused = run(&place, &["runbooks/scaleout.rhai", "--pause-after", "2"]);
    paused.exits(4).says(&["paused: 2 topics were moved", "part 1 of 3"]);
    assert_eq!(Bystander::at(&place).throttles(), Vec::<String>::new());
    place.krun(&["resume", "--yes"]).exits(4).says(&["part 2 of 3"]);
    place.krun(&["resume", "--yes"]).exits(0);
}

/// Moves so slow that the rate is looked at several times, on brokers whose rate somebody had set before.
fn adapting() -> (Place, &'static str) {
    let place = Place::with_copy_rate(5_000);
    Bystander::at(&place).sets(&Resource::Broker(2), RATE, "7000000");
    let text = "import \"std/reassign\" as reassign;
        let cluster = kafka::connect();
        let moves = step(\"plan\", || plan::level(cluster.state()));
        reassign::execute(cluster, moves, #{ throttle: \"auto\", throttle_most: \"3MB/s\", adapt_every: \"100ms\", measure: \"50ms\" });";
    (place, text)
}

fn only_the_old_rate_is_left(place: &Place) {
    let other = Bystander::at(place);
    assert_eq!(other.throttles(), [format!("{} {RATE}", Resource::Broker(2))]);
    assert_eq!(other.reads(&Resource::Broker(2), RATE).as_deref(), Some("7000000"));
}

#[test]
fn an_automatic_throttle_adapts_and_goes_with_the_moves() {
    let (place, text) = adapting();
    let ended = place.own(text, &["--yes"]);
    ended.exits(0).says(&["throttle 1500kB/s (was 1MB/s)", "throttle 3MB/s"]);
    only_the_old_rate_is_left(&place);
}

#[test]
fn an_automatic_throttle_survives_a_kill_and_is_put_back_by_an_abort() {
    for verb in [&["resume", "--yes"][..], &["abort"][..]] {
        let (place, text) = adapting();
        let mut live = place.start_own(text, &["--yes"]);
        live.says("throttle 1500kB/s (was 1MB/s)");
        live.signal(Signal::KILL);
        live.ends().was_killed_by(Signal::KILL);
        assert_ne!(Bystander::at(&place).reads(&Resource::Broker(2), RATE).as_deref(), Some("7000000"));
        place.krun(verb).exits(0);
        only_the_old_rate_is_left(&place);
    }
}

#[test]
fn a_move_that_stands_still_is_told_with_its_reason() {
    let place = Place::stuck();
    let words = ["runbooks/scaleout.rhai", "--topics", "orders", "--stall", "2s"];
    let mut live = place.start(&[&words, &SOON[..]].concat());
    live.says("moves of orders: 0 of");
    place.control().kill_broker(4).expect("the sandbox obeys");
    let ended = live.ends();
    ended.exits(1).says(&["MOVE_STALLED", "to broker 4: broker 4 is not registered"]);
}

#[test]
fn a_rate_that_the_brokers_hide_is_put_back_to_what_the_operator_says() {
    let place = Place::of_release("2.4.1");
    let other = Bystander::at(&place);
    other.sets(&Resource::Broker(1), RATE, "7000000");
    let refused = run(&place, &["runbooks/scaleout.rhai"]);
    refused.exits(1).says(&["PRIOR_VALUE_HIDDEN", "broker/1", "--prior-rate"]);
    place.krun(&["abort"]).exits(0);
    let ended = run(&place, &["runbooks/scaleout.rhai", "--prior-rate", "7MB/s"]);
    ended.exits(0).does_not_say(&["somebody changed"]);
    let dump = place.control().dump().expect("the sandbox tells its state");
    assert!(dump.to_string().contains("7000000"), "{dump}");
    assert!(!dump.to_string().contains("20000000"), "{dump}");
}

#[test]
fn another_mover_and_a_forgotten_throttle_are_named() {
    let place = Place::quick();
    Bystander::at(&place).sets(&Resource::Broker(1), RATE, "1234567");
    let cruise = "step(\"make it\", || kafka::connect().create_topic(\"__CruiseControlMetrics\", #{ partitions: 1, replication: 3 }));";
    place.own(cruise, &["--yes"]).exits(0);
    let ended = place.krun(&["runbooks/scaleout.rhai", "--measure", "50ms", "--topics", "payments", "--yes"]);
    ended.exits(0).says(&["a throttle is set already, and put back to that", "1234567 on broker/1"]);
    ended.says(&["Cruise Control seems to be at work", "go on all the same?"]);
    assert_eq!(Bystander::at(&place).reads(&Resource::Broker(1), RATE).as_deref(), Some("1234567"));
}

#[test]
fn replicas_stay_on_racks_of_their_own() {
    let place = Place::on_racks();
    run(&place, &["runbooks/scaleout.rhai"]).exits(0);
    // Brokers 1 and 4 are on rack a, 2 and 5 on b, 3 and 6 on c.
    for (name, ids) in replicas(&place) {
        let mut racks: Vec<i64> = ids.iter().map(|id| id % 3).collect();
        racks.sort_unstable();
        racks.dedup();
        assert_eq!(racks.len(), ids.len(), "{name} is on {ids:?}");
    }
    assert!((4..=6).all(|broker| !on(&place, broker).is_empty()));
}
