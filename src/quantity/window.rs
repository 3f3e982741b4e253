//! Maintenance windows: `"01:00-05:00 Asia/Seoul"`, `"Mon-Thu 22:00-05:00 Europe/Berlin"`.

use super::number::Reading;
use crate::error::Error;
use crate::suggestion;
use jiff::civil::{Date, DateTime, Weekday};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::{fmt, str::FromStr};

/// When work is allowed, by the wall clock of a time zone.
///
/// The window is open at an instant exactly when a clock on the wall there shows a time inside it: from the start, up to
/// but without the end. So a summer-time change needs no rule of its own: an hour that is skipped opens nothing, and an
/// hour that comes twice counts both times. Weekdays name the day on which the window opens, so `Fri 22:00-05:00` lasts
/// into Saturday.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// Monday first.
    days: [bool; 7],
    /// Minutes after midnight, 0 to 1439.
    start: u16,
    /// Minutes after midnight, 1 to 1440; below `start` when the window goes over midnight.
    end: u16,
    zone: TimeZone,
}

const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const MIDNIGHT: u16 = 24 * 60;
/// A weekly window can lose one occurrence to a clock change, so two weeks show every one that there is.
const DAYS_AROUND: i32 = 15;

impl Window {
    /// Whether work is allowed at this instant.
    pub fn is_open(&self, at: Timestamp) -> bool {
        let clock = self.zone.to_datetime(at);
        let minute = minute_of(clock);
        let today = self.days[day_index(clock.weekday())];
        let yesterday = self.days[day_index(clock.weekday().previous())];
        if self.start < self.end {
            today && (self.start..self.end).contains(&minute)
        } else {
            (today && minute >= self.start) || (yesterday && minute < self.end)
        }
    }

    /// `at` itself while the window is open, else the instant at which it opens next.
    ///
    /// None only at the end of the calendar.
    pub fn next_opening(&self, at: Timestamp) -> Option<Timestamp> {
        if self.is_open(at) { Some(at) } else { self.next_change(at) }
    }

    /// The instant at which the opening that holds `at` ends. None when it is closed, or never closes.
    pub fn closes(&self, at: Timestamp) -> Option<Timestamp> {
        if self.is_open(at) { self.next_change(at) } else { None }
    }

    /// The instant since which it is closed, for one at which it is. None only at the beginning of the calendar.
    pub fn closed_since(&self, at: Timestamp) -> Option<Timestamp> {
        if self.is_open(at) {
            return None;
        }
        let mut edges = self.edges(self.zone.to_datetime(at).date().checked_sub(DAYS_AROUND.days()).ok()?)?;
        let earliest = edges.first().copied()?;
        let jumps = self.zone.preceding(at).map(|jump| jump.timestamp());
        edges.extend(jumps.take_while(|jump| *jump >= earliest));
        edges.sort_unstable();
        let just_before = |edge: Timestamp| edge.checked_sub(1.nanosecond()).is_ok_and(|before| self.is_open(before));
        edges.into_iter().rev().find(|edge| *edge <= at && !self.is_open(*edge) && just_before(*edge))
    }

    /// An instant as the clocks of the window and of `here` show it: `2026-11-26 01:00 KST = 2026-11-25 17:00 CET`.
    pub fn on_both_clocks(&self, at: Timestamp, here: &TimeZone) -> String {
        let clock = |zone: &TimeZone| at.to_zoned_datetime(zone.clone()).strftime("%Y-%m-%d %H:%M %Z").to_string();
        let (there, here_too) = (clock(&self.zone), clock(here));
        if there == here_too { there } else { format!("{there} = {here_too}") }
    }

    /// The first instant after `at` with the other answer of [`Self::is_open`].
    fn next_change(&self, at: Timestamp) -> Option<Timestamp> {
        let mut edges = self.edges(self.zone.to_datetime(at).date().yesterday().ok()?)?;
        let horizon = edges.last().copied()?;
        let jumps = self.zone.following(at).map(|jump| jump.timestamp());
        edges.extend(jumps.take_while(|jump| *jump <= horizon));
        edges.sort_unstable();
        let open = self.is_open(at);
        edges.into_iter().find(|edge| *edge > at && self.is_open(*edge) != open)
    }

    /// Where the answer of [`Self::is_open`] can change on the days from `first` on, sorted: the wall clock reaches the
    /// start or the end. The one other place is where the wall clock jumps.
    fn edges(&self, first: Date) -> Option<Vec<Timestamp>> {
        let days = (0..=DAYS_AROUND + 1).map_while(|ahead| first.checked_add(ahead.days()).ok());
        let mut edges: Vec<Timestamp> = days
            .flat_map(|day| {
                [self.start, self.end].map(|minute| {
                    let midnight = day.to_datetime(jiff::civil::Time::midnight());
                    midnight.checked_add(i64::from(minute).minutes()).ok()
                })
            })
            .flatten()
            .flat_map(|clock| self.instants(clock))
            .collect();
        edges.sort_unstable();
        (!edges.is_empty()).then_some(edges)
    }

    /// When the wall clock shows this time: once, twice, or never.
    fn instants(&self, clock: DateTime) -> Vec<Timestamp> {
        let ambiguous = self.zone.to_ambiguous_timestamp(clock);
        match ambiguous.offset() {
            AmbiguousOffset::Unambiguous { .. } => ambiguous.unambiguous().into_iter().collect(),
            AmbiguousOffset::Fold { .. } => {
                let twice = [ambiguous.earlier(), ambiguous.later()];
                twice.into_iter().flatten().collect()
            }
            AmbiguousOffset::Gap { .. } => Vec::new(),
        }
    }
}

