//! krun alone is cut off from every broker, while the brokers go on.

use super::{Scene, judge};
use crate::real::seen::wait_said;
use krun::kafka::Deadlines;

pub(super) fn for_longer_than_the_deadlines(scene: &mut Scene) {
    scene.outside = true;
    let (before, running) = scene.begin("runbooks/drain.rhai", &["--broker", "7"]);
    off(scene);
    let ended = running.wait().expect_code(0);
    judge::assert_done(scene, &before, &ended, &[1, 2, 3, 4]);
}

/// What it was about to change may have happened or not. It finds out when it has the network again; where that takes too
/// long, it says so and stops, and finds out when it is resumed.
pub(super) fn while_it_changes_things(scene: &mut Scene) {
    let (before, mut running) = scene.start_krun("runbooks/scaleout.rhai", &[]);
    wait_said(&mut scene.cluster, &mut running, "temporarily: throttle the moves");
    off(scene);
    let mut ended = running.wait();
    if ended.status.code() == Some(1) {
        assert!(ended.mentions("NO_ANSWER") && ended.mentions("krun resume"), "{ended}");
        ended = scene.krun.run(&["resume", "--yes"]);
    }
    let ended = ended.expect_code(0);
    judge::assert_levelled(scene, &before, &ended, &[1, 2, 3, 4, 7]);
}

/// Longer than krun waits for an answer, and where everything is run, than it repeats a call.
fn off(scene: &Scene) {
    scene.cluster.cut_outside();
    let Deadlines { request, call, .. } = Deadlines::default();
    std::thread::sleep(if super::everything() { call * 2 } else { request * 3 / 2 });
    scene.cluster.mend_outside();
}
