//! One classic consumer group: members join, the first of them shares the partitions out, and whoever falls silent is gone.
//!
//! The rules are those of Kafka's group coordinator (KIP-62, KIP-394, KIP-345). What waits is asked again: a request has a
//! number, and a member remembers the number of the join that it waits with.

use super::Refusal;
use bytes::Bytes;
use kafka_protocol::error::ResponseError;
use std::collections::BTreeMap;
use std::time::Duration;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Nobody is in it; offsets may be.
    Empty,
    /// Members are called to join, at the latest by this time.
    Preparing(Duration),
    /// All have joined, and the leader shares out.
    Completing,
    Stable,
}

#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) phase: Phase,
    pub(crate) generation: i32,
    /// `consumer`, `connect`, …; empty where offsets were committed without a protocol.
    pub(crate) protocol_type: String,
    /// The assignor that all members know.
    pub(crate) protocol: Option<String>,
    pub(crate) leader: Option<String>,
    pub(crate) members: BTreeMap<String, Member>,
    /// Ids that were given out and not yet used, and until when they hold (KIP-394).
    promised: BTreeMap<String, Duration>,
}

#[derive(Debug, Clone)]
pub(crate) struct Member {
    pub(crate) instance: Option<String>,
    pub(crate) client: String,
    session: Duration,
    rebalance: Duration,
    /// Name and metadata of each assignor, the preferred one first.
    pub(crate) protocols: Vec<(String, Bytes)>,
    pub(crate) assignment: Bytes,
    heard: Duration,
    /// The number of the `JoinGroup` that waits for the others.
    joining: Option<u64>,
}

/// What a `JoinGroup` says.
#[derive(Debug, Clone)]
pub(crate) struct Join {
    pub(crate) request: u64,
    /// Empty for a newcomer.
    pub(crate) member: String,
    pub(crate) instance: Option<String>,
    pub(crate) client: String,
    pub(crate) session: Duration,
    pub(crate) rebalance: Duration,
    pub(crate) protocol_type: String,
    pub(crate) protocols: Vec<(String, Bytes)>,
    /// A newcomer is given an id first, and comes again with it.
    pub(crate) id_first: bool,
}

/// Not answered: the request is to be asked again when something has changed.
pub(crate) type Waiting<T> = Option<T>;

/// Bounds of `session.timeout.ms` that brokers accept.
const SESSIONS: std::ops::RangeInclusive<Duration> = Duration::from_secs(6)..=Duration::from_mins(30);

fn refused(code: ResponseError) -> Refusal {
    Refusal::new(code, "")
}

impl Group {
    pub(crate) fn new() -> Self {
        Self {
            phase: Phase::Empty,
            generation: 0,
            protocol_type: String::new(),
            protocol: None,
            leader: None,
            members: BTreeMap::new(),
            promised: BTreeMap::new(),
        }
    }

    /// Kafka's word for the state.
    pub(crate) fn state(&self) -> &'static str {
        match self.phase {
            Phase::Empty => "Empty",
            Phase::Preparing(_) => "PreparingRebalance",
            Phase::Completing => "CompletingRebalance",
            Phase::Stable => "Stable",
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.members.is_empty() && self.promised.is_empty()
    }

    /// Gives the id of the member once all have joined.
    pub(crate) fn join(&mut self, join: &Join, now: Duration) -> Result<Waiting<String>, Refusal> {
        let waits = |member: &&String| self.members.get(*member).is_some_and(|it| it.joining == Some(join.request));
        let waiting = self.members.keys().find(waits).cloned();
        let id = match waiting {
            Some(id) => id,
            None => self.enter(join, now)?,
        };
        self.complete_if_all_are_here(now);
        let Some(member) = self.members.get_mut(&id) else { return Err(refused(ResponseError::UnknownMemberId)) };
        if matches!(self.phase, Phase::Preparing(_)) {
            return Ok(None);
        }
        member.joining = None;
        member.heard = now;
        Ok(Some(id))
    }

