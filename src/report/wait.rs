//! One wait as it goes on: its rate, the sentence about it, and how often a log may repeat it.

use super::amount::{bytes, rate, seconds};
use jiff::Timestamp;
use std::collections::VecDeque;

/// The rate is that of this many last milliseconds, so that a throttle which was raised shows soon.
const RATE_WINDOW: u64 = 30_000;
/// Of less time no rate is told: a few bytes more or less would double it.
const LEAST_TIME: u64 = 1000;
/// A log gets at most one line of a wait in this many seconds, but for the first few.
const CALM: u64 = 10;
const BAR: usize = 20;

/// One look: what a `wait_until`, a `retry` or a `sleep` sees now. Bytes and seconds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Look {
    pub(super) text: String,
    pub(super) done: Option<u64>,
    pub(super) total: Option<u64>,
    pub(super) seconds_left: Option<u64>,
    pub(super) elapsed: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wait {
    what: String,
    look: Look,
    /// When (milliseconds), and the bytes done.
    samples: VecDeque<(u64, u64)>,
    told: Option<(Timestamp, String)>,
    /// Seconds that must pass before a changed text is told again.
    pause: u64,
}

impl Wait {
    pub(super) fn new(what: &str) -> Self {
        Self { what: what.to_owned(), look: Look::default(), samples: VecDeque::new(), told: None, pause: 1 }
    }

    pub(super) fn see(&mut self, look: Look, at: Timestamp) {
        if look.elapsed < self.look.elapsed {
            // The same wait once more, such as the second try of a `retry`.
            *self = Self::new(&self.what);
        }
        if let Some(done) = look.done {
            let at = u64::try_from(at.as_millisecond()).unwrap_or(0);
            self.samples.push_back((at, done));
            while self.samples.front().is_some_and(|(then, _)| then + RATE_WINDOW < at) {
                self.samples.pop_front();
            }
        }
        // A look that saw no bytes says nothing of their rate either.
        if look.done.is_none() {
            self.samples.clear();
        }
        self.look = look;
    }

    /// Whether a log gets a line now: at first, when the text changed (soon, then ever later), and every ten seconds.
    pub(super) fn is_news(&mut self, now: Timestamp) -> bool {
        let Some((last, text)) = &self.told else {
            self.told = Some((now, self.look.text.clone()));
            return true;
        };
        let passed = u64::try_from(now.as_second().saturating_sub(last.as_second())).unwrap_or(0);
        let changed = *text != self.look.text;
        let news = passed >= CALM || (changed && passed >= self.pause);
        if news {
            self.told = Some((now, self.look.text.clone()));
            self.pause = (self.pause * 2).min(CALM);
        }
        news
    }

    /// Bytes per second.
    fn rate(&self) -> Option<u64> {
        let (from, first) = self.samples.front()?;
        let (to, last) = self.samples.back()?;
        let time = to.checked_sub(*from).filter(|time| *time >= LEAST_TIME)?;
        let rate = u128::from(last.checked_sub(*first)?) * 1000 / u128::from(time);
        u64::try_from(rate).ok()
    }

    fn seconds_left(&self) -> Option<u64> {
        let left = self.look.seconds_left.or_else(|| {
            let missing = self.look.total?.checked_sub(self.look.done?)?;
            missing.checked_div(self.rate()?)
        });
        left.filter(|left| *left > 0)
    }

    fn percent(&self) -> Option<u64> {
        let (done, total) = (self.look.done?, self.look.total?);
        // An empty whole is a finished one; a done beyond the whole (the topic grew) is not more than all of it.
        Some(u64::try_from(u128::from(done.min(total)) * 100 / u128::from(total.max(1))).unwrap_or(100))
            .map(|percent| if total == 0 { 100 } else { percent })
    }

    fn amounts(&self) -> Option<String> {
        Some(match (self.look.done?, self.look.total) {
            (done, Some(total)) => format!("{} of {}", bytes(done), bytes(total)),
            (done, None) => bytes(done),
        })
    }

    /// For a log: everything, in one row.
    pub(super) fn sentence(&self) -> String {
        let mut parts = Vec::new();
        if !self.look.text.is_empty() {
            parts.push(self.look.text.clone());
        }
        if let Some(amounts) = self.amounts() {
            parts.push(match self.percent() {
                Some(percent) => format!("{amounts} ({percent} %)"),
                None => amounts,
            });
        }
        parts.extend(self.rate().map(rate));
        parts.extend(self.seconds_left().map(|left| format!("{} left", seconds(left))));
        parts.push(format!("{} so far", seconds(self.look.elapsed)));
        format!("{}: {}", self.what, parts.join(", "))
    }

    /// For the line that is redrawn: what fits into `columns`, the least important dropped first.
    pub(super) fn status(&self, columns: usize) -> String {
        let percent = self.percent();
        let optional = [
            percent.map(|percent| format!("{percent} %")),
            self.seconds_left().map(|left| format!("{} left", seconds(left))),
            Some(seconds(self.look.elapsed)),
            self.amounts(),
            self.rate().map(rate),
            percent.map(bar),
            Some(self.look.text.clone()).filter(|text| !text.is_empty()),
        ];
        // Where they stand, left to right; their place in the array above is how important they are.
        let mut order = [5, 0, 3, 4, 1, 2, 6].to_vec();
        let brief = shorten(&self.what, (columns / 4).max(12));
        let line = |what: &str, order: &[usize]| {
            let shown = order.iter().filter_map(|place| optional[*place].as_deref());
            std::iter::once(what).chain(shown).collect::<Vec<_>>().join("  ")
        };
        let width = |text: &str| text.chars().count();
        let whole = line(&self.what, &order);
        // The text comes last and may lose its end: the lines above, and `krun show`, have it whole.
        let text = optional[6].as_deref().map_or(0, width);
        if width(&whole) <= columns || text >= 16 + width(&whole) - columns {
            return shorten(&whole, columns);
        }
        for least in [6, 5, 4, 3, 2, 1] {
            order.retain(|place| *place != least);
            // Without text and bar, the name rather loses its end than the figures are dropped.
            for what in [self.what.as_str(), brief.as_str()].iter().take(if least > 5 { 1 } else { 2 }) {
                let line = line(what, &order);
                if width(&line) <= columns {
                    return line;
                }
            }
        }
        shorten(&brief, columns)
    }
}

