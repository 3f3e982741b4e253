//! A certificate in words: what a person reads before anything moves.

use super::certificate::{Bind, Certificate};
use super::scope::Aim;
use super::share::BrokerShare;
use crate::quantity::Size;

/// What the plan moves and how that compares with the least there can be, one thing a line.
pub fn certificate(certificate: &Certificate) -> Vec<String> {
    let mut lines = vec![moved(certificate)];
    lines.extend(bytes(certificate));
    lines.extend(certificate.binds.iter().map(bind));
    lines.extend(missed(certificate));
    lines.extend(leaders(certificate));
    lines.extend(spread(certificate));
    lines.extend(busiest(certificate));
    lines.extend(later(certificate));
    lines.extend(unknown(certificate));
    lines
}

/// What a plan without moves means: that all is well, or that nothing can be done.
pub fn nothing(plan: &Certificate) -> Vec<String> {
    if plan.leaders_only {
        return vec![match plan.missed_leaders {
            0 => "nothing to change: every broker leads its share already".to_owned(),
            missed => format!(
                "nothing to change: {} not level, and no other replica can lead in their place",
                if missed == 1 { "1 leader is".to_owned() } else { format!("{missed} leaders are") }
            ),
        }];
    }
    if plan.forced_only {
        return vec!["nothing to move: no replica has to leave its broker".to_owned()];
    }
    if plan.is_level() && plan.later_replicas == 0 {
        return vec!["nothing to move: every broker carries its share already".to_owned()];
    }
    let mut lines = vec!["nothing can be moved, although brokers are not level:".to_owned()];
    lines.extend(certificate(plan));
    lines
}

fn moved(certificate: &Certificate) -> String {
    let (moved, bound) = (certificate.moved_replicas, certificate.bound_replicas);
    let compared = match certificate.by {
        Aim::Bytes { .. } => String::new(),
        Aim::Counts if certificate.later_replicas > 0 => {
            format!(" of the {} that all of it needs", moved + certificate.later_replicas)
        }
        Aim::Counts if certificate.is_least() => " (the fewest there can be)".to_owned(),
        Aim::Counts if moved > bound => format!(" ({} more than the bound of {bound})", moved - bound),
        Aim::Counts => format!(" (the bound to be level is {bound})"),
    };
    let changes = certificate.leader_changes;
    let size = Size::from_bytes(certificate.moved_bytes);
    format!(
        "{} move{compared}, {size}; the preferred leader of {} changes",
        count(moved, "replica"),
        count(changes, "partition")
    )
}

fn bytes(certificate: &Certificate) -> Option<String> {
    let bound = certificate.bound_bytes;
    if certificate.moved_bytes == 0 || bound == 0 || certificate.later_replicas > 0 {
        return None;
    }
    let least = Size::from_bytes(bound);
    let aim = match certificate.by {
        Aim::Counts => "to bring the brokers' bytes as close together".to_owned(),
        Aim::Bytes { tolerance } => format!("to bring every broker within {tolerance} % of its level"),
    };
    Some(format!(
        "at least {least} have to move {aim}: this plan moves {} times that",
        ratio(certificate.moved_bytes, bound)
    ))
}

fn bind(bind: &Bind) -> String {
    match bind {
        Bind::Lacking { brokers, replicas } => format!("what binds: {} {replicas} replicas too few", have(brokers)),
        Bind::Surplus { brokers, replicas } if brokers.is_empty() => {
            format!("what binds: {} are to be added", count(*replicas, "replica"))
        }
        Bind::Surplus { brokers, replicas } => format!("what binds: {} {replicas} replicas too many", have(brokers)),
        Bind::Rack { rack, level: (low, high) } => {
            let level = if low == high { low.to_string() } else { format!("{low} or {high}") };
            format!(
                "rack {rack} cannot be levelled with the others: each of its brokers holds {level}, because racks are kept apart"
            )
        }
        Bind::Disk { broker, room, spare } => {
            format!(
                "the disks of broker {broker} take {} and no more, with {spare} % to spare",
                Size::from_bytes(*room)
            )
        }
    }
}

