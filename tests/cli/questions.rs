//! Questions: with and without somebody to answer, answered beforehand, declined, and left alone.

use super::place::{Place, SCALE_OUT};
use super::terminal::Pty;

const NO_WAY_BACK: &str = "step(\"pin it\", || 1);\npoint_of_no_return(\"unpin the protocol\");\nlog(\"past it\");";

#[test]
fn without_a_terminal_a_question_stops_the_run_and_yes_answers_it() {
    let place = Place::quick();
    let ended = place.krun_in_vain(&[SCALE_OUT]);
    ended.exits(4).says(&["move 15 replicas?", "nobody answered", "krun resume", "--yes"]).shows(&["broker"]);
    place.krun_in_vain(&["resume"]).exits(4).says(&["move 15 replicas?"]);
    place.krun(&["resume", "--yes"]).exits(0).says(&["plan the moves", "done:"]);
}

#[test]
fn declined_at_the_terminal_and_agreed_to_later() {
    let place = Place::quick();
    let before = place.look();
    let mut pty = Pty::start(&place, &[SCALE_OUT], 80);
    pty.shows("[y/N]");
    pty.types("n\n");
    pty.ends().exits(4).shows(&["declined", "krun resume"]);
    assert_eq!(place.look(), before);

    let mut pty = Pty::start(&place, &["resume"], 80);
    pty.shows("[y/N]");
    pty.types("yes\n");
    pty.ends().exits(0).shows(&["done:"]);
}

#[test]
fn a_closed_input_is_no_answer() {
    let place = Place::quick();
    let before = place.look();
    let mut pty = Pty::start(&place, &[SCALE_OUT], 80);
    pty.shows("[y/N]");
    pty.types("\u{4}");
    pty.ends().exits(4).shows(&["nobody answered", "krun resume"]);
    assert_eq!(place.look(), before);
}

#[test]
fn ctrl_c_at_a_question_leaves_it_open() {
    let place = Place::quick();
    let mut pty = Pty::start(&place, &[SCALE_OUT], 80);
    pty.shows("[y/N]");
    pty.types("\u{3}");
    pty.ends().exits(130).shows(&["interrupted"]);
    place.krun(&["resume", "--yes"]).exits(0);
}

#[test]
fn a_run_that_waits_at_a_question_holds_no_lock() {
    let place = Place::quick();
    let mut pty = Pty::start(&place, &[SCALE_OUT], 80);
    pty.shows("[y/N]");
    place.own("log(\"another one\");", &[]).exits(0).says(&["another one"]);
    pty.types("y\n");
    pty.ends().exits(0);
}

#[test]
fn a_point_of_no_return_wants_its_own_words() {
    let place = Place::quick();
    let ended = place.own(NO_WAY_BACK, &["--yes"]);
    ended.exits(4).says(&["point of no return: unpin the protocol", "--accept 'unpin the protocol'"]);
    ended.does_not_say(&["past it"]);
    place.krun(&["resume", "--yes", "--accept", "unpin"]).exits(4).does_not_say(&["past it"]);
    place.krun(&["resume", "--accept", "unpin the protocol"]).exits(0).says(&["past it"]);
    place.own(NO_WAY_BACK, &["--accept", "unpin the protocol"]).exits(0).says(&["past it", "by --accept"]);
}

#[test]
fn a_point_of_no_return_wants_the_cluster_named_at_the_terminal() {
    let place = Place::quick();
    let path = place.file("own.rhai", NO_WAY_BACK);
    let words = [path.as_str(), "--cluster", "sandbox"];
    let mut pty = Pty::start(&place, &words, 80);
    pty.shows("type the cluster's name (sandbox) to go on:");
    pty.types("yes\n");
    pty.ends().exits(4).shows(&["declined"]).does_not_show(&["past it"]);
    let mut pty = Pty::start(&place, &["resume"], 80);
    pty.shows("type the cluster's name (sandbox) to go on:");
    pty.types("sandbox\n");
    pty.ends().exits(0).shows(&["past it"]);
}