fn minute_of(clock: DateTime) -> u16 {
    u16::from(clock.hour().unsigned_abs()) * 60 + u16::from(clock.minute().unsigned_abs())
}

fn day_index(day: Weekday) -> usize {
    usize::from(day.to_monday_zero_offset().unsigned_abs())
}

impl FromStr for Window {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let text = text.trim();
        let example = "for example \"01:00-05:00 Asia/Seoul\" or \"Mon-Thu 22:00-05:00 Europe/Berlin\"";
        let reading = Reading { code: "INVALID_WINDOW", what: "window", example, text };
        let at = |word: &str| word.as_ptr().addr() - text.as_ptr().addr();
        let words: Vec<&str> = text.split_whitespace().collect();
        let (days, hours, zone) = match words[..] {
            [hours, zone] if hours.contains(':') => ([true; 7], hours, zone),
            [days, hours, zone] if hours.contains(':') => (read_days(&reading, days, at(days))?, hours, zone),
            [.., hours] if hours.contains(':') => {
                return Err(reading.wrong(text.len(), "the time zone is missing"));
            }
            [] => return Err(reading.error("it is empty")),
            _ => return Err(reading.error("it is not \"[DAYS] HH:MM-HH:MM ZONE\"")),
        };
        let Some((start, end)) = hours.split_once('-') else {
            return Err(reading.wrong(at(hours), "the end is missing: \"HH:MM-HH:MM\""));
        };
        let (start_at, end_at) = (at(start), at(end));
        let (start, end) = (read_clock(&reading, start, start_at)?, read_clock(&reading, end, end_at)?);
        if start == MIDNIGHT {
            return Err(reading.wrong(start_at, "24:00 can only be an end; the start is 00:00"));
        }
        if start == end {
            let error = reading.wrong(start_at, "it starts and ends at the same time");
            return Err(error.hint("the whole day is \"00:00-24:00\""));
        }
        // An end at 00:00 is the midnight after the start.
        let end = if end == 0 { MIDNIGHT } else { end };
        let zone = TimeZone::get(zone).map_err(|_| unknown_zone(&reading, zone, at(zone)))?;
        Ok(Self { days, start, end, zone })
    }
}

fn read_clock(reading: &Reading<'_>, text: &str, at: usize) -> Result<u16, Error> {
    let two_digits = |part: &str| (part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit())).then(|| part.parse());
    let read = text.split_once(':').and_then(|(hour, minute)| Some((two_digits(hour)?, two_digits(minute)?)));
    match read {
        Some((Ok(hour @ 0..=23_u16), Ok(minute @ 0..=59_u16))) => Ok(hour * 60 + minute),
        Some((Ok(24), Ok(0))) => Ok(MIDNIGHT),
        _ => Err(reading.wrong(at, &format!("\"{}\" is not HH:MM from 00:00 to 24:00", text.escape_debug()))),
    }
}

fn read_days(reading: &Reading<'_>, text: &str, at: usize) -> Result<[bool; 7], Error> {
    let mut days = [false; 7];
    let mut place = at;
    for part in text.split(',') {
        let (from, to) = part.split_once('-').unwrap_or((part, part));
        let to_at = place + part.len() - to.len();
        let (mut day, last) = (read_day(reading, from, place)?, read_day(reading, to, to_at)?);
        days[day] = true;
        while day != last {
            day = (day + 1) % 7;
            days[day] = true;
        }
        place += part.len() + 1;
    }
    Ok(days)
}

fn read_day(reading: &Reading<'_>, text: &str, at: usize) -> Result<usize, Error> {
    DAYS.iter().position(|day| day.eq_ignore_ascii_case(text)).ok_or_else(|| {
        let error = reading.wrong(at, &format!("unknown day \"{}\"", text.escape_debug()));
        let begins_alike = |day: &&str| text.get(..3).is_some_and(|begin| day.eq_ignore_ascii_case(begin));
        match DAYS.into_iter().find(begins_alike) {
            Some(day) => error.hint(format!("did you mean \"{day}\"?")),
            None => error.hint("the days are Mon, Tue, Wed, Thu, Fri, Sat and Sun"),
        }
    })
}

fn unknown_zone(reading: &Reading<'_>, zone: &str, at: usize) -> Error {
    let error = reading.wrong(at, &format!("unknown time zone \"{}\"", zone.escape_debug()));
    let zones: Vec<String> = jiff::tz::db().available().map(|name| name.as_str().to_owned()).collect();
    let city = |name: &&String| name.rsplit('/').next().is_some_and(|city| city.eq_ignore_ascii_case(zone));
    // A wrong abbreviation is near to many others that are hours away, so only whole names are suggested by likeness.
    let alike = || zone.contains('/').then(|| suggestion::nearest(zone, zones.iter().map(String::as_str))).flatten();
    match zones.iter().find(city).map(String::as_str).or_else(alike) {
        Some(name) => error.hint(format!("did you mean \"{name}\"?")),
        None => error.hint("zones have names of the IANA database, such as Asia/Seoul or UTC"),
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut days = Vec::new();
        let mut day = 0;
        while day < 7 && !self.days.iter().all(|open| *open) {
            let length = self.days[day..].iter().take_while(|open| **open).count();
            match length {
                0 => {}
                1 => days.push(DAYS[day].to_owned()),
                _ => days.push(format!("{}-{}", DAYS[day], DAYS[day + length - 1])),
            }
            day += length.max(1);
        }
        if !days.is_empty() {
            write!(f, "{} ", days.join(","))?;
        }
        let [start, end] = [self.start, self.end].map(|minute| format!("{:02}:{:02}", minute / 60, minute % 60));
        write!(f, "{start}-{end} {}", self.zone.iana_name().unwrap_or("UTC"))
    }
}

impl Serialize for Window {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Window {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}
