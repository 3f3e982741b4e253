//! What `krun abort` does with moves in flight: only its own, additions too, and never where nobody could take over.

use super::bystander::Bystander;
use super::place::{Place, until};

/// Submits these moves, `PARTITION: REPLICAS`, of one topic, and is left with them in flight.
fn in_flight(place: &Place, topic: &str, moves: &[(i32, &[i32])]) {
    let moves: Vec<String> =
        moves.iter().map(|(partition, to)| format!("#{{ partition: {partition}, to: {to:?} }}")).collect();
    let text = format!(
        "let cluster = kafka::connect();
         step(\"move\", || {{ cluster.alter_partition_reassignments(\"{topic}\", [{}]); fail(\"left\"); }});",
        moves.join(", ")
    );
    place.own(&text, &[]).exits(1);
}

fn replicas(place: &Place, topic: &str, partition: usize) -> Vec<i64> {
    let dump = place.control().dump().expect("the sandbox tells its state");
    let replicas = dump["topics"][topic][partition]["replicas"].as_array().expect("replicas").clone();
    replicas.iter().filter_map(serde_json::Value::as_i64).collect()
}

fn by_hand(place: &Place) -> String {
    let folder = place.state().join("runs").join(place.runs().last().expect("a run"));
    std::fs::read_to_string(folder.join("by-hand.txt")).expect("by-hand.txt")
}

#[test]
fn an_addition_is_cancelled_like_any_move() {
    let place = Place::stuck();
    let before = replicas(&place, "orders", 0);
    let more: Vec<i32> = [1, 2, 3, 4].to_vec();
    in_flight(&place, "orders", &[(0, &more)]);
    assert_eq!(Bystander::at(&place).moves().len(), 1);
    let ended = place.krun(&["abort"]);
    ended.exits(0).says(&["cancel the move of orders-0"]).does_not_say(&["-stray"]);
    assert_eq!(Bystander::at(&place).moves(), []);
    assert_eq!(replicas(&place, "orders", 0), before, "in their order");
}

/// Somebody cancels krun's move and submits one of his own with the same target, but from other replicas.
#[test]
fn a_move_with_the_same_target_and_other_additions_is_somebody_elses() {
    let place = Place::stuck();
    in_flight(&place, "orders", &[(0, &[4, 2, 3])]);
    let other = Bystander::at(&place);
    other.cancels_all_moves();
    // Only what is dropped needs no copying: 1 goes at once, and then 4 comes instead of nobody.
    other.moves_one("orders", 0, &[2, 3]);
    until("the first is over", || other.moves().is_empty());
    other.moves_one("orders", 0, &[4, 2, 3]);
    let before = other.moves();
    assert_eq!((before[0].target(), &before[0].removing), (vec![4, 2, 3], &Vec::new()));
    place.krun(&["abort"]).exits(0).says(&["left as it is, since somebody changed it", "which krun did not ask for"]);
    assert_eq!(other.moves(), before, "it is left");
}

#[test]
fn without_an_old_replica_up_and_in_sync_a_move_is_kept_and_named() {
    let place = Place::stuck();
    // Partitions on 1 and 2, and on other brokers: only those of dead brokers are stranded.
    assert_eq!(
        (replicas(&place, "peter-scaleout2", 0), replicas(&place, "peter-scaleout2", 1)),
        (vec![1, 2], vec![2, 3])
    );
    in_flight(&place, "peter-scaleout2", &[(0, &[4, 3]), (1, &[4, 1])]);
    assert_eq!(Bystander::at(&place).moves().len(), 2);
    let control = place.control();
    for broker in [1, 2] {
        control.kill_broker(broker).expect("the sandbox obeys");
    }
    let ended = place.krun(&["abort"]);
    ended.exits(6).says(&["OLD_REPLICAS_DOWN", "peter-scaleout2-0 (was on 1,2)", "start brokers 1,2"]);
    ended.says(&["krun abort", "could not be put back"]).does_not_say(&["peter-scaleout2-1 (was on"]);
    let left: Vec<i32> = Bystander::at(&place).moves().iter().map(|one| one.partition).collect();
    assert_eq!(left, [0], "the other one of the same request is cancelled");
    let text = by_hand(&place);
    assert!(text.contains("--cancel") && text.contains("could not: ") && text.contains("(was on 1,2)"), "{text}");

    for broker in [1, 2] {
        control.start_broker(broker).expect("the sandbox obeys");
    }
    place.krun(&["abort"]).exits(0);
    assert_eq!(Bystander::at(&place).moves(), []);
    assert_eq!(
        (replicas(&place, "peter-scaleout2", 0), replicas(&place, "peter-scaleout2", 1)),
        (vec![1, 2], vec![2, 3])
    );
}

#[test]
fn where_a_destination_was_down_its_stray_folders_are_told() {
    let place = Place::stuck();
    in_flight(&place, "orders", &[(0, &[4, 2, 3]), (1, &[4, 3, 1])]);
    place.control().kill_broker(4).expect("the sandbox obeys");
    let ended = place.krun(&["abort"]);
    ended.exits(0).says(&["broker 4 was down", "orders-0, orders-1", "find LOG_DIR -maxdepth 1 -name '*-stray'"]);
    assert_eq!(ended.stderr.matches("broker 4 was down").count(), 1, "once: {ended}");
    place.krun(&["show"]).shows(&["*-stray"]);
}
