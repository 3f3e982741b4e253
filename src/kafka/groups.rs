//! Consumer groups: all of them from every broker (`ListGroups`), one with its members (`DescribeGroups`,
//! `ConsumerGroupDescribe`).

pub use super::group_members::Member;

use super::coordinators::{self, NO_GROUP, OFFSETS_TOPIC};
use super::group_members::{members_of_classic, members_of_consumer};
use super::wire::answer;
use super::wire::router::Target;
use super::{Client, cluster, topics};
use crate::error::Error;
use kafka_protocol::messages::{
    ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse, DescribeGroupsRequest, DescribeGroupsResponse,
    GroupId, ListGroupsRequest, ListGroupsResponse,
};
use kafka_protocol::protocol::StrBytes;

/// A group as its coordinator lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    pub id: String,
    /// `consumer`, `connect`, …; empty where offsets were committed without a group protocol.
    pub protocol_type: String,
    /// `Stable`, `Empty`, …; Kafka 2.6 and newer list it.
    pub state: Option<String>,
    /// `classic`, `consumer` (KIP-848), `share`; Kafka 3.8 and newer list it.
    pub kind: Option<String>,
}

/// All groups, and why some may be missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// By id.
    pub groups: Vec<Listed>,
    /// A broker that does not answer, partitions of `__consumer_offsets` without a leader: the groups there are not in the
    /// list.
    pub gaps: Vec<Error>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    pub id: String,
    /// Kafka's own word: `Stable`, `Empty`, `PreparingRebalance`, `CompletingRebalance`, `Assigning`, `Reconciling`.
    pub state: String,
    /// `classic`, or `consumer` for the protocol of KIP-848.
    pub kind: String,
    pub protocol_type: String,
    /// How partitions are shared out: `range`, `uniform`, …; empty without members.
    pub assignor: String,
    pub coordinator: i32,
    pub members: Vec<Member>,
}

/// Asks every broker for the groups that it coordinates.
pub async fn list(client: &Client) -> Result<Listing, Error> {
    let mut listing = Listing { groups: Vec::new(), gaps: Vec::new() };
    for broker in cluster::describe(client).await?.brokers {
        let what = format!("the groups of broker {}", broker.id);
        let asked = client
            .read(Target::Broker(broker.id), |_| ListGroupsRequest::default(), |response| listed(response, &what))
            .await;
        match asked {
            Ok(groups) => listing.groups.extend(groups),
            Err(error) => {
                let message = format!("{what} cannot be listed: {}", error.message);
                listing.gaps.push(Error { message, ..error });
            }
        }
    }
    listing.gaps.extend(without_coordinator(client).await?);
    // A group that moves from one broker to another meanwhile is listed by both.
    listing.groups.sort_by(|a, b| a.id.cmp(&b.id));
    listing.groups.dedup_by(|a, b| a.id == b.id);
    Ok(listing)
}

fn listed(response: ListGroupsResponse, what: &str) -> Result<Vec<Listed>, Error> {
    answer::check(response.error_code, None, what)?;
    let told = |text: StrBytes| Some(text.to_string()).filter(|text| !text.is_empty());
    let group = |group: kafka_protocol::messages::list_groups_response::ListedGroup| Listed {
        id: group.group_id.0.to_string(),
        protocol_type: group.protocol_type.to_string(),
        state: told(group.group_state),
        kind: told(group.group_type).map(|kind| kind.to_lowercase()),
    };
    Ok(response.groups.into_iter().map(group).collect())
}

/// The groups of a partition that nobody leads are listed by nobody.
async fn without_coordinator(client: &Client) -> Result<Option<Error>, Error> {
    let topics = match topics::list(client, Some(&[OFFSETS_TOPIC.to_owned()])).await {
        Ok(topics) => topics,
        Err(error) if ["UNKNOWN_TOPIC_OR_PARTITION", "TOPIC_AUTHORIZATION_FAILED"].contains(&error.code.as_str()) => {
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    let leaderless = topics.iter().flat_map(|topic| &topic.partitions).filter(|partition| partition.leader.is_none());
    let ids: Vec<String> = leaderless.map(|partition| partition.id.to_string()).collect();
    Ok((!ids.is_empty()).then(|| {
        let text =
            format!("partitions {} of {OFFSETS_TOPIC} have no leader: their groups are not listed", ids.join(", "));
        Error::new("COORDINATOR_NOT_AVAILABLE", text).hint("are the brokers of their replicas running?").retriable()
    }))
}

/// One group with its members. Error: `GROUP_ID_NOT_FOUND`, beside those of any read.
pub async fn describe(client: &Client, id: &str) -> Result<Group, Error> {
    coordinators::ask(client, id, |client, coordinator| async move {
        match describe_consumer(&client, id, coordinator).await {
            // A classic group, or a broker before Kafka 3.7.
            Err(error) if [NO_GROUP, "UNSUPPORTED_VERSION"].contains(&error.code.as_str()) => {
                describe_classic(&client, id, coordinator).await
            }
            described => described,
        }
    })
    .await
}

async fn describe_consumer(client: &Client, id: &str, coordinator: i32) -> Result<Group, Error> {
    let what = format!("group {id}");
    let build = |_| ConsumerGroupDescribeRequest::default().with_group_ids(vec![group_id(id)]);
    let read = |response: ConsumerGroupDescribeResponse| {
        let found = response.groups.into_iter().find(|group| group.group_id.0.as_str() == id);
        let group = found.ok_or_else(|| answer::missing(&what))?;
        answer::check(group.error_code, group.error_message.as_deref(), &what)?;
        Ok(Group {
            id: id.to_owned(),
            state: group.group_state.to_string(),
            kind: "consumer".to_owned(),
            protocol_type: "consumer".to_owned(),
            assignor: group.assignor_name.to_string(),
            coordinator,
            members: members_of_consumer(&group.members),
        })
    };
    client.read(Target::Broker(coordinator), build, read).await
}

async fn describe_classic(client: &Client, id: &str, coordinator: i32) -> Result<Group, Error> {
    let what = format!("group {id}");
    let build = |_| DescribeGroupsRequest::default().with_groups(vec![group_id(id)]);
    let read = |response: DescribeGroupsResponse| {
        let found = response.groups.into_iter().find(|group| group.group_id.0.as_str() == id);
        let group = found.ok_or_else(|| answer::missing(&what))?;
        answer::check(group.error_code, group.error_message.as_deref(), &what)?;
        // How brokers before Kafka 4.0 say that there is none.
        if group.group_state.as_str() == "Dead" {
            return Err(
                Error::new(NO_GROUP, format!("there is no group {id}")).hint("check the name: `groups()` lists them")
            );
        }
        Ok(Group {
            id: id.to_owned(),
            state: group.group_state.to_string(),
            kind: "classic".to_owned(),
            protocol_type: group.protocol_type.to_string(),
            assignor: group.protocol_data.to_string(),
            coordinator,
            members: members_of_classic(&group.members, group.protocol_type.as_str(), &what)?,
        })
    };
    client.read(Target::Broker(coordinator), build, read).await
}

pub(crate) fn group_id(id: &str) -> GroupId {
    GroupId(StrBytes::from_string(id.to_owned()))
}
