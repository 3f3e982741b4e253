//! A plan as a person reads it: the certificate, the brokers, the topics that move most, the times.

use super::times::Pace;
use crate::plan::{PartitionMove, Plan, TopicMoves, wording};
use crate::quantity::Size;
use crate::report::table_rows;
use std::cmp::Reverse;

/// So many topics, and so many brokers, are shown.
const TOPICS: usize = 10;
const BROKERS: usize = 50;

pub(super) struct Told<'a> {
    pub(super) title: &'a str,
    pub(super) sandbox: bool,
    /// The file of a plan that was given, and how many partitions it names.
    pub(super) given: Option<(&'a str, usize)>,
    pub(super) plan: &'a Plan,
    pub(super) pace: Pace,
    /// Everything, however long.
    pub(super) full: bool,
}

impl Told<'_> {
    /// Without the tables.
    pub(super) fn summary(&self) -> String {
        let mut lines = self.opening();
        if !self.plan.is_empty() {
            lines.extend(wording::certificate(&self.plan.certificate));
            lines.push(self.pace.told(self.plan));
        }
        text(&lines)
    }

    /// Fitted to so many columns.
    pub(super) fn screen(&self, columns: usize) -> String {
        let mut lines = self.opening();
        if self.plan.is_empty() {
            return text(&lines);
        }
        lines.extend(wording::certificate(&self.plan.certificate));
        lines.push(String::new());
        lines.extend(self.brokers(columns));
        lines.push(String::new());
        lines.extend(self.topics(columns));
        lines.push(String::new());
        lines.push(self.pace.told(self.plan));
        let lines: Vec<String> = lines.iter().flat_map(|line| folded(line, columns)).collect();
        text(&lines)
    }

    fn opening(&self) -> Vec<String> {
        let mut lines = vec![self.title.to_owned()];
        if self.sandbox {
            lines.push("this is the sandbox, nothing real".to_owned());
        }
        if let Some((file, named)) = self.given {
            let moved: usize = self.plan.moves.iter().map(|topic| topic.partitions.len()).sum();
            let there = named.saturating_sub(moved);
            let as_wanted = if there == 1 { "is as it wants it" } else { "are as it wants them" };
            lines.push(format!("{file} names {named} partitions; {there} of them {as_wanted} already"));
            let factor = |p: &&PartitionMove| p.from.len() != p.to.len();
            let changed = self.plan.moves.iter().flat_map(|topic| &topic.partitions).filter(factor).count();
            if changed > 0 {
                lines.push(format!(
                    "it changes how many replicas {changed} partitions have: the bounds are for as many as now"
                ));
            }
        }
        if self.plan.is_empty() {
            match self.given {
                Some(_) => lines.push("nothing to move: every partition is where the file wants it".to_owned()),
                None => lines.extend(wording::nothing(&self.plan.certificate)),
            }
        }
        lines
    }

    fn brokers(&self, columns: usize) -> Vec<String> {
        let certificate = &self.plan.certificate;
        let mut rows = wording::shares(certificate).into_iter();
        let headings = rows.next().unwrap_or_default();
        let mut rows: Vec<Vec<String>> = rows.collect();
        let more = rows.len().saturating_sub(BROKERS);
        if more > 0 && !self.full {
            // Those that have most to do, in their order.
            let mut busiest: Vec<usize> = (0..rows.len()).collect();
            let work = |at: &usize| certificate.brokers.get(*at).map_or(0, |b| b.bytes_in.saturating_add(b.bytes_out));
            busiest.sort_by_key(|at| Reverse(work(at)));
            busiest.truncate(BROKERS);
            let mut nth = 0..rows.len();
            rows.retain(|_| nth.next().is_some_and(|at| busiest.contains(&at)));
        }
        let mut lines = table_rows(&headings, &rows, columns, 1);
        if more > 0 && !self.full {
            lines.push(format!("and {more} brokers with less to do; --full shows them"));
        }
        lines
    }

    fn topics(&self, columns: usize) -> Vec<String> {
        let mut topics: Vec<(u64, &TopicMoves)> = self.plan.moves.iter().map(|one| (one.moved_bytes(), one)).collect();
        topics.sort_by_key(|(bytes, topic)| (Reverse(*bytes), topic.topic.as_str()));
        let shown = if self.full { topics.len() } else { TOPICS };
        let row = |(bytes, topic): &(u64, &TopicMoves)| {
            let replicas: usize = topic.partitions.iter().map(|partition| partition.added().count()).sum();
            let leaders = topic.partitions.iter().filter(|partition| partition.changes_leader()).count();
            let size = Size::from_bytes(*bytes).to_string();
            vec![
                topic.topic.clone(),
                topic.partitions.len().to_string(),
                replicas.to_string(),
                size,
                leaders.to_string(),
            ]
        };
        let headings = ["topic", "partitions", "replicas", "bytes", "leaders"].map(str::to_owned);
        let rows: Vec<Vec<String>> = topics.iter().take(shown).map(row).collect();
        let mut lines = table_rows(&headings, &rows, columns, 0);
        if topics.len() > shown {
            let rest: u64 = topics[shown..].iter().fold(0, |sum, (bytes, _)| sum.saturating_add(*bytes));
            let size = Size::from_bytes(rest);
            lines.push(format!("and {} topics more with {size} together; --full shows them", topics.len() - shown));
        }
        lines
    }
}

fn text(lines: &[String]) -> String {
    lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect()
}

/// A line as rows of at most so many columns, broken at spaces. A row of a table is not longer.
fn folded(line: &str, columns: usize) -> Vec<String> {
    if line.chars().count() <= columns {
        return vec![line.to_owned()];
    }
    let mut rows = vec![String::new()];
    for word in line.split(' ') {
        let last = rows.last().map_or(0, |row| row.chars().count());
        if last > 0 && last + 1 + word.chars().count() > columns {
            rows.push(format!("  {word}"));
        } else if let Some(row) = rows.last_mut() {
            if !row.is_empty() {
                row.push(' ');
            }
            row.push_str(word);
        }
    }
    rows
}
