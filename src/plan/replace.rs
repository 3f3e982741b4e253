//! One broker in the place of another: what the one holds goes to the other, as far as that can be.

use super::placement::Placement;

/// A replica stays where its partition has one on the other broker already, or where racks or disks forbid it; it is then moved
/// like those of any broker that leaves.
pub(super) fn take_places(placement: &mut Placement<'_>) {
    for (broker, with) in &placement.job.replaced {
        let mut slots = placement.on[*broker as usize].clone();
        slots.sort_unstable();
        for slot in slots {
            if placement.may_go(slot as usize, *with as usize) {
                placement.relocate(slot as usize, *with as usize);
            }
        }
    }
}