    /// A join that is not known yet: the member is here, and waits if there is something to wait for.
    fn enter(&mut self, join: &Join, now: Duration) -> Result<String, Refusal> {
        if !SESSIONS.contains(&join.session) {
            return Err(refused(ResponseError::InvalidSessionTimeout));
        }
        self.check_protocols(join)?;
        let id = self.id_of(join, now)?;
        let known = self.members.get(&id);
        let same = known.is_some_and(|member| member.protocols == join.protocols);
        let leads = self.leader.as_ref() == Some(&id);
        let calls = match self.phase {
            Phase::Preparing(_) => false,
            // The reply was lost, perhaps.
            Phase::Completing => !same,
            Phase::Stable => !same || leads,
            Phase::Empty => true,
        };
        let member = Member {
            instance: join.instance.clone(),
            client: join.client.clone(),
            session: join.session,
            rebalance: join.rebalance,
            protocols: join.protocols.clone(),
            assignment: known.map(|member| member.assignment.clone()).unwrap_or_default(),
            heard: now,
            joining: Some(join.request),
        };
        self.protocol_type.clone_from(&join.protocol_type);
        self.members.insert(id.clone(), member);
        self.promised.remove(&id);
        self.leader.get_or_insert_with(|| id.clone());
        if calls {
            self.call_all(now);
        }
        Ok(id)
    }

    fn check_protocols(&self, join: &Join) -> Result<(), Refusal> {
        let others = || self.members.iter().filter(|(id, _)| **id != join.member).map(|(_, member)| member);
        let shared = join.protocols.iter().any(|(name, _)| others().all(|other| other.knows(name)));
        let same_type = others().next().is_none() || self.protocol_type == join.protocol_type;
        if join.protocol_type.is_empty() || !shared || !same_type {
            return Err(refused(ResponseError::InconsistentGroupProtocol));
        }
        Ok(())
    }

    fn id_of(&mut self, join: &Join, now: Duration) -> Result<String, Refusal> {
        let instance_of = |member: &Member| member.instance.is_some() && member.instance == join.instance;
        let holder = self.members.iter().find(|(_, member)| instance_of(member)).map(|(id, _)| id.clone());
        if !join.member.is_empty() {
            let known = self.members.contains_key(&join.member) || self.promised.contains_key(&join.member);
            return match holder {
                Some(holder) if holder != join.member => Err(refused(ResponseError::FencedInstanceId)),
                _ if known => Ok(join.member.clone()),
                _ => Err(refused(ResponseError::UnknownMemberId)),
            };
        }
        let id = format!("{}-{}", join.instance.as_ref().unwrap_or(&join.client), uuid::Uuid::new_v4());
        if join.id_first && join.instance.is_none() {
            self.promised.insert(id.clone(), now + join.session);
            return Err(Refusal::new(ResponseError::MemberIdRequired, id));
        }
        // A static member that comes back takes the place of what it was.
        if let Some(before) = holder {
            self.members.remove(&before);
            self.leader.take_if(|leader| *leader == before);
        }
        Ok(id)
    }

    /// All members have to join again.
    fn call_all(&mut self, now: Duration) {
        let patience = self.members.values().map(|member| member.rebalance).max().unwrap_or_default();
        self.phase = Phase::Preparing(now + patience);
    }

    fn complete_if_all_are_here(&mut self, now: Duration) {
        let Phase::Preparing(until) = self.phase else { return };
        let all = self.promised.is_empty() && self.members.values().all(|member| member.joining.is_some());
        if !all && now < until {
            return;
        }
        self.members.retain(|_, member| member.joining.is_some());
        self.generation += 1;
        if self.members.is_empty() {
            self.rest();
            return;
        }
        if !self.leader.as_ref().is_some_and(|leader| self.members.contains_key(leader)) {
            self.leader = self.members.keys().next().cloned();
        }
        self.protocol = self.chosen_protocol();
        self.phase = Phase::Completing;
        for member in self.members.values_mut() {
            member.heard = now;
            member.assignment = Bytes::new();
        }
    }

    /// The protocol that most members put first among those that all of them know.
    fn chosen_protocol(&self) -> Option<String> {
        let mut votes: BTreeMap<&String, usize> = BTreeMap::new();
        for member in self.members.values() {
            let shared = member.protocols.iter().find(|(name, _)| self.members.values().all(|one| one.knows(name)));
            if let Some((name, _)) = shared {
                *votes.entry(name).or_default() += 1;
            }
        }
        votes.into_iter().max_by_key(|(_, votes)| *votes).map(|(name, _)| name.clone())
    }

