//! Adding to what brokers hold, so that those with least get most, within what their racks can take.

/// What one broker holds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Vessel {
    pub(super) held: u128,
    pub(super) rack: usize,
}

/// The least and the most that each broker holds when `amount` is poured over them; `room` is what a rack can take.
///
/// What no rack has room for is poured over all: a plan tells then that it misses its level.
pub(super) fn pour(amount: u128, vessels: &[Vessel], room: &[u128]) -> Vec<(u128, u128)> {
    let mut levels: Vec<(u128, u128)> = vessels.iter().map(|vessel| (vessel.held, vessel.held)).collect();
    let mut open: Vec<usize> =
        (0..room.len()).filter(|rack| vessels.iter().any(|vessel| vessel.rack == *rack)).collect();
    let mut left = amount;
    loop {
        let among = |racks: &[usize]| -> Vec<usize> {
            (0..vessels.len()).filter(|index| racks.contains(&vessels[*index].rack)).collect()
        };
        let chosen = among(&open);
        let level = surface(left, &chosen.iter().map(|index| vessels[*index].held).collect::<Vec<_>>());
        let taken = |rack: usize| {
            let of_rack = chosen.iter().filter(|index| vessels[**index].rack == rack);
            of_rack.map(|index| level.0.saturating_sub(vessels[*index].held)).sum::<u128>()
        };
        let full = open.iter().copied().find(|rack| taken(*rack) > room[*rack]);
        let Some(rack) = full.filter(|_| open.len() > 1) else {
            fill(&mut levels, &chosen, vessels, level);
            return levels;
        };
        let of_rack = among(&[rack]);
        let full = surface(room[rack], &of_rack.iter().map(|index| vessels[*index].held).collect::<Vec<_>>());
        fill(&mut levels, &of_rack, vessels, full);
        left = left.saturating_sub(room[rack]);
        open.retain(|other| *other != rack);
    }
}

/// How high `amount` stands over these: the whole part, and that with the rest on some of them.
fn surface(amount: u128, held: &[u128]) -> (u128, u128) {
    let mut sorted = held.to_vec();
    sorted.sort_unstable();
    let (mut sum, mut level) = (0_u128, (0, 0));
    for (below, next) in (1_u128..).zip(sorted.iter().skip(1).map(Some).chain([None])) {
        sum += sorted[usize::try_from(below - 1).unwrap_or(0)];
        level = ((sum + amount) / below, (sum + amount).div_ceil(below));
        if next.is_none_or(|next| level.1 <= *next) {
            break;
        }
    }
    level
}

fn fill(levels: &mut [(u128, u128)], chosen: &[usize], vessels: &[Vessel], level: (u128, u128)) {
    for index in chosen {
        let held = vessels[*index].held;
        levels[*index] = (level.0.max(held), level.1.max(held));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vessels(held: &[(u128, usize)]) -> Vec<Vessel> {
        held.iter().map(|(held, rack)| Vessel { held: *held, rack: *rack }).collect()
    }

    #[test]
    fn the_emptiest_get_most() {
        assert_eq!(pour(10, &vessels(&[(0, 0), (5, 0), (20, 0)]), &[100]), [(7, 8), (7, 8), (20, 20)]);
        assert_eq!(pour(3, &vessels(&[(0, 0), (5, 0)]), &[100]), [(3, 3), (5, 5)]);
        assert_eq!(pour(0, &vessels(&[(4, 0)]), &[0]), [(4, 4)]);
    }

    #[test]
    fn a_rack_that_is_full_leaves_the_rest_to_the_others() {
        assert_eq!(pour(6, &vessels(&[(0, 0), (0, 1)]), &[1, 100]), [(1, 1), (5, 5)]);
        assert_eq!(pour(6, &vessels(&[(10, 0), (12, 1), (12, 1)]), &[6, 0]), [(16, 16), (12, 12), (12, 12)]);
    }

    #[test]
    fn what_fits_nowhere_is_poured_all_the_same() {
        assert_eq!(pour(6, &vessels(&[(0, 0)]), &[1]), [(6, 6)]);
    }
}
