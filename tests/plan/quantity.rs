//! Sizes, rates, durations and versions: what is read, what is refused and how, and that printing loses nothing.

use krun::quantity::{Rate, Size, Version, duration};
use proptest::prelude::*;
use std::time::Duration;

fn size(text: &str) -> u64 {
    text.parse::<Size>().map_or_else(|error| panic!("{text}: {error}"), Size::bytes)
}

fn millis(text: &str) -> u128 {
    duration::parse(text).map_or_else(|error| panic!("{text}: {error}"), |read| read.as_millis())
}

fn version(text: &str) -> Version {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// The message and the hint.
fn refusal<T: std::fmt::Debug>(read: Result<T, krun::error::Error>) -> (String, String) {
    let error = read.expect_err("this is to be refused");
    (error.message, error.hint.expect("every refusal says what to write"))
}

#[test]
fn sizes_are_decimal_binary_or_plain() {
    assert_eq!(size("500MB"), 500_000_000);
    assert_eq!(size("1GiB"), 1 << 30);
    assert_eq!(size(" 1.5 GB "), 1_500_000_000);
    assert_eq!(size("1048576"), 1 << 20);
    assert_eq!(size("0"), 0);
    assert_eq!(size("1.10KiB"), 1126, "rounded down to the byte");
    assert_eq!(size("18446744073709551615"), u64::MAX);
    assert_eq!(size("7KB"), size("7kB"));
}

#[test]
fn sizes_that_are_none_say_where_and_what_instead() {
    for (text, message, hint) in [
        ("", "\"\" is no size: a number is missing at character 1", "500MB"),
        ("big", "\"big\" is no size: a number must stand at character 1", "500MB"),
        ("-5MB", "\"-5MB\" is no size: it is negative at character 1", "500MB"),
        ("1.5B", "\"1.5B\" is no size: a fraction of a byte at character 1", "500MB"),
        ("0.0001kB", "\"0.0001kB\" is no size: a fraction of a byte at character 1", "500MB"),
        ("5 mb", "\"5 mb\" is no size: unknown unit \"mb\" at character 3", "did you mean \"MB\"?"),
        ("5G", "\"5G\" is no size: unknown unit \"G\" at character 2", "did you mean \"GB\"?"),
        ("5MBit", "\"5MBit\" is no size: bits at character 2", "eight bits"),
        ("5é", "\"5é\" is no size: unknown unit \"é\" at character 2", "the units are B, kB"),
        ("1.", "\"1.\" is no size: digits are missing after the point at character 3", "500MB"),
        ("1.2.3", "\"1.2.3\" is no size: a second point in the number at character 1", "500MB"),
        ("20000PiB", "\"20000PiB\" is no size: a number too large at character 1", "500MB"),
    ] {
        let (said, hinted) = refusal(text.parse::<Size>());
        assert_eq!(said, message);
        assert!(hinted.contains(hint), "{text}: {hinted}");
    }
    let endless = format!("1.{}1GB", "0".repeat(60));
    assert!(refusal(endless.parse::<Size>()).0.contains("too large"));
}

#[test]
fn sizes_are_printed_short_and_exactly() {
    let printed = |bytes| Size::from_bytes(bytes).to_string();
    assert_eq!(printed(0), "0B");
    assert_eq!(printed(999), "999B");
    assert_eq!(printed(1_234_567), "1.23MB");
    assert_eq!(printed(12_300_000), "12.3MB");
    assert_eq!(printed(999_999_999), "999MB", "what is nearly a gigabyte is not printed as one");
    assert_eq!(printed(1_050_000_000), "1.05GB");
    assert_eq!(Size::from_bytes(1 << 30).exact(), "1GiB");
    assert_eq!(Size::from_bytes(1_500_000_000).exact(), "1500MB");
    assert_eq!(Size::from_bytes(1025).exact(), "1025B");
}

#[test]
fn rates_are_bytes_per_second_and_never_nothing() {
    let rate = |text: &str| text.parse::<Rate>();
    assert_eq!(rate("50MB/s").map(Rate::bytes_per_second), Ok(50_000_000));
    assert_eq!(rate("1.5 MiB / s").map(Rate::bytes_per_second), Ok(1_572_864));
    assert!(refusal(rate("50MB")).1.contains("did you mean \"50MB/s\"?"));
    assert!(refusal(rate("50MB/min")).0.contains("\"/min\" instead of \"/s\" at character 5"));
    assert!(refusal(rate("0MB/s")).0.contains("nothing would ever move"));
    assert!(refusal(rate("50Mbit/s")).1.contains("bytes"));
    assert!(refusal(Rate::from_bytes_per_second(0)).0.contains("nothing would ever move"));
    assert_eq!(rate("50MB/s").expect("a rate").to_string(), "50MB/s");
}

#[test]
fn durations_are_parts_from_large_to_small() {
    assert_eq!(millis("30s"), 30_000);
    assert_eq!(millis("1h30m"), 5_400_000);
    assert_eq!(millis("1h 30m"), 5_400_000);
    assert_eq!(millis("500ms"), 500);
    assert_eq!(millis("1.5h"), 5_400_000);
    assert_eq!(millis("2d"), 172_800_000);
    assert_eq!(duration::text(Duration::from_millis(90_061_001)), "1d1h1m1s1ms");
    assert_eq!(duration::text(Duration::ZERO), "0s");
    let rough = [0, 499, 15_956, 90_000, 90_999, 3_600_000, 7_800_000, 86_400_000, 273_600_000];
    let rough = rough.map(|milliseconds| duration::rough(Duration::from_millis(milliseconds)));
    let told = "less than a second, less than a second, about 16 s, about 90 s, about 2 min, about 60 min, \
                about 2 h 10 min, about 1 d, about 3 d 4 h";
    assert_eq!(rough.join(", "), told);
}

#[test]
fn durations_that_are_none_say_where_and_what_instead() {
    for (text, message, hint) in [
        ("30", "\"30\" is no duration: the unit is missing at character 3", "did you mean \"30s\""),
        ("", "\"\" is no duration: a number is missing at character 1", "1h30m"),
        ("30sec", "\"30sec\" is no duration: unknown unit \"sec\" at character 3", "did you mean \"s\"?"),
        ("1M", "\"1M\" is no duration: unknown unit \"M\" at character 2", "did you mean \"m\"?"),
        ("2w", "\"2w\" is no duration: unknown unit \"w\" at character 2", "7d"),
        ("30m1h", "\"30m1h\" is no duration: \"h\" after the same or a smaller unit at character 5", "1h30m"),
        ("1.5h30m", "\"1.5h30m\" is no duration: a fraction that is not in the last part at character 1", "1h30m"),
        ("1h-5m", "\"1h-5m\" is no duration: it is negative at character 3", "1h30m"),
        ("1.5ms", "\"1.5ms\" is no duration: a fraction of a millisecond at character 1", "1h30m"),
        ("1h30", "\"1h30\" is no duration: the unit is missing at character 5", "\"30s\", \"30ms\" or \"30m\""),
        ("999999999999d", "\"999999999999d\" is no duration: a number too large at character 1", "1h30m"),
    ] {
        let (said, hinted) = refusal(duration::parse(text));
        assert_eq!(said, message);
        assert!(hinted.contains(hint), "{text}: {hinted}");
    }
}

#[test]
fn versions_are_ordered_by_their_numbers() {
    let ordered = ["0.10.2.1", "0.11.0", "0.11.0.3", "2.1.1", "2.6", "2.6.0", "2.6.3", "2.10.0", "4.0"];
    assert!(ordered.map(version).is_sorted());
    assert!(version("2.6").covers(version("2.6.3")));
    assert!(!version("2.6").covers(version("2.60.1")));
    assert!(!version("2.6.3").covers(version("2.6.1")));
    assert_eq!(version("2.6.3").line(), version("2.6"));
    assert_eq!(version("0.11.0.3").line(), version("0.11.0"));
    assert_eq!((version("2.6").patch(), version("2.6.3").patch()), (None, Some(3)));
}

#[test]
fn versions_that_are_none_say_what_was_meant() {
    for (text, message, hint) in [
        ("2.12-2.6.0", "Scala's version", "did you mean \"2.6.0\"?"),
        ("v2.6", "a letter", "did you mean \"2.6\"?"),
        ("4", "the minor version is missing", "2.6.3"),
        ("2.x", "something other than a number at character 3", "2.6.3"),
        ("2.6.0-SNAPSHOT", "something other than a number at character 5", "2.6.3"),
        ("2.6.0.1", "a fourth number", "2.6.3"),
        ("0.1.2.3.4", "a fifth number at character 9", "2.6.3"),
        ("2..6", "a number is missing at character 3", "2.6.3"),
        ("2.99999999", "a number too large at character 3", "2.6.3"),
    ] {
        let (said, hinted) = refusal(text.parse::<Version>());
        assert!(said.contains(message) && hinted.contains(hint), "{text}: {said} ({hinted})");
    }
}

proptest! {
    #[test]
    fn what_is_printed_is_read_again(bytes in any::<u64>(), milliseconds in any::<u64>(), shift in 0..64_u32) {
        let (bytes, milliseconds) = (bytes >> shift, milliseconds >> shift);
        prop_assert_eq!(Size::from_bytes(bytes).exact().parse(), Ok(Size::from_bytes(bytes)));
        let printed: Size = Size::from_bytes(bytes).to_string().parse().expect("a printed size is a size");
        prop_assert!(printed.bytes() <= bytes && bytes - printed.bytes() <= bytes / 100);
        if let Ok(rate) = Rate::from_bytes_per_second(bytes) {
            prop_assert_eq!(rate.exact().parse(), Ok(rate));
        }
        let duration = Duration::from_millis(milliseconds);
        prop_assert_eq!(duration::parse(&duration::text(duration)), Ok(duration));
    }

    #[test]
    fn versions_are_printed_as_read(major in 1..9_u16, minor in any::<u16>(), patch in proptest::option::of(any::<u16>())) {
        let text = patch.map_or(format!("{major}.{minor}"), |patch| format!("{major}.{minor}.{patch}"));
        prop_assert_eq!(version(&text).to_string(), text.clone());
        let json = serde_json::to_string(&version(&text)).expect("json");
        prop_assert_eq!(serde_json::from_str::<Version>(&json).ok(), Some(version(&text)));
    }

    #[test]
    fn no_text_makes_a_parser_panic(text in ".{0,12}|[-0-9.dhms:/A-Z]{0,16}") {
        let _ = text.parse::<Size>();
        let _ = text.parse::<Rate>();
        let _ = text.parse::<Version>();
        let _ = text.parse::<krun::quantity::Window>();
        let _ = duration::parse(&text);
    }
}
