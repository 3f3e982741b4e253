//! Members of a consumer group and the partitions that each of them has.

use crate::error::Error;
use kafka_protocol::messages::consumer_group_describe_response as consumer;
use kafka_protocol::messages::describe_groups_response::DescribedGroupMember;
use std::collections::BTreeMap;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    pub id: String,
    /// Of a static member (`group.instance.id`).
    pub instance_id: Option<String>,
    pub client_id: String,
    /// As the broker writes it, such as `/10.0.0.7`.
    pub host: String,
    /// Topic → partitions; empty where the group is no group of consumers.
    pub assigned: BTreeMap<String, Vec<i32>>,
}

pub(super) fn members_of_consumer(members: &[consumer::Member]) -> Vec<Member> {
    let member = |member: &consumer::Member| Member {
        id: member.member_id.to_string(),
        instance_id: member.instance_id.as_ref().map(ToString::to_string),
        client_id: member.client_id.to_string(),
        host: member.client_host.to_string(),
        assigned: in_order(
            member
                .assignment
                .topic_partitions
                .iter()
                .map(|topic| (topic.topic_name.0.to_string(), topic.partitions.clone())),
        ),
    };
    members.iter().map(member).collect()
}

/// Error: `CORRUPT_REPLY` where a member's assignment cannot be read.
pub(super) fn members_of_classic(
    members: &[DescribedGroupMember],
    protocol_type: &str,
    what: &str,
) -> Result<Vec<Member>, Error> {
    let member = |member: &DescribedGroupMember| {
        let unreadable = || {
            let text = format!("{what}: the assignment of member {} cannot be read", member.member_id.as_str());
            Error::new("CORRUPT_REPLY", text)
                .hint("is its client a Kafka consumer? another assignor may write its own form")
        };
        // While a group rebalances its members have none.
        let is_assigned = protocol_type == "consumer" && !member.member_assignment.is_empty();
        let assigned =
            if is_assigned { assignment(&member.member_assignment).ok_or_else(unreadable)? } else { BTreeMap::new() };
        Ok(Member {
            id: member.member_id.to_string(),
            instance_id: member.group_instance_id.as_ref().map(ToString::to_string),
            client_id: member.client_id.to_string(),
            host: member.client_host.to_string(),
            assigned,
        })
    };
    members.iter().map(member).collect()
}

/// `ConsumerProtocolAssignment`, which clients write and brokers pass on unread: version, topics with partitions, and the
/// rest is the assignor's own. Lengths are believed only as far as there are bytes.
fn assignment(bytes: &[u8]) -> Option<BTreeMap<String, Vec<i32>>> {
    let (_version, mut rest) = bytes.split_first_chunk::<2>()?;
    let mut topics = Vec::new();
    for _ in 0..number(&mut rest)? {
        let (length, after) = rest.split_first_chunk::<2>()?;
        let (name, after) = after.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
        rest = after;
        let mut partitions = Vec::new();
        for _ in 0..number(&mut rest)? {
            partitions.push(number(&mut rest)?);
        }
        topics.push((str::from_utf8(name).ok()?.to_owned(), partitions));
    }
    Some(in_order(topics.into_iter()))
}

fn number(rest: &mut &[u8]) -> Option<i32> {
    let (number, after) = rest.split_first_chunk::<4>()?;
    *rest = after;
    Some(i32::from_be_bytes(*number))
}

fn in_order(topics: impl Iterator<Item = (String, Vec<i32>)>) -> BTreeMap<String, Vec<i32>> {
    let mut by_topic: BTreeMap<String, Vec<i32>> = BTreeMap::new();
    for (topic, partitions) in topics {
        by_topic.entry(topic).or_default().extend(partitions);
    }
    for partitions in by_topic.values_mut() {
        partitions.sort_unstable();
    }
    by_topic
}

#[cfg(test)]
mod tests {
    use super::assignment;

    fn written(topics: &[(&str, &[i32])]) -> Vec<u8> {
        let mut bytes = vec![0, 1];
        bytes.extend(i32::try_from(topics.len()).expect("few").to_be_bytes());
        for (name, partitions) in topics {
            bytes.extend(u16::try_from(name.len()).expect("short").to_be_bytes());
            bytes.extend(name.as_bytes());
            bytes.extend(i32::try_from(partitions.len()).expect("few").to_be_bytes());
            bytes.extend(partitions.iter().flat_map(|id| id.to_be_bytes()));
        }
        bytes.extend([0xff; 4]);
        bytes
    }

    #[test]
    fn what_a_consumer_writes_is_read() {
        let read = assignment(&written(&[("orders", &[2, 0]), ("clicks", &[])])).expect("whole");
        assert_eq!(read["orders"], [0, 2]);
        assert_eq!(read["clicks"], [0_i32; 0]);
    }

    #[test]
    fn what_is_cut_or_huge_is_refused() {
        let whole = written(&[("orders", &[0, 1])]);
        for end in 0..whole.len() - 4 {
            assert_eq!(assignment(&whole[..end]), None, "{end}");
        }
        assert_eq!(assignment(&[0, 0, 0x7f, 0xff, 0xff, 0xff, 0, 1, b'x']), None);
    }
}