    fn rest(&mut self) {
        self.phase = Phase::Empty;
        self.protocol = None;
        self.leader = None;
    }

    /// The member's assignment, once the leader has given one out. Only what the leader brings counts.
    pub(crate) fn sync(
        &mut self,
        id: &str,
        generation: i32,
        assignments: impl Iterator<Item = (String, Bytes)>,
        now: Duration,
    ) -> Result<Waiting<Bytes>, Refusal> {
        self.check_member(id, generation, None)?;
        if matches!(self.phase, Phase::Preparing(_)) {
            return Err(refused(ResponseError::RebalanceInProgress));
        }
        if self.phase == Phase::Completing && self.leader.as_deref() == Some(id) {
            for (member, assignment) in assignments {
                if let Some(member) = self.members.get_mut(&member) {
                    member.assignment = assignment;
                }
            }
            self.phase = Phase::Stable;
        }
        let Some(member) = self.members.get_mut(id).filter(|_| self.phase == Phase::Stable) else { return Ok(None) };
        member.heard = now;
        Ok(Some(member.assignment.clone()))
    }

    pub(crate) fn heartbeat(&mut self, id: &str, generation: i32, now: Duration) -> Result<(), Refusal> {
        self.check_member(id, generation, None)?;
        if let Some(member) = self.members.get_mut(id) {
            member.heard = now;
        }
        match self.phase {
            Phase::Preparing(_) => Err(refused(ResponseError::RebalanceInProgress)),
            _ => Ok(()),
        }
    }

    /// By its id, or a static member by its instance.
    pub(crate) fn leave(&mut self, id: &str, instance: Option<&str>, now: Duration) -> Result<(), Refusal> {
        let by_instance = |member: &Member| instance.is_some() && member.instance.as_deref() == instance;
        let known = self.members.iter().find(|(known, member)| *known == id || (id.is_empty() && by_instance(member)));
        let Some(id) = known.map(|(id, _)| id.clone()) else {
            let promised = self.promised.remove(id).is_some();
            return if promised { Ok(()) } else { Err(refused(ResponseError::UnknownMemberId)) };
        };
        self.remove(&id, now);
        Ok(())
    }

    /// Whether a member of this generation asks; an instance only where it names one.
    pub(crate) fn check_member(&self, id: &str, generation: i32, instance: Option<&str>) -> Result<(), Refusal> {
        let Some(member) = self.members.get(id) else { return Err(refused(ResponseError::UnknownMemberId)) };
        if instance.is_some() && member.instance.as_deref() != instance {
            return Err(refused(ResponseError::FencedInstanceId));
        }
        if generation == self.generation { Ok(()) } else { Err(refused(ResponseError::IllegalGeneration)) }
    }

    fn remove(&mut self, id: &str, now: Duration) {
        self.members.remove(id);
        if !matches!(self.phase, Phase::Preparing(_)) {
            self.call_all(now);
        }
        self.complete_if_all_are_here(now);
    }

    /// Members that were not heard of within their session go; a join does not wait for ever.
    pub(crate) fn expire(&mut self, now: Duration) {
        self.promised.retain(|_, until| now < *until);
        // Whoever waits for others is not silent. But once all have joined, one that does not come for its answer is gone.
        let preparing = matches!(self.phase, Phase::Preparing(_));
        let waits = |member: &Member| preparing && member.joining.is_some();
        let silent = |member: &Member| !waits(member) && member.heard + member.session < now;
        let gone: Vec<String> =
            self.members.iter().filter(|(_, member)| silent(member)).map(|(id, _)| id.clone()).collect();
        for id in gone {
            self.remove(&id, now);
        }
        self.complete_if_all_are_here(now);
    }
}

impl Member {
    fn knows(&self, protocol: &str) -> bool {
        self.protocols.iter().any(|(name, _)| name == protocol)
    }

    /// What it said of itself for the protocol that was chosen.
    pub(crate) fn metadata(&self, protocol: Option<&String>) -> Bytes {
        let chosen = self.protocols.iter().find(|(name, _)| Some(name) == protocol);
        chosen.map(|(_, metadata)| metadata.clone()).unwrap_or_default()
    }
}
