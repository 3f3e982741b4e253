//! Whether a command said what is shown, but for what differs from run to run: moments, names of runs, numbers of
//! processes, sizes and durations. `…` stands for anything, and lines may be left out.

const LEFT_OUT: &str = "…";
const SIZES: [&str; 7] = ["B", "kB", "MB", "GB", "B/s", "kB/s", "MB/s"];
const TIMES: [&str; 4] = ["ms", "s", "min", "h"];
/// What stands for a size, and for a time of one or two units.
const SIZE: &str = "SIZE";
const TIME: &str = "TIME";

/// The first line shown that was not said in its turn.
pub(super) fn missing(shown: &[String], said: &str) -> Option<String> {
    let said: Vec<String> = said.lines().map(essence).collect();
    let mut left = said.iter();
    shown.iter().find(|line| !left.by_ref().any(|said| is_like(&essence(line), said))).cloned()
}

fn is_like(shown: &str, said: &str) -> bool {
    let parts: Vec<&str> = shown.split(LEFT_OUT).map(str::trim).collect();
    let [first, .., last] = parts.as_slice() else { return shown == said };
    let Some(mut rest) = said.strip_prefix(first) else { return false };
    for part in &parts[1..parts.len() - 1] {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

/// The line without what differs from run to run.
fn essence(line: &str) -> String {
    let words: Vec<&str> = line.split_whitespace().collect();
    let mut kept: Vec<String> = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let word = words[at];
        let next = words.get(at + 1).copied().unwrap_or_default();
        if is_clock(word) {
            // A log has it in front of each line, a window has not.
            if at > 0 {
                kept.push("CLOCK".to_owned());
            }
        } else if let Some(quantity) = quantity(word, next) {
            if kept.last().is_none_or(|last| last != TIME) || quantity != TIME {
                kept.push(quantity.to_owned());
            }
            at += usize::from(is_number(word));
        } else if kept.last().is_some_and(|last| last == "process") && is_number(word) {
            kept.push("NUMBER".to_owned());
        } else if is_date(word) {
            kept.push("DATE".to_owned());
        } else if is_run(word) {
            kept.push("RUN".to_owned());
        } else {
            kept.push(word.to_owned());
        }
        at += 1;
    }
    // How long something took is left out where it took no time.
    if kept.last().is_some_and(|last| last == TIME) {
        kept.pop();
    }
    kept.join(" ")
}

fn is_number(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_digit()) && word.chars().all(|c| c.is_ascii_digit() || c == '.')
}

/// `12.5kB` or `12.5 kB`, `4.4 s`, also before a comma or a semicolon.
fn quantity(word: &str, next: &str) -> Option<&'static str> {
    let word = word.trim_end_matches([',', ';']);
    let end = word.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(word.len());
    let unit = if end == word.len() { next.trim_end_matches([',', ';']) } else { &word[end..] };
    match unit {
        _ if !is_number(&word[..end]) => None,
        unit if SIZES.contains(&unit) => Some(SIZE),
        unit if TIMES.contains(&unit) => Some(TIME),
        _ => None,
    }
}

/// `02:58:13`
fn is_clock(word: &str) -> bool {
    word.matches(':').count() == 2 && word.len() == 8 && word.chars().all(|c| c.is_ascii_digit() || c == ':')
}

/// `2026-03-14`
fn is_date(word: &str) -> bool {
    word.matches('-').count() == 2 && word.len() == 10 && word.chars().all(|c| c.is_ascii_digit() || c == '-')
}

/// `20260314-025813-scaleout-7f3a`
fn is_run(word: &str) -> bool {
    let parts: Vec<&str> = word.split('-').collect();
    parts.len() > 3 && parts[0].len() == 8 && parts[1].len() == 6 && is_number(parts[0]) && is_number(parts[1])
}

#[test]
fn what_differs_from_run_to_run_is_no_difference() {
    let said =
        "02:58:13 sandbox │ ▶ run 20260314-025813-scaleout-7f3a\n02:58:14 sandbox │ ✓ moved 343MB; all  1 min 4 s\nend";
    let found = |shown: &[&str]| missing(&shown.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>(), said);
    assert_eq!(found(&["sandbox │ ▶ run 20270101-000000-scaleout-0000", "sandbox │ ✓ moved 9.4kB; all  0.1 s"]), None);
    assert_eq!(found(&["…", "sandbox │ ✓ moved … 1 s", "end"]), None);
    assert_eq!(found(&["…", "sandbox │ ✓ moved 343MB; all", "end"]), None);
}

#[test]
fn what_was_not_said_is_missed() {
    let said = "02:58:14 sandbox │ ✓ moved 15 replicas, 343MB\nsecond\n";
    let found = |shown: &[&str]| missing(&shown.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>(), said);
    assert_eq!(
        found(&["sandbox │ ✓ moved 16 replicas, 343MB"]).as_deref(),
        Some("sandbox │ ✓ moved 16 replicas, 343MB")
    );
    assert_eq!(found(&["second", "sandbox │ ✓ moved …"]).as_deref(), Some("sandbox │ ✓ moved …"), "in another order");
    assert_eq!(found(&["sandbox │ … replicas"]).as_deref(), Some("sandbox │ … replicas"), "something follows");
    assert!(found(&["third"]).is_some());
}
