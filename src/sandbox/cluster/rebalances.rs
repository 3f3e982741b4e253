//! The life of a consumer group: who comes, who goes, and who waits for whom.

use super::group::{Group, Join};
use bytes::Bytes;
use kafka_protocol::error::ResponseError;
use std::time::Duration;

fn join(request: u64, member: &str) -> Join {
    Join {
        request,
        member: member.to_owned(),
        instance: None,
        client: "c".to_owned(),
        session: Duration::from_secs(10),
        rebalance: Duration::from_secs(30),
        protocol_type: "consumer".to_owned(),
        protocols: vec![("range".to_owned(), Bytes::new())],
        id_first: false,
    }
}

const NOW: Duration = Duration::from_secs(100);

fn at(seconds: u64) -> Duration {
    NOW + Duration::from_secs(seconds)
}

#[test]
fn one_joins_another_comes_and_a_silent_one_goes() {
    let mut group = Group::new();
    let first = group.join(&join(1, ""), NOW).unwrap().unwrap();
    assert_eq!((group.generation, group.leader.as_ref()), (1, Some(&first)));
    let shares = |id: &str, text: &'static str| (id.to_owned(), Bytes::from_static(text.as_bytes()));
    assert_eq!(group.sync(&first, 1, [shares(&first, "all")].into_iter(), NOW).unwrap().unwrap(), "all");

    assert_eq!(group.join(&join(2, ""), NOW).unwrap(), None, "waits for the first");
    assert_eq!(group.heartbeat(&first, 1, NOW).unwrap_err().code, ResponseError::RebalanceInProgress);
    assert_eq!(group.join(&join(3, &first), NOW).unwrap().unwrap(), first);
    let second = group.join(&join(2, ""), NOW).unwrap().unwrap();
    assert_eq!(group.members.len(), 2, "asked again it is the same member");
    assert_eq!(group.sync(&second, 2, [].into_iter(), NOW).unwrap(), None, "waits for the leader");
    let both = [shares(&first, "a"), shares(&second, "b")];
    assert_eq!(group.sync(&first, 2, both.into_iter(), NOW).unwrap().unwrap(), "a");
    assert_eq!(group.sync(&second, 2, [].into_iter(), NOW).unwrap().unwrap(), "b");
    assert_eq!(group.heartbeat(&second, 1, NOW).unwrap_err().code, ResponseError::IllegalGeneration);

    group.heartbeat(&second, 2, at(9)).unwrap();
    group.expire(at(11));
    assert_eq!((group.state(), group.members.len()), ("PreparingRebalance", 1), "the first was silent");
    assert_eq!(group.join(&join(4, &second), at(12)).unwrap().unwrap(), second);
    assert_eq!(group.leader, Some(second.clone()));
    group.leave(&second, None, at(13)).unwrap();
    assert_eq!((group.state(), group.leader.clone()), ("Empty", None));
    assert_eq!(group.heartbeat(&second, 3, at(13)).unwrap_err().code, ResponseError::UnknownMemberId);
}

#[test]
fn a_join_does_not_wait_for_ever() {
    let mut group = Group::new();
    let first = group.join(&join(1, ""), NOW).unwrap().unwrap();
    assert_eq!(group.join(&join(2, ""), NOW).unwrap(), None);
    group.heartbeat(&first, 1, at(25)).unwrap_err();
    group.expire(at(29));
    assert_eq!(group.join(&join(2, ""), at(29)).unwrap(), None);
    group.expire(at(31));
    let second = group.join(&join(2, ""), at(31)).unwrap().unwrap();
    assert_eq!(group.members.keys().collect::<Vec<_>>(), [&second]);
}

/// Its connection was cut while it waited for the others, and it came again as somebody new.
#[test]
fn one_that_never_comes_for_the_answer_to_its_join_is_gone_after_its_session() {
    let mut group = Group::new();
    let first = group.join(&join(1, ""), NOW).unwrap().unwrap();
    assert_eq!(group.join(&join(2, ""), NOW).unwrap(), None, "this one is cut off");
    assert_eq!(group.join(&join(3, ""), at(1)).unwrap(), None, "and comes again");
    group.leave(&first, None, at(2)).unwrap();
    let again = group.join(&join(3, ""), at(2)).unwrap().unwrap();
    assert_eq!((group.state(), group.members.len()), ("CompletingRebalance", 2));
    group.heartbeat(&again, group.generation, at(10)).unwrap();
    group.expire(at(13));
    assert_eq!(group.members.keys().collect::<Vec<_>>(), [&again]);
}

#[test]
fn newcomers_get_an_id_first_and_static_members_keep_their_place() {
    let mut group = Group::new();
    let refused = group.join(&Join { id_first: true, ..join(1, "") }, NOW).unwrap_err();
    assert_eq!(refused.code, ResponseError::MemberIdRequired);
    assert_eq!(group.join(&join(2, &refused.message), NOW).unwrap(), Some(refused.message));
    assert_eq!(group.join(&join(3, "stranger"), NOW).unwrap_err().code, ResponseError::UnknownMemberId);
    let short = Join { session: Duration::from_secs(1), ..join(4, "") };
    assert_eq!(group.join(&short, NOW).unwrap_err().code, ResponseError::InvalidSessionTimeout);
    let other = Join { protocols: vec![("sticky".to_owned(), Bytes::new())], ..join(5, "") };
    assert_eq!(group.join(&other, NOW).unwrap_err().code, ResponseError::InconsistentGroupProtocol);

    let mut group = Group::new();
    let fixed = |request| Join { instance: Some("i".to_owned()), ..join(request, "") };
    let before = group.join(&fixed(1), NOW).unwrap().unwrap();
    let after = group.join(&fixed(2), NOW).unwrap().unwrap();
    assert_ne!(before, after);
    assert_eq!(group.members.len(), 1);
    let late = Join { member: before, ..fixed(3) };
    assert_eq!(group.join(&late, NOW).unwrap_err().code, ResponseError::FencedInstanceId);
}