fn missed(certificate: &Certificate) -> Option<String> {
    if certificate.later_replicas > 0 {
        return None;
    }
    if certificate.missed_bytes > 0 {
        let missed = Size::from_bytes(certificate.missed_bytes);
        return Some(format!("not level: brokers are {missed} outside the tolerance, and no replica fits better"));
    }
    let missed = certificate.missed_replicas;
    (missed > 0).then(|| {
        format!("not level: what brokers have too many or too few is still {} in all", count(missed, "replica"))
    })
}

fn leaders(certificate: &Certificate) -> Option<String> {
    let (changes, bound) = (certificate.leader_changes, certificate.bound_leaders);
    let level = match certificate.missed_leaders {
        0 => String::new(),
        missed => format!(", and {missed} stay where they are not level"),
    };
    (bound > 0 && certificate.later_replicas == 0)
        .then(|| format!("preferred leaders: {changes} changes, {bound} are the fewest to level them{level}"))
}

fn spread(certificate: &Certificate) -> Option<String> {
    let worst = certificate.worst_topic.as_ref()?;
    Some(format!(
        "the topic spread worst is {}: broker {} has {} of its replicas, an even share is {}",
        worst.topic, worst.broker, worst.replicas, worst.even
    ))
}

fn busiest(certificate: &Certificate) -> Option<String> {
    let of = |share: &BrokerShare, bytes: u64| format!("broker {}, {}", share.broker, Size::from_bytes(bytes));
    let (into, out) = (certificate.largest_in()?, certificate.largest_out()?);
    Some(format!("most comes to {}; most is read from {}", of(into, into.bytes_in), of(out, out.bytes_out)))
}

fn later(certificate: &Certificate) -> Option<String> {
    let (replicas, bytes) = (certificate.later_replicas, Size::from_bytes(certificate.later_bytes));
    (replicas > 0).then(|| format!("left for later: {}, {bytes}", count(replicas, "replica")))
}

fn unknown(certificate: &Certificate) -> Vec<String> {
    let mut lines = Vec::new();
    if certificate.unknown_sizes > 0 {
        let partitions = count(certificate.unknown_sizes, "partition");
        lines.push(format!("not known: the size of {partitions}; they count as empty"));
    }
    if !certificate.unknown_disks.is_empty() {
        let brokers = list(&certificate.unknown_disks);
        lines
            .push(format!("not known: whether it fits on the disks of {brokers} (Kafka tells their size from 3.3 on)"));
    }
    lines
}

/// "1.003": how many times the bound, without rounding a miss away.
fn ratio(moved: u64, bound: u64) -> String {
    let thousandths = (u128::from(moved) * 1000).div_ceil(u128::from(bound.max(1)));
    format!("{}.{:03}", thousandths / 1000, thousandths % 1000)
}

fn count(number: u64, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

fn have(brokers: &[i32]) -> String {
    format!("{} {}", list(brokers), if brokers.len() == 1 { "has" } else { "have" })
}

fn list(brokers: &[i32]) -> String {
    const MOST: usize = 8;
    let ids: Vec<String> = brokers.iter().take(MOST).map(i32::to_string).collect();
    let more = if brokers.len() > MOST { format!(" and {} more", brokers.len() - MOST) } else { String::new() };
    format!("broker{} {}{more}", if brokers.len() == 1 { "" } else { "s" }, ids.join(", "))
}

/// What each broker has before and afterwards: the headings, then a row for each broker.
pub fn shares(certificate: &Certificate) -> Vec<Vec<String>> {
    let headings = ["broker", "rack", "replicas", "after", "leaders", "after", "bytes", "after"];
    let mut rows = vec![headings.map(str::to_owned).to_vec()];
    for share in &certificate.brokers {
        rows.push(vec![
            share.broker.to_string(),
            share.rack.clone().unwrap_or_default(),
            share.replicas.before.to_string(),
            share.replicas.after.to_string(),
            share.leaders.before.to_string(),
            share.leaders.after.to_string(),
            Size::from_bytes(share.bytes.before).to_string(),
            Size::from_bytes(share.bytes.after).to_string(),
        ]);
    }
    rows
}
