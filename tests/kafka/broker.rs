//! A broker made for one test: real sockets, Kafka's frames, and a script for what it answers.

use bytes::{Buf, BufMut, Bytes, BytesMut};
use kafka_protocol::messages::api_versions_response::ApiVersion;
use kafka_protocol::messages::metadata_response::MetadataResponseBroker;
use kafka_protocol::messages::{
    ApiKey, ApiVersionsRequest, ApiVersionsResponse, BrokerId, MetadataRequest, MetadataResponse, RequestHeader,
    ResponseHeader,
};
use kafka_protocol::protocol::{Decodable, Encodable, HeaderVersion, Request, StrBytes};
use std::future::pending;
use std::sync::{Arc, Mutex, MutexGuard};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// What all brokers of a cluster know.
#[derive(Default)]
pub(super) struct World {
    pub(super) cluster_id: String,
    pub(super) brokers: Vec<(i32, String)>,
    pub(super) controller: i32,
    /// API keys that the brokers do not offer.
    pub(super) without: Vec<i16>,
}

/// One request as it arrived.
pub(super) struct Asked {
    pub(super) key: i16,
    pub(super) version: i16,
    pub(super) correlation: i32,
    /// The how-manieth of its key at this broker, from 1.
    pub(super) nth: usize,
    body: Bytes,
}

impl Asked {
    pub(super) fn request<R: Request>(&self) -> R {
        R::decode(&mut self.body.clone(), self.version).expect("a whole request")
    }

    /// A well-formed answer.
    pub(super) fn answer<R: Request>(&self, response: &R::Response) -> Act {
        Act::Send(self.frame::<R>(response))
    }

    pub(super) fn frame<R: Request>(&self, response: &R::Response) -> Vec<u8> {
        let mut frame = BytesMut::new();
        let header = ResponseHeader::default().with_correlation_id(self.correlation);
        frame.put_i32(0);
        header.encode(&mut frame, R::Response::header_version(self.version)).expect("a header");
        response.encode(&mut frame, self.version).expect("a response of this version");
        let length = i32::try_from(frame.len() - 4).expect("a short frame");
        frame[..4].copy_from_slice(&length.to_be_bytes());
        frame.to_vec()
    }
}

/// What a broker does with a request.
pub(super) enum Act {
    /// These bytes, whatever they are.
    Send(Vec<u8>),
    /// These bytes, then the end of the connection.
    SendAndClose(Vec<u8>),
    Close,
    Reset,
    Silence,
    /// What an ordinary broker would do.
    AsUsual,
}

pub(super) struct Broker {
    pub(super) address: String,
    /// The key of every request, as they arrived.
    seen: Arc<watch::Sender<Vec<i16>>>,
    /// Counts up: connections that are open then are closed.
    hang_up: watch::Sender<u64>,
    open: watch::Receiver<usize>,
    _accepting: JoinSet<()>,
}

type Script = Arc<dyn Fn(&Asked) -> Act + Send + Sync>;

impl Broker {
    /// A broker that joins `world` under an id and follows `script`.
    pub(super) async fn start(
        world: &Arc<Mutex<World>>,
        id: i32,
        script: impl Fn(&Asked) -> Act + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        lock(world).brokers.push((id, address.clone()));
        let seen = Arc::new(watch::Sender::new(Vec::new()));
        let (hang_up, ended) = watch::channel(0);
        let (count, open) = watch::channel(0);
        let (world, script) = (Arc::clone(world), Arc::new(script) as Script);
        let mut accepting = JoinSet::new();
        accepting.spawn({
            let seen = Arc::clone(&seen);
            async move {
                let mut connections = JoinSet::new();
                while let Ok((stream, _)) = listener.accept().await {
                    let (world, script, seen) = (Arc::clone(&world), Arc::clone(&script), Arc::clone(&seen));
                    let (mut ended, count) = (ended.clone(), count.clone());
                    ended.mark_unchanged();
                    connections.spawn(async move {
                        count.send_modify(|open| *open += 1);
                        tokio::select! {
                            () = serve(stream, &world, &script, &seen) => {}
                            _ = ended.changed() => {}
                        }
                        count.send_modify(|open| *open -= 1);
                    });
                }
            }
        });
        Self { address, seen, hang_up, open, _accepting: accepting }
    }

