//! What a broker's disks can take: a new copy lies beside the old ones until it is whole.

use super::state::LogDir;

/// The bytes that may be added to one log dir so that `spare` per cent stay free, `None` where its size is not known.
fn room_in(dir: &LogDir, spare: u8) -> Option<u64> {
    let (total, usable) = (dir.total_bytes?, dir.usable_bytes?);
    let spare = u128::from(total) * u128::from(spare) / 100;
    Some(usable.saturating_sub(u64::try_from(spare).unwrap_or(u64::MAX)))
}

/// The bytes that may be added to a broker with these log dirs, `None` where that is not known.
///
/// Kafka chooses the log dir of a new replica by the number of replicas, not by bytes. So the fullest log dir is as likely to
/// get one as any other, and the room is what fits in when each takes the same.
pub(super) fn room(dirs: &[LogDir], spare: u8) -> Option<u64> {
    let least = dirs.iter().map(|dir| room_in(dir, spare)).collect::<Option<Vec<u64>>>()?.into_iter().min()?;
    Some(least.saturating_mul(dirs.len() as u64))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dir(total: u64, usable: u64) -> LogDir {
        LogDir { path: "/d".into(), total_bytes: Some(total), usable_bytes: Some(usable), replicas: None }
    }

    #[test]
    fn a_disk_keeps_some_per_cent() {
        assert_eq!(room(&[dir(1000, 400)], 15), Some(250));
        assert_eq!(room(&[dir(1000, 100)], 15), Some(0));
        assert_eq!(room(&[], 15), None, "nothing is known");
    }

    #[test]
    fn the_fullest_log_dir_counts_for_all() {
        assert_eq!(room(&[dir(1000, 400), dir(1000, 200)], 15), Some(100));
        assert_eq!(room(&[dir(1000, 400), LogDir { total_bytes: None, ..dir(0, 0) }], 15), None);
    }
}
