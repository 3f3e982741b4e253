//! Tests: every reply layout agrees with the codec in every version, and no damaged reply gets as far as to abort.
//!
//! Frames are made from the layouts of `apis.rs` with arbitrary contents, so that the codec, which knows the schemas from
//! elsewhere, decides whether the layouts are right.

use super::apis::Api;
use super::guard::{Field, Layout, Shape};
use super::reply;
use bytes::Bytes;
use kafka_protocol::messages::{
    AlterConfigsRequest, AlterPartitionReassignmentsRequest, ApiVersionsRequest, ConsumerGroupDescribeRequest,
    CreateAclsRequest, CreatePartitionsRequest, CreateTopicsRequest, DeleteAclsRequest, DeleteRecordsRequest,
    DeleteTopicsRequest, DescribeAclsRequest, DescribeConfigsRequest, DescribeGroupsRequest, DescribeLogDirsRequest,
    DescribeQuorumRequest, ElectLeadersRequest, FindCoordinatorRequest, IncrementalAlterConfigsRequest,
    ListGroupsRequest, ListOffsetsRequest, ListPartitionReassignmentsRequest, MetadataRequest, OffsetFetchRequest,
    ResponseHeader, SaslAuthenticateRequest, SaslHandshakeRequest,
};
use kafka_protocol::protocol::{Encodable, HeaderVersion, VersionRange};
use proptest::prelude::*;

const CORRELATION: i32 = 7;

/// The reply of one API.
struct Reply {
    name: &'static str,
    shape: Shape,
    versions: VersionRange,
    header_version: fn(i16) -> i16,
    /// Decodes a frame and encodes it again.
    echo: fn(i16, Vec<u8>) -> Result<Vec<u8>, String>,
}

impl Reply {
    fn of<R: Api>() -> Self {
        Self {
            name: R::NAME,
            shape: R::REPLY,
            versions: R::VERSIONS,
            header_version: R::Response::header_version,
            echo: echo::<R>,
        }
    }
}

fn echo<R: Api>(version: i16, frame: Vec<u8>) -> Result<Vec<u8>, String> {
    let response = reply::decode::<R>(frame.into(), version, CORRELATION)?;
    let mut again = Vec::new();
    ResponseHeader::default()
        .with_correlation_id(CORRELATION)
        .encode(&mut again, R::Response::header_version(version))
        .and_then(|()| response.encode(&mut again, version))
        .map_err(|problem| problem.to_string())?;
    Ok(again)
}

/// Every API of `apis.rs` with every version of its reply.
fn every_reply() -> impl Iterator<Item = (Reply, i16)> {
    let replies = [
        Reply::of::<AlterConfigsRequest>,
        Reply::of::<AlterPartitionReassignmentsRequest>,
        Reply::of::<ApiVersionsRequest>,
        Reply::of::<ConsumerGroupDescribeRequest>,
        Reply::of::<CreateAclsRequest>,
        Reply::of::<CreatePartitionsRequest>,
        Reply::of::<CreateTopicsRequest>,
        Reply::of::<DeleteAclsRequest>,
        Reply::of::<DeleteRecordsRequest>,
        Reply::of::<DeleteTopicsRequest>,
        Reply::of::<DescribeAclsRequest>,
        Reply::of::<DescribeConfigsRequest>,
        Reply::of::<DescribeGroupsRequest>,
        Reply::of::<DescribeLogDirsRequest>,
        Reply::of::<DescribeQuorumRequest>,
        Reply::of::<ElectLeadersRequest>,
        Reply::of::<FindCoordinatorRequest>,
        Reply::of::<IncrementalAlterConfigsRequest>,
        Reply::of::<ListGroupsRequest>,
        Reply::of::<ListOffsetsRequest>,
        Reply::of::<ListPartitionReassignmentsRequest>,
        Reply::of::<MetadataRequest>,
        Reply::of::<OffsetFetchRequest>,
        Reply::of::<SaslHandshakeRequest>,
        Reply::of::<SaslAuthenticateRequest>,
    ];
    replies.into_iter().flat_map(|reply| {
        let versions = reply().versions;
        (versions.min..=versions.max).map(move |version| (reply(), version))
    })
}

/// Makes frames out of arbitrary numbers.
struct Maker<'a> {
    choices: std::iter::Cycle<std::slice::Iter<'a, u8>>,
    frame: Vec<u8>,
    version: i16,
    flexible: bool,
}