    /// A cluster of this one broker.
    pub(super) async fn alone(script: impl Fn(&Asked) -> Act + Send + Sync + 'static) -> Self {
        Self::start(&world(), 1, script).await
    }

    /// How many requests of this kind have arrived.
    pub(super) fn requests(&self, key: ApiKey) -> usize {
        count(&self.seen.borrow(), key as i16)
    }

    /// Waits for the first request of this kind.
    pub(super) async fn arrived(&self, key: ApiKey) {
        self.seen.subscribe().wait_for(|seen| seen.contains(&(key as i16))).await.expect("the broker runs");
    }

    /// Closes every connection, and gives when that is done and the other side can know.
    pub(super) async fn hang_up(&mut self) {
        self.hang_up.send_modify(|times| *times += 1);
        self.open.wait_for(|open| *open == 0).await.expect("the broker runs");
        // Tokio takes notice of closed sockets when it polls the system, which it does before it resumes from this.
        tokio::task::yield_now().await;
    }
}

fn count(seen: &[i16], key: i16) -> usize {
    seen.iter().filter(|seen| **seen == key).count()
}

pub(super) fn world() -> Arc<Mutex<World>> {
    Arc::new(Mutex::new(World { cluster_id: "this-cluster".to_owned(), controller: 1, ..World::default() }))
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("no test panicked in here")
}

async fn serve(mut stream: TcpStream, world: &Mutex<World>, script: &Script, seen: &watch::Sender<Vec<i16>>) {
    while let Some(asked) = next(&mut stream, seen).await {
        let act = match script(&asked) {
            Act::AsUsual => as_usual(&asked, &lock(world)),
            act => act,
        };
        match act {
            Act::Send(bytes) => stream.write_all(&bytes).await.expect("the client is there"),
            Act::SendAndClose(bytes) => {
                stream.write_all(&bytes).await.expect("the client is there");
                return;
            }
            Act::Close => return,
            Act::Reset => {
                stream.set_zero_linger().expect("a socket");
                return;
            }
            Act::Silence => pending().await,
            Act::AsUsual => panic!("an ordinary broker would not know request {} either", asked.key),
        }
    }
}

async fn next(stream: &mut TcpStream, seen: &watch::Sender<Vec<i16>>) -> Option<Asked> {
    let length = stream.read_u32().await.ok()?;
    let mut frame = vec![0; length as usize];
    stream.read_exact(&mut frame).await.ok()?;
    let mut body = Bytes::from(frame);
    let mut start = body.clone();
    let (key, version) = (start.get_i16(), start.get_i16());
    let header_version = ApiKey::try_from(key).expect("a known request").request_header_version(version);
    let header = RequestHeader::decode(&mut body, header_version).expect("a whole header");
    seen.send_modify(|seen| seen.push(key));
    let nth = count(&seen.borrow(), key);
    Some(Asked { key, version, correlation: header.correlation_id, nth, body })
}

fn as_usual(asked: &Asked, world: &World) -> Act {
    if asked.key == ApiKey::ApiVersions as i16 {
        asked.answer::<ApiVersionsRequest>(&versions(&world.without))
    } else if asked.key == ApiKey::Metadata as i16 {
        asked.answer::<MetadataRequest>(&metadata(world))
    } else {
        Act::AsUsual
    }
}

/// Every request that the codec knows, in every version, but for `without`.
fn versions(without: &[i16]) -> ApiVersionsResponse {
    let offered = ApiKey::iter().filter(|key| !without.contains(&(*key as i16))).map(|key| {
        let range = key.valid_versions();
        ApiVersion::default().with_api_key(key as i16).with_min_version(range.min).with_max_version(range.max)
    });
    ApiVersionsResponse::default().with_api_keys(offered.collect())
}

/// The cluster without topics.
pub(super) fn metadata(world: &World) -> MetadataResponse {
    let brokers = world.brokers.iter().map(|(id, address)| {
        let (host, port) = address.rsplit_once(':').expect("host:port");
        MetadataResponseBroker::default()
            .with_node_id(BrokerId(*id))
            .with_host(StrBytes::from_string(host.to_owned()))
            .with_port(port.parse().expect("a port"))
    });
    MetadataResponse::default()
        .with_cluster_id(Some(StrBytes::from_string(world.cluster_id.clone())))
        .with_controller_id(BrokerId(world.controller))
        .with_brokers(brokers.collect())
}
