//! A time zone of the test's own, in a zone database of its own: its clocks jump two hours ahead at one instant and back
//! at another, so a window around now is shut in between, to the second, and nothing in krun is pretended.

use super::child::Live;
use super::place::Place;
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use std::fs;

/// The name of the zone.
const ZONE: &str = "Test/Clock";

/// A window that is shut for some seconds.
pub(super) struct Clock<'a> {
    place: &'a Place,
    pub(super) window: String,
}

impl<'a> Clock<'a> {
    /// A window that is shut from so many seconds after now until so many; less than 0 is past.
    pub(super) fn shut(place: &'a Place, from: i64, until: i64) -> Self {
        let now = Timestamp::now();
        let zone = place.scratch().join("zones").join(ZONE);
        fs::create_dir_all(zone.parent().expect("a folder")).expect("the scratch folder takes a folder");
        fs::write(&zone, zone_file(now.as_second() + from, now.as_second() + until)).expect("and a file");
        let at = |minutes| {
            (now + SignedDuration::from_mins(minutes)).to_zoned_datetime(TimeZone::UTC).strftime("%H:%M").to_string()
        };
        Self { place, window: format!("{}-{} {ZONE}", at(-20), at(20)) }
    }

    /// krun, by these clocks.
    pub(super) fn start(&self, words: &[&str]) -> Live {
        let mut command = self.place.command(words);
        command.env("TZDIR", self.place.scratch().join("zones"));
        Live::start(command, self.place.scratch())
    }

    pub(super) fn start_own(&self, text: &str, words: &[&str]) -> Live {
        let path = self.place.file("own.rhai", text);
        self.start(&[&[path.as_str(), "--cluster", "sandbox", "--window", &self.window], words].concat())
    }
}

/// RFC 9636: two transitions between two types of local time, once with 32 bits and once with 64.
fn zone_file(ahead: i64, back: i64) -> Vec<u8> {
    const NAMES: &[u8] = b"OPEN\0SHUT\0";
    let counts = [0, 0, 0, 2, 2, u32::try_from(NAMES.len()).expect("few")];
    let header = || {
        let start = [b"TZif2".as_slice(), &[0; 15]].concat();
        [start, counts.into_iter().flat_map(u32::to_be_bytes).collect()].concat()
    };
    let types = [0_i32.to_be_bytes().as_slice(), &[0, 0], &7200_i32.to_be_bytes(), &[1, 5]].concat();
    let narrow = [ahead, back].map(|at| i32::try_from(at).expect("before 2038").to_be_bytes()).concat();
    let wide = [ahead, back].map(i64::to_be_bytes).concat();
    let body = |times: Vec<u8>| [header(), times, vec![1, 0], types.clone(), NAMES.to_vec()].concat();
    [body(narrow), body(wide), b"\nOPEN0\n".to_vec()].concat()
}
