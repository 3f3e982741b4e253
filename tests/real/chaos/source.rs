//! A broker that is copied from dies under the moves, and krun as well. Both come back.

use super::{Scene, judge};
use crate::real::seen::wait_said;

pub(super) fn is_killed(scene: &mut Scene) {
    scene.cluster.add_broker(5);
    let (before, mut running) = scene.begin("runbooks/drain.rhai", &["--broker", "2"]);
    let source = scene.source(&before);
    scene.cluster.kill(source);
    wait_said(&mut scene.cluster, &mut running, &format!("broker {source} is not registered"));
    running.sigkill();
    scene.cluster.restart(source);
    let ended = scene.krun.run(&["resume", "--yes"]).expect_code(0);
    judge::assert_done(scene, &before, &ended, &[1, 3, 4, 5]);
}
