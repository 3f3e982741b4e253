//! One request: checked as raw bytes, decoded once it is known to be whole, and its reply encoded.

use super::shape::{Misfit, Walk};
use super::shapes::shape_of;
use super::versions::offered;
use crate::sandbox::guise::Guise;
use bytes::{Buf, Bytes, BytesMut};
use kafka_protocol::messages::{ApiKey, ResponseHeader};
use kafka_protocol::protocol::{Encodable, HeaderVersion, Request, StrBytes};

/// A request whose header is read and whose body has the right shape.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) api: ApiKey,
    pub(crate) version: i16,
    /// What the client calls itself.
    pub(crate) client: StrBytes,
    correlation: i32,
    body: Bytes,
}

/// What came in a frame.
#[derive(Debug)]
pub(crate) enum Incoming {
    Call(Call),
    /// An `ApiVersions` in a version that is not offered: answered in v0 form, so that the client can try again (KIP-511).
    VersionsUnknown(Call),
}

/// A request that a broker closes the connection over, and why.
#[derive(Debug)]
pub(crate) struct Unacceptable(pub(crate) String);

impl Incoming {
    pub(crate) fn read(frame: &Bytes, guise: Guise) -> Result<Self, Unacceptable> {
        let mut head = frame.get(..8).ok_or_else(|| Unacceptable("a frame that is too short".to_owned()))?;
        let (key, version, correlation) = (head.get_i16(), head.get_i16(), head.get_i32());
        let (api, offered) = offered(guise, key, version)
            .ok_or_else(|| Unacceptable(format!("a request of the API {key}, which is not offered")))?;
        if !offered {
            let call = Call { api, version: 0, client: StrBytes::default(), correlation, body: Bytes::new() };
            return match api {
                ApiKey::ApiVersions => Ok(Self::VersionsUnknown(call)),
                _ => Err(Unacceptable(format!("a {api:?} request of version {version}, which is not offered"))),
            };
        }
        let misfit = |Misfit| Unacceptable(format!("a {api:?} request of version {version} that is broken"));
        let flexible = api.request_header_version(version) >= 2;
        let fields = shape_of(api).unwrap_or_default();
        let mut walk = Walk::new(frame.get(8..).unwrap_or_default(), version, flexible);
        let client = walk.client_id().map_err(misfit)?;
        if flexible {
            walk.tags().map_err(misfit)?;
        }
        let body = frame.slice(frame.len() - walk.left()..);
        walk.whole(fields).map_err(misfit)?;
        Ok(Self::Call(Call { api, version, client, correlation, body }))
    }
}

impl Call {
    pub(crate) fn decode<R: Request>(&self) -> Result<R, Unacceptable> {
        let mut body = self.body.clone();
        R::decode(&mut body, self.version)
            .map_err(|why| Unacceptable(format!("a {:?} request that cannot be decoded: {why}", self.api)))
    }

    /// The whole reply frame, without its length.
    pub(crate) fn encode<R: Encodable + HeaderVersion>(&self, reply: &R) -> Result<Bytes, Unacceptable> {
        let mut frame = BytesMut::new();
        let header = ResponseHeader::default().with_correlation_id(self.correlation);
        header
            .encode(&mut frame, R::header_version(self.version))
            .and_then(|()| reply.encode(&mut frame, self.version))
            .map_err(|why| Unacceptable(format!("a {:?} request whose reply cannot be encoded: {why}", self.api)))?;
        Ok(frame.freeze())
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use crate::sandbox::wire::versions::offers;
    use bytes::BufMut;
    use kafka_protocol::messages::{MetadataRequest, RequestHeader, metadata_request::MetadataRequestTopic};
    use kafka_protocol::protocol::encode_request_header_into_buffer;

    fn framed<R: Request>(request: &R, version: i16) -> BytesMut {
        let header = RequestHeader::default()
            .with_request_api_key(R::KEY)
            .with_request_api_version(version)
            .with_client_id(Some("test".into()));
        let mut frame = BytesMut::new();
        encode_request_header_into_buffer(&mut frame, &header).unwrap();
        request.encode(&mut frame, version).unwrap();
        frame
    }

    /// Every request of the codec, empty, has the shape that is written down here.
    macro_rules! defaults_have_their_shape {
        ($guise:expr, $($request:ident),*) => {
            $({
                use kafka_protocol::messages::$request;
                let guise = $guise;
                let (_, low, high) = offers(guise).find(|(api, _, _)| *api as i16 == $request::KEY).unwrap();
                for version in low..=high {
                    let frame = framed(&$request::default(), version).freeze();
                    assert!(matches!(Incoming::read(&frame, guise), Ok(Incoming::Call(_))), "{} {version}", stringify!($request));
                }
            })*
        };
    }

    #[test]
    fn empty_requests_fit_in_every_version() {
        for text in ["2.4", "3.9", "4.4"] {
            let guise: Guise = text.parse().unwrap();
            defaults_have_their_shape!(
                guise,
                ApiVersionsRequest,
                MetadataRequest,
                CreateTopicsRequest,
                DeleteTopicsRequest,
                DescribeConfigsRequest,
                IncrementalAlterConfigsRequest,
                DescribeLogDirsRequest,
                AlterPartitionReassignmentsRequest,
                ListPartitionReassignmentsRequest,
                ElectLeadersRequest,
                ProduceRequest,
                FetchRequest,
                ListOffsetsRequest,
                InitProducerIdRequest,
                FindCoordinatorRequest,
                JoinGroupRequest,
                SyncGroupRequest,
                HeartbeatRequest,
                LeaveGroupRequest,
                OffsetCommitRequest,
                OffsetFetchRequest,
                OffsetDeleteRequest,
                ListGroupsRequest,
                DescribeGroupsRequest,
                DeleteGroupsRequest,
                DeleteRecordsRequest,
                CreatePartitionsRequest,
                AlterConfigsRequest,
                DescribeAclsRequest,
                CreateAclsRequest,
                DeleteAclsRequest
            );
        }
        defaults_have_their_shape!(
            Guise::default(),
            DescribeClusterRequest,
            ConsumerGroupDescribeRequest,
            DescribeQuorumRequest,
            DescribeClientQuotasRequest,
            DescribeUserScramCredentialsRequest,
            DescribeTransactionsRequest,
            ListTransactionsRequest
        );
    }

    #[test]
    fn a_length_that_the_frame_does_not_hold_is_refused() {
        let topics =
            vec![MetadataRequestTopic::default().with_name(Some(kafka_protocol::messages::TopicName("t".into())))];
        let mut frame = framed(&MetadataRequest::default().with_topics(Some(topics)), 5);
        assert!(Incoming::read(&frame.clone().freeze(), Guise::default()).is_ok());
        // After 8 bytes of header and the client's name of 2 + 4 comes the number of topics.
        frame[14..18].copy_from_slice(&0x7fff_fff0_i32.to_be_bytes());
        assert!(Incoming::read(&frame.clone().freeze(), Guise::default()).is_err());
        frame[14..18].copy_from_slice(&1_i32.to_be_bytes());
        frame.put_u8(0);
        assert!(Incoming::read(&frame.freeze(), Guise::default()).is_err(), "a byte too many");
    }
}
