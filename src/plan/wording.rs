//! A certificate in words: what a person reads before anything moves.

use super::certificate::Certificate;
use crate::quantity::Size;

/// What the plan moves and how that compares with the least there can be, one thing a line.
pub fn certificate(certificate: &Certificate) -> Vec<String> {
    let missed = match certificate.missed_replicas {
        0 => "the fewest there can be".to_owned(),
        missed => format!("{missed} more than the bound of {}", certificate.bound_replicas),
    };
    vec![format!(
        "{} replicas move ({missed}), {}; the preferred leader of {} partitions changes",
        certificate.moved_replicas,
        Size::from_bytes(certificate.moved_bytes),
        certificate.leader_changes
    )]
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
