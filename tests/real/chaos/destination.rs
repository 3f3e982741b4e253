//! The broker that the replicas go to dies under the moves, and comes back.

use super::{Scene, judge};
use crate::real::seen::wait_said;

pub(super) fn is_killed(scene: &mut Scene) {
    scene.cluster.add_broker(4);
    let (before, mut running) = scene.begin("runbooks/scaleout.rhai", &[]);
    scene.cluster.kill(4);
    wait_said(&mut scene.cluster, &mut running, "standing still: broker 4 is not registered");
    scene.cluster.restart(4);
    let ended = running.wait().expect_code(0);
    judge::assert_levelled(scene, &before, &ended, &[1, 2, 3, 4]);
}
