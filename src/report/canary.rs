//! What a canary says: how it goes, when a log hears of that, and its verdict.

use super::amount::{between, seconds};
use super::ending::time_of_day;
use super::line::{Line, Tone};
use crate::event::Path;
use crate::event::canary::{Beat, Period, Verdict};
use jiff::{Timestamp, tz::TimeZone};

/// A log hears of a canary that sings this often, in seconds.
const CALM: i64 = 60;
/// And of one that does not, this often, once records have waited for so long (milliseconds).
const LATE_CALM: i64 = 10;
const LATE: u64 = 2000;
/// So many of a list are named.
const NAMED: usize = 8;

/// A canary that is at work.
pub(super) struct Pulse {
    pub(super) path: Path,
    beat: Beat,
    told: Option<(Timestamp, bool)>,
}

impl Pulse {
    pub(super) fn new(path: Path) -> Self {
        Self { path, beat: Beat::default(), told: None }
    }

    pub(super) fn see(&mut self, beat: Beat) {
        self.beat = beat;
    }

    fn is_late(&self) -> bool {
        self.beat.gap_ms >= LATE
    }

    /// Whether a log gets a line now.
    pub(super) fn is_news(&mut self, now: Timestamp) -> bool {
        let news = match self.told {
            None => true,
            Some((last, was_late)) => {
                let calm = if self.is_late() { LATE_CALM } else { CALM };
                was_late != self.is_late() || now.as_second() - last.as_second() >= calm
            }
        };
        if news {
            self.told = Some((now, self.is_late()));
        }
        news
    }

    /// For a log.
    pub(super) fn line(&self, depth: usize) -> Line {
        let Beat { acked, per_second, read, .. } = &self.beat;
        let name = self.path.last().map_or("", String::as_str);
        let text = format!("canary {name}: {acked} acknowledged ({per_second}/s), {read} read");
        if !self.is_late() {
            return Line::at(depth).marked(Tone::Plain, "…", text);
        }
        let why = self.beat.complaint.as_ref().map_or(String::new(), |why| format!(" ({why})"));
        let wait = seconds(self.beat.gap_ms / 1000);
        Line::at(depth).with(Tone::Warn, format!("! {text}; records wait for {wait} by now{why}"))
    }

    /// For the line that is redrawn.
    pub(super) fn status(&self) -> String {
        let gap = if self.is_late() { format!(", waits {}", seconds(self.beat.gap_ms / 1000)) } else { String::new() };
        format!("canary {}/s{gap}", self.beat.per_second)
    }
}

pub(super) fn verdict_lines(name: &str, verdict: &Verdict, depth: usize, zone: &TimeZone) -> Vec<Line> {
    let Verdict { sent, acked, read, lost, unread, expired, duplicates, failed, .. } = verdict;
    let mut parts =
        vec![format!("{sent} sent"), format!("{acked} acknowledged"), format!("{read} read"), format!("{lost} lost")];
    let rare = [(unread, "unread"), (expired, "expired"), (duplicates, "twice"), (failed, "given up by the producer")];
    parts.extend(rare.into_iter().filter(|(count, _)| **count > 0).map(|(count, what)| format!("{count} {what}")));
    let mark = if verdict.is_good() { (Tone::Good, "✓") } else { (Tone::Bad, "✗") };
    let mut lines = vec![Line::at(depth).marked(mark.0, mark.1, format!("canary {name}: {}", parts.join(", ")))];
    let mut times = vec![format!("99 % acknowledged within {} ms", verdict.p99_ms)];
    if let Some(gap) = verdict.longest_gap {
        let long = if gap.ms < 1000 { format!("{} ms", gap.ms) } else { tenths(gap.ms) };
        let at = time_of_day(gap.from, zone);
        times.insert(0, format!("longest without an acknowledgement {long}, in partition {} from {at}", gap.partition));
    }
    if *acked > 0 {
        lines.push(Line::at(depth + 1).with(Tone::Dim, times.join("; ")));
    }
    if let Some(why) = &verdict.failed_because {
        lines.push(Line::at(depth + 1).with(Tone::Warn, format!("! the producer gave up: {why}")));
    }
    if !verdict.not_watched.is_empty() {
        let text = listed(&verdict.not_watched, |period| told(period, zone));
        lines.push(Line::at(depth + 1).with(Tone::Warn, format!("! not watched {text}")));
    }
    if !verdict.lost_at.is_empty() {
        let text = listed(&verdict.lost_at, |span| format!("{} at {}–{}", span.partition, span.first, span.last));
        lines.push(Line::at(depth + 1).with(Tone::Bad, format!("✗ lost in partition {text}")));
    }
    for lost in verdict.commits_lost.iter().take(NAMED) {
        let now = lost.now.map_or("none".to_owned(), |now| now.to_string());
        let text = format!("✗ the group's commit of partition {} was {}, and is {now}", lost.partition, lost.was);
        lines.push(Line::at(depth + 1).with(Tone::Bad, text));
    }
    if let Some(why) = &verdict.fault {
        lines.push(Line::at(depth + 1).with(Tone::Bad, format!("✗ it did not watch to the end: {why}")));
    }
    if let Some(why) = &verdict.commits_unread {
        lines.push(Line::at(depth + 1).with(Tone::Bad, format!("✗ the group's commits cannot be read again: {why}")));
    }
    lines
}

