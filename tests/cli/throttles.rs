//! Throttles beside producers that write.

use super::bystander::Bystander;
use super::place::{Place, SCALE_OUT};

/// Bytes per second; each of the twelve partitions gets a twelfth.
const WRITTEN: u64 = 1_200_000;

fn written() -> Place {
    let place = Place::quick();
    place.control().set_inbound("clicks", WRITTEN).expect("the sandbox obeys");
    place
}

#[test]
fn a_throttle_that_producers_use_up_is_refused_with_one_that_is_enough() {
    let place = written();
    let words = [SCALE_OUT, "--yes", "--topics", "clicks", "--measure", "1s"];
    let refused = place.krun_in_vain_of_changes(&[&words[..], &["--throttle", "100kB/s"]].concat());
    refused.exits(1).says(&[
        "THROTTLE_TOO_LOW",
        "a throttle of 100kB/s is too low",
        "never catch up",
        "take --throttle ",
    ]);
    // The line may be broken at the slash.
    let proposal = refused.stderr.split("take --throttle ").nth(1).expect("a proposal");
    let proposal: String = proposal.chars().take_while(char::is_ascii_alphanumeric).collect();
    let proposal = format!("{proposal}/s");
    place.krun(&["abort"]).exits(0);
    place.krun(&[&words[..], &["--throttle", &proposal]].concat()).exits(0).says(&["done:"]);
    let bystander = Bystander::at(&place);
    assert_eq!((bystander.moves(), bystander.throttles()), (vec![], vec![]));
}

#[test]
fn an_automatic_throttle_begins_above_what_producers_write() {
    let place = written();
    let words = [SCALE_OUT, "--yes", "--topics", "clicks", "--measure", "1s", "--throttle", "auto"];
    let low = place.krun(&[&words[..], &["--throttle-least", "10kB/s", "--throttle-most", "100kB/s"]].concat());
    low.exits(1).says(&["THROTTLE_TOO_LOW", "at most 100kB/s", "raise --throttle-most to "]);
    place.krun(&["abort"]).exits(0);
    let ended = place.krun(&[&words[..], &["--throttle-least", "10kB/s"]].concat());
    ended.exits(0).says(&["done:"]).does_not_say(&["at 10kB/s"]);
    let bystander = Bystander::at(&place);
    assert_eq!((bystander.moves(), bystander.throttles()), (vec![], vec![]));
}
