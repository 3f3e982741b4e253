//! A broker hangs for longer than its session lasts, in mid-move: it answers nobody and closes nothing. Then it goes on as if
//! nothing had been.

use super::{Scene, judge};
use crate::real::properties::SESSION;
use crate::real::seen::wait_said_one_of;

pub(super) fn for_longer_than_its_session(scene: &mut Scene) {
    let (before, mut running) = scene.begin("runbooks/scaleout.rhai", &["--brokers", "1,2,3,4,7"]);
    let hanging = scene.source(&before);
    scene.cluster.pause(hanging);
    let (silent, fenced) = (format!("broker {hanging} at "), format!("broker {hanging} is not registered"));
    wait_said_one_of(&mut scene.cluster, &mut running, &[&silent, &fenced]);
    std::thread::sleep(SESSION);
    scene.cluster.go_on(hanging);
    let ended = running.wait().expect_code(0);
    judge::assert_levelled(scene, &before, &ended, &[1, 2, 3, 4, 7]);
}