fn tenths(ms: u64) -> String {
    let from = Timestamp::UNIX_EPOCH;
    let to = i64::try_from(ms).ok().and_then(|ms| Timestamp::from_millisecond(ms).ok());
    to.map_or_else(|| seconds(ms / 1000), |to| between(from, to))
}

fn told(period: &Period, zone: &TimeZone) -> String {
    let (from, to) = (time_of_day(period.from, zone), time_of_day(period.to, zone));
    format!("from {from} to {to} ({})", between(period.from, period.to))
}

fn listed<T>(all: &[T], one: impl Fn(&T) -> String) -> String {
    let named = all.iter().take(NAMED).map(one).collect::<Vec<_>>().join(", ");
    match all.len().saturating_sub(NAMED) {
        0 => named,
        more => format!("{named} and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::canary::{Gap, Span};

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("a moment")
    }

    #[test]
    fn a_log_hears_of_a_calm_canary_once_a_minute_and_of_a_late_one_at_once() {
        let mut pulse = Pulse::new(vec!["x".to_owned()]);
        let mut told = Vec::new();
        for second in 0..150 {
            let gap_ms = if (70..95).contains(&second) { 2500 } else { 10 };
            pulse.see(Beat { gap_ms, ..Beat::default() });
            if pulse.is_news(at(second)) {
                told.push(second);
            }
        }
        assert_eq!(told, [0, 60, 70, 80, 90, 95]);
    }

    #[test]
    fn a_verdict_says_what_was_lost_and_when_nobody_watched() {
        let verdict = Verdict {
            sent: 12,
            acked: 11,
            read: 8,
            lost: 3,
            lost_at: vec![Span { partition: 2, first: 7, last: 9 }],
            failed: 1,
            failed_because: Some("Local: Unknown topic".to_owned()),
            not_watched: vec![Period { from: at(60), to: at(75) }],
            longest_gap: Some(Gap { partition: 1, from: at(61), ms: 1250 }),
            p99_ms: 14,
            ..Verdict::default()
        };
        let lines: Vec<String> =
            verdict_lines("all flows", &verdict, 0, &TimeZone::UTC).iter().map(Line::text).collect();
        assert_eq!(
            lines,
            [
                "✗ canary all flows: 12 sent, 11 acknowledged, 8 read, 3 lost, 1 given up by the producer",
                "longest without an acknowledgement 1.3 s, in partition 1 from 00:01:01; 99 % acknowledged within 14 ms",
                "! the producer gave up: Local: Unknown topic",
                "! not watched from 00:01:00 to 00:01:15 (15.0 s)",
                "✗ lost in partition 2 at 7–9",
            ]
        );
    }
}