impl Maker<'_> {
    fn make(reply: &Reply, version: i16, choices: &[u8]) -> Vec<u8> {
        let mut frame = CORRELATION.to_be_bytes().to_vec();
        if (reply.header_version)(version) >= 1 {
            frame.push(0);
        }
        let flexible = version >= reply.shape.flexible;
        let mut maker = Maker { choices: choices.iter().cycle(), frame, version, flexible };
        maker.structure(reply.shape.fields);
        maker.frame
    }

    fn choice(&mut self) -> u8 {
        *self.choices.next().expect("an endless cycle")
    }

    fn structure(&mut self, fields: &[Field]) {
        for field in fields {
            if field.is_in(self.version) {
                self.field(field);
            }
        }
        if !self.flexible {
            return;
        }
        let known: Vec<_> = fields
            .iter()
            .filter_map(|field| match field.layout {
                Layout::Tagged(tag, content) => Some((tag, content)),
                _ => None,
            })
            .filter(|_| self.choice().is_multiple_of(2))
            .collect();
        let unknown = self.choice() % 2;
        self.frame.push(u8::try_from(known.len()).expect("few") + unknown);
        for (tag, content) in known {
            self.frame.push(u8::try_from(tag).expect("small"));
            let size_at = self.frame.len();
            self.frame.push(0);
            self.field(content);
            // Brokers state it, the codec passes over it.
            self.frame[size_at] = u8::try_from(self.frame.len() - size_at - 1).unwrap_or(0);
        }
        if unknown == 1 {
            self.frame.extend([99, 3, 1, 2, 3]);
        }
    }

    fn field(&mut self, field: &Field) {
        match field.layout {
            Layout::Fixed(1) => {
                let bit = self.choice() % 2;
                self.frame.push(bit);
            }
            Layout::Fixed(width) => {
                for _ in 0..width {
                    let byte = self.choice();
                    self.frame.push(byte);
                }
            }
            Layout::Text => self.text(),
            Layout::Texts => {
                for _ in 0..self.count() {
                    self.text();
                }
            }
            Layout::Structure(fields) => self.structure(fields),
            Layout::Values(width) => {
                let count = self.count();
                self.frame.extend(std::iter::repeat_n(5, width * count));
            }
            Layout::Structures(fields) => {
                for _ in 0..self.count() {
                    self.structure(fields);
                }
            }
            Layout::Tagged(..) => {}
        }
    }

    fn text(&mut self) {
        let length = self.choice() % 20;
        let prefix = if self.flexible { vec![length + 1] } else { vec![0, length] };
        self.frame.extend(prefix);
        self.frame.extend(std::iter::repeat_n(b'x', length.into()));
    }

    fn count(&mut self) -> usize {
        let count = self.choice() % 4;
        let prefix = if self.flexible { vec![count + 1] } else { vec![0, 0, 0, count] };
        self.frame.extend(prefix);
        count.into()
    }
}

fn has_known_tags(fields: &[Field]) -> bool {
    fields.iter().any(|field| match field.layout {
        Layout::Tagged(..) => true,
        Layout::Structure(fields) | Layout::Structures(fields) => has_known_tags(fields),
        _ => false,
    })
}

/// What the damage does to a frame.
#[derive(Debug, Clone)]
enum Damage {
    Flip(prop::sample::Index, u8),
    Cut(prop::sample::Index),
    /// A length of two thousand million, as a number and as a varint.
    Huge(prop::sample::Index),
    HugeVarint(prop::sample::Index),
    Append(Vec<u8>),
}

fn damage() -> impl Strategy<Value = Damage> {
    let at = any::<prop::sample::Index>;
    prop_oneof![
        (at(), any::<u8>()).prop_map(|(at, mask)| Damage::Flip(at, mask)),
        at().prop_map(Damage::Cut),
        at().prop_map(Damage::Huge),
        at().prop_map(Damage::HugeVarint),
        prop::collection::vec(any::<u8>(), 1..40).prop_map(Damage::Append),
    ]
}

const HUGE: &[u8] = &[0x7f, 0xff, 0xff, 0xf0];
const HUGE_VARINT: &[u8] = &[0xff, 0xff, 0xff, 0xff, 0x07];

