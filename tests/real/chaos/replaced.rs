//! A dead broker is replaced, and the controller dies under the moves and comes back.

use super::{Scene, judge};
use crate::real::seen::wait_said_one_of;

pub(super) fn while_the_controller_is_killed(scene: &mut Scene) {
    scene.cluster.add_broker(7);
    scene.cluster.kill(5);
    let (before, mut running) = scene.begin("runbooks/replace.rhai", &["--broker", "5", "--with", "7"]);
    // With KRaft it is no broker, and known by what waits for it.
    match scene.cluster.kill_controller() {
        Some(broker) => {
            let (refusing, gone) = (format!("broker {broker} at "), format!("broker {broker} is not registered"));
            wait_said_one_of(&mut scene.cluster, &mut running, &[&refusing, &gone]);
        }
        None => wait_said_one_of(&mut scene.cluster, &mut running, &["it is the controller, or forwards this to it"]),
    }
    scene.cluster.restart_controller();
    let ended = running.wait().expect_code(0);
    judge::assert_done(scene, &before, &ended, &[1, 3, 4, 7]);
}