fn bar(percent: u64) -> String {
    let full = usize::try_from(percent).unwrap_or(100).min(100) * BAR / 100;
    format!("{}{}", "━".repeat(full), "╌".repeat(BAR - full))
}

/// At most `columns` characters; an ellipsis shows what is missing.
pub(super) fn shorten(text: &str, columns: usize) -> String {
    if text.chars().count() <= columns {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(columns.saturating_sub(1)).collect();
    short.push('…');
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("a valid moment")
    }

    fn after(seconds: u64) -> Timestamp {
        at(i64::try_from(seconds).expect("a short time"))
    }

    fn moving(elapsed: u64, done: u64) -> Look {
        Look {
            text: format!("{} of 40 partitions", done / 100_000_000),
            done: Some(done),
            total: Some(4_000_000_000),
            seconds_left: None,
            elapsed,
        }
    }

    #[test]
    fn the_rate_follows_the_last_half_minute_and_gives_the_time_left() {
        let mut wait = Wait::new("orders moves");
        for elapsed in 0..=20 {
            wait.see(moving(elapsed, elapsed * 10_000_000), after(elapsed));
        }
        assert_eq!(wait.rate(), Some(10_000_000));
        for elapsed in 21..=60 {
            wait.see(moving(elapsed, 200_000_000 + (elapsed - 20) * 50_000_000), after(elapsed));
        }
        assert_eq!(wait.rate(), Some(50_000_000));
        assert_eq!(
            wait.sentence(),
            "orders moves: 22 of 40 partitions, 2.20 GB of 4.00 GB (55 %), 50.0 MB/s, 36 s left, 1 min so far"
        );
    }

    #[test]
    fn the_status_drops_the_least_important_first() {
        let mut wait = Wait::new("orders moves");
        wait.see(moving(0, 0), after(0));
        wait.see(moving(30, 1_500_000_000), after(30));
        let shown: Vec<String> = [120, 96, 80, 50, 34, 20, 8].map(|columns| wait.status(columns)).to_vec();
        assert_eq!(
            shown,
            [
                "orders moves  ━━━━━━━╌╌╌╌╌╌╌╌╌╌╌╌╌  37 %  1.50 GB of 4.00 GB  50.0 MB/s  50 s left  30 s  15 of 40 partitions",
                "orders moves  ━━━━━━━╌╌╌╌╌╌╌╌╌╌╌╌╌  37 %  1.50 GB of 4.00 GB  50.0 MB/s  50 s left  30 s",
                "orders moves  37 %  1.50 GB of 4.00 GB  50.0 MB/s  50 s left  30 s",
                "orders moves  37 %  50 s left  30 s",
                "orders moves  37 %  50 s left",
                "orders moves  37 %",
                "orders …",
            ]
        );
        assert!([120, 96, 80, 50, 34, 20, 8].iter().all(|columns| wait.status(*columns).chars().count() <= *columns));
    }

    #[test]
    fn a_log_is_told_of_changes_soon_at_first_and_then_every_ten_seconds() {
        let mut wait = Wait::new("orders moves");
        let told: Vec<i64> = (0..60)
            .filter(|second| {
                wait.see(Look { text: format!("look {second}"), ..Look::default() }, at(*second));
                wait.is_news(at(*second))
            })
            .collect();
        assert_eq!(told, [0, 1, 3, 7, 15, 25, 35, 45, 55]);

        let mut still = Wait::new("orders moves");
        let told: Vec<i64> = (0..35)
            .filter(|second| {
                still.see(Look { text: "the same".to_owned(), ..Look::default() }, at(*second));
                still.is_news(at(*second))
            })
            .collect();
        assert_eq!(told, [0, 10, 20, 30]);
    }

    #[test]
    fn a_part_of_a_second_counts_and_too_little_time_gives_no_rate() {
        let moment = |milliseconds| Timestamp::from_millisecond(milliseconds).expect("a valid moment");
        let mut wait = Wait::new("orders moves");
        wait.see(moving(0, 0), moment(10));
        wait.see(moving(0, 18_000_000), moment(910));
        assert_eq!(wait.rate(), None);
        // Whole seconds would say 38 MB/s, nearly twice the throttle.
        wait.see(moving(1, 38_000_000), moment(1910));
        assert_eq!(wait.rate(), Some(20_000_000));
    }

    #[test]
    fn no_division_by_nothing() {
        let mut wait = Wait::new("w");
        wait.see(Look { done: Some(0), total: Some(0), ..Look::default() }, at(0));
        assert_eq!(wait.sentence(), "w: 0 B of 0 B (100 %), 0 s so far");
        wait.see(Look { done: Some(u64::MAX), total: Some(1), ..Look::default() }, at(0));
        assert_eq!(wait.percent(), Some(100));
    }
}