fn damaged(mut frame: Vec<u8>, damages: &[Damage]) -> Vec<u8> {
    for damage in damages {
        // The correlation id stays, or nothing behind it would be looked at.
        let place = |at: &prop::sample::Index| 4 + at.index((frame.len() - 4).max(1));
        match damage {
            Damage::Flip(at, mask) => {
                let place = place(at);
                if let Some(byte) = frame.get_mut(place) {
                    *byte ^= mask;
                }
            }
            Damage::Cut(at) => frame.truncate(place(at)),
            Damage::Huge(at) => frame = overwritten(&frame, place(at), HUGE),
            Damage::HugeVarint(at) => frame = overwritten(&frame, place(at), HUGE_VARINT),
            Damage::Append(bytes) => frame.extend(bytes),
        }
    }
    frame
}

fn overwritten(frame: &[u8], at: usize, bytes: &[u8]) -> Vec<u8> {
    let (before, after) = frame.split_at(at.min(frame.len()));
    [before, bytes, after.get(bytes.len()..).unwrap_or_default()].concat()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    /// The codec reads a frame made from the layout to its last byte, and writes the same bytes.
    #[test]
    fn layouts_agree_with_the_codec(choices in prop::collection::vec(any::<u8>(), 1..200)) {
        for (reply, version) in every_reply() {
            let frame = Maker::make(&reply, version, &choices);
            let again = (reply.echo)(version, frame.clone());
            // The codec leaves out known tags that have their default value, and orders them.
            let reordered = version >= reply.shape.flexible && has_known_tags(reply.shape.fields);
            match again {
                Ok(again) if !reordered => prop_assert_eq!(again, frame, "{} v{}", reply.name, version),
                again => prop_assert!(again.is_ok(), "{} v{}: {:?}", reply.name, version, again),
            }
        }
    }

    /// An allocation that fails aborts the process, and with it the test. That decoding fails is not asked: a flipped
    /// bit may give another whole frame.
    #[test]
    fn damaged_replies_are_survived(
        choices in prop::collection::vec(any::<u8>(), 1..200),
        damages in prop::collection::vec(damage(), 1..6),
    ) {
        for (reply, version) in every_reply() {
            let frame = damaged(Maker::make(&reply, version, &choices), &damages);
            drop((reply.echo)(version, frame));
        }
    }

    #[test]
    fn noise_is_survived(noise in prop::collection::vec(any::<u8>(), 0..300)) {
        for (reply, version) in every_reply() {
            let frame = CORRELATION.to_be_bytes().into_iter().chain(noise.iter().copied()).collect();
            drop((reply.echo)(version, frame));
        }
    }
}

/// Each place of a whole frame in turn is made a length of two thousand million.
#[test]
fn a_huge_length_is_survived_at_every_place() {
    let choices: Vec<u8> = (0..=255).map(|n: u8| n.wrapping_mul(37)).collect();
    for (reply, version) in every_reply() {
        let whole = Maker::make(&reply, version, &choices);
        for at in 4..whole.len() {
            for huge in [HUGE, HUGE_VARINT] {
                drop((reply.echo)(version, overwritten(&whole, at, huge)));
            }
        }
    }
}

#[test]
fn the_frame_that_aborts_the_codec_is_refused() {
    // Metadata v1: no brokers' array of 2 147 483 632 entries fits into 28 bytes.
    let mut frame = CORRELATION.to_be_bytes().to_vec();
    frame.extend([0x7f, 0xff, 0xff, 0xf0]);
    frame.extend([0; 28]);
    let problem = reply::decode::<MetadataRequest>(frame.into(), 1, CORRELATION).expect_err("refused");
    assert_eq!(problem, "an array of 2147483632 entries in 28 bytes");
}

#[test]
fn a_reply_to_another_request_and_left_over_bytes_are_refused() {
    let frame = Maker::make(&Reply::of::<MetadataRequest>(), 9, &[1, 2, 3]);
    let decode = |frame: Vec<u8>, id| reply::decode::<MetadataRequest>(Bytes::from(frame), 9, id);
    assert!(decode(frame.clone(), CORRELATION).is_ok());
    assert_eq!(decode(frame.clone(), 8).expect_err("refused"), "it answers request 7, and request 8 was asked");
    assert_eq!(decode([frame, vec![0]].concat(), CORRELATION).expect_err("refused"), "1 bytes too many at its end");
    assert_eq!(decode(vec![0, 0], CORRELATION).expect_err("refused"), "it has 2 bytes only");
}
