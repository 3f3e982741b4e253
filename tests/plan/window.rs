//! Maintenance windows: over midnight, by weekday, and over the changes of the clocks.

use jiff::{SignedDuration, Timestamp};
use krun::quantity::Window;
use proptest::prelude::*;

fn window(text: &str) -> Window {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[test]
fn a_window_is_open_from_its_start_up_to_its_end() {
    let night = window("01:00-05:00 Asia/Seoul");
    assert!(!night.is_open(at("2026-03-01T00:59:59+09:00")));
    assert!(night.is_open(at("2026-03-01T01:00:00+09:00")));
    assert!(night.is_open(at("2026-03-01T04:59:59+09:00")));
    assert!(!night.is_open(at("2026-03-01T05:00:00+09:00")));
    assert_eq!(night.next_opening(at("2026-03-01T06:00+09:00")), Some(at("2026-03-02T01:00+09:00")));
    assert_eq!(night.next_opening(at("2026-03-01T02:00+09:00")), Some(at("2026-03-01T02:00+09:00")));
    assert_eq!(night.closes(at("2026-03-01T02:00+09:00")), Some(at("2026-03-01T05:00+09:00")));
    assert_eq!(night.closes(at("2026-03-01T06:00+09:00")), None);
}

#[test]
fn a_weekday_is_the_one_on_which_it_opens() {
    let nights = window("Mon-Thu 22:00-05:00 Europe/Berlin");
    assert!(nights.is_open(at("2026-01-09T04:00+01:00")), "Friday morning belongs to Thursday");
    assert!(!nights.is_open(at("2026-01-09T23:00+01:00")), "Friday night");
    assert!(!nights.is_open(at("2026-01-05T04:00+01:00")), "Monday morning belongs to Sunday");
    assert_eq!(nights.next_opening(at("2026-01-09T05:00+01:00")), Some(at("2026-01-12T22:00+01:00")));
    let weekend = window("Sat-Mon 00:00-24:00 UTC");
    assert_eq!(weekend.closes(at("2026-01-10T12:00Z")), Some(at("2026-01-13T00:00Z")), "three days in one");
    assert_eq!(window("00:00-24:00 UTC").closes(at("2026-01-10T12:00Z")), None, "never closes");
    assert_eq!(window("22:00-00:00 UTC"), window("22:00-24:00 UTC"));
}

#[test]
fn clock_changes_are_seen_as_the_clock_on_the_wall_shows_them() {
    // On 29 March 2026 Berlin's clocks jump from 02:00 to 03:00.
    let early = window("02:30-05:00 Europe/Berlin");
    assert_eq!(early.next_opening(at("2026-03-29T01:00+01:00")), Some(at("2026-03-29T03:00+02:00")));
    assert_eq!(early.closes(at("2026-03-29T03:00+02:00")), Some(at("2026-03-29T05:00+02:00")));
    let skipped = window("02:10-02:50 Europe/Berlin");
    assert_eq!(skipped.next_opening(at("2026-03-29T01:00+01:00")), Some(at("2026-03-30T02:10+02:00")));
    let sundays = window("Sun 02:10-02:50 Europe/Berlin");
    assert_eq!(sundays.next_opening(at("2026-03-29T01:00+01:00")), Some(at("2026-04-05T02:10+02:00")));
    // On 25 October 2026 they fall from 03:00 back to 02:00.
    let late = window("01:00-02:30 Europe/Berlin");
    assert_eq!(late.closes(at("2026-10-25T01:00+02:00")), Some(at("2026-10-25T02:30+02:00")));
    assert_eq!(late.next_opening(at("2026-10-25T02:45+02:00")), Some(at("2026-10-25T02:00+01:00")));
    assert_eq!(late.closes(at("2026-10-25T02:00+01:00")), Some(at("2026-10-25T02:30+01:00")));
}

#[test]
fn a_closed_window_says_since_when_on_both_clocks() {
    let night = window("01:00-05:00 Asia/Seoul");
    assert_eq!(night.closed_since(at("2026-03-01T13:37:00+09:00")), Some(at("2026-03-01T05:00+09:00")));
    assert_eq!(night.closed_since(at("2026-03-01T05:00:00+09:00")), Some(at("2026-03-01T05:00+09:00")));
    assert_eq!(night.closed_since(at("2026-03-01T02:00+09:00")), None, "it is open");
    let nights = window("Mon-Thu 22:00-05:00 Europe/Berlin");
    assert_eq!(nights.closed_since(at("2026-01-12T21:00+01:00")), Some(at("2026-01-09T05:00+01:00")));
    // The hour in which it would close is skipped: it closes where the clocks jump.
    let early = window("01:00-02:30 Europe/Berlin");
    assert_eq!(early.closed_since(at("2026-03-29T12:00+02:00")), Some(at("2026-03-29T03:00+02:00")));

    let berlin = jiff::tz::TimeZone::get("Europe/Berlin").expect("a zone");
    let opens = at("2026-11-26T01:00+09:00");
    assert_eq!(night.on_both_clocks(opens, &berlin), "2026-11-26 01:00 KST = 2026-11-25 17:00 CET");
    assert_eq!(nights.on_both_clocks(opens, &berlin), "2026-11-25 17:00 CET", "the same clock is told once");
}

#[test]
fn windows_that_are_none_say_where_and_what_instead() {
    for (text, message, hint) in [
        ("", "it is empty", "01:00-05:00"),
        ("01:00-05:00", "the time zone is missing at character 12", "Asia/Seoul"),
        ("Mon 01:00-05:00", "the time zone is missing at character 16", "Asia/Seoul"),
        ("01:00 Asia/Seoul", "the end is missing", "01:00-05:00"),
        ("1:00-05:00 UTC", "\"1:00\" is not HH:MM from 00:00 to 24:00 at character 1", "01:00"),
        ("01:00-25:00 UTC", "\"25:00\" is not HH:MM from 00:00 to 24:00 at character 7", "01:00"),
        ("05:00-05:00 UTC", "it starts and ends at the same time", "00:00-24:00"),
        ("24:00-05:00 UTC", "24:00 can only be an end", "01:00"),
        ("01:00-05:00 Seoul", "unknown time zone \"Seoul\" at character 13", "did you mean \"Asia/Seoul\"?"),
        ("01:00-05:00 Europe/Berln", "unknown time zone", "did you mean \"Europe/Berlin\"?"),
        ("01:00-05:00 KST", "unknown time zone \"KST\"", "IANA"),
        ("Montag 01:00-05:00 UTC", "unknown day \"Montag\" at character 1", "did you mean \"Mon\"?"),
        ("Mon-Xyz 01:00-05:00 UTC", "unknown day \"Xyz\" at character 5", "the days are"),
        ("every night", "it is not \"[DAYS] HH:MM-HH:MM ZONE\"", "01:00"),
    ] {
        let error = text.parse::<Window>().expect_err(text);
        let hinted = error.hint.expect("every refusal says what to write");
        assert!(error.message.contains(message) && hinted.contains(hint), "{text}: {} ({hinted})", error.message);
    }
}

fn any_window() -> impl Strategy<Value = String> {
    let zone =
        prop::sample::select(vec!["Asia/Seoul", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "UTC"]);
    let days = prop::sample::select(vec!["", "Mon-Thu ", "Sat,Sun ", "Fri-Mon ", "Sun "]);
    (days, 0..1440_u16, 1..=1440_u16, zone).prop_filter_map("empty", |(days, start, end, zone)| {
        let text = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
        (start != end).then(|| format!("{days}{}-{} {zone}", text(start), text(end)))
    })
}

proptest! {
    #[test]
    fn windows_are_printed_as_read(text in any_window()) {
        let read = window(&text);
        prop_assert_eq!(window(&read.to_string()), read.clone());
        let json = serde_json::to_string(&read).expect("json");
        prop_assert_eq!(serde_json::from_str::<Window>(&json).ok(), Some(read));
    }

    /// Against the plain way: ask at every quarter of an hour.
    #[test]
    fn the_next_opening_is_the_first_open_instant(text in any_window(), hours in 0..17_520_i64) {
        let window = window(&text);
        let start = at("2026-01-01T00:00Z") + SignedDuration::from_hours(hours);
        let opening = window.next_opening(start).expect("within the calendar");
        prop_assert!(opening >= start && window.is_open(opening));
        let mut instant = start;
        while instant < opening {
            prop_assert!(!window.is_open(instant), "open at {} before {}", instant, opening);
            instant += SignedDuration::from_mins(15);
        }
        if opening > start {
            prop_assert!(!window.is_open(opening - SignedDuration::from_secs(1)));
        }
        if let Some(since) = window.closed_since(start) {
            prop_assert!(!window.is_open(start) && since <= start);
            let mut instant = since;
            while instant <= start {
                prop_assert!(!window.is_open(instant), "open at {} after {}", instant, since);
                instant += SignedDuration::from_mins(15);
            }
            prop_assert!(window.is_open(since - SignedDuration::from_secs(1)));
        } else {
            prop_assert!(window.is_open(start));
        }
        if let Some(closing) = window.closes(opening) {
            prop_assert!(!window.is_open(closing) && window.is_open(closing - SignedDuration::from_secs(1)));
        }
    }
}
