//! The brokers' listeners. A broker keeps its port while it is dead.

use super::connection;
use crate::sandbox::world::World;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::io::Result;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::{Mutex, oneshot};
use tokio::task::{JoinHandle, JoinSet};

/// A port of the loopback address that is bound, so that nobody else gets it, and on which nobody listens.
pub(crate) struct Reserved {
    pub(crate) port: u16,
    _socket: TcpSocket,
}

struct Front {
    reserved: Reserved,
    running: Option<(oneshot::Sender<()>, JoinHandle<()>)>,
}

pub(crate) struct Listeners {
    world: Arc<World>,
    fronts: Mutex<BTreeMap<i32, Front>>,
}

/// Reserves a port for each of the brokers.
pub(crate) fn reserve(brokers: impl Iterator<Item = i32>) -> Result<BTreeMap<i32, Reserved>> {
    brokers
        .map(|id| {
            let socket = bound(0)?;
            let port = socket.local_addr()?.port();
            Ok((id, Reserved { port, _socket: socket }))
        })
        .collect()
}

/// Sockets of one port that all allow its reuse get on as long as only one of them listens.
fn bound(port: u16) -> Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))?;
    Ok(socket)
}

impl Listeners {
    pub(crate) fn new(world: Arc<World>, reserved: BTreeMap<i32, Reserved>) -> Self {
        let fronts = reserved.into_iter().map(|(id, reserved)| (id, Front { reserved, running: None })).collect();
        Self { world, fronts: Mutex::new(fronts) }
    }

    /// Listens for a broker, if it does not already: on its own port; a new one has none before and gets this.
    pub(crate) async fn open(&self, broker: i32, port: u16) -> Result<()> {
        let mut fronts = self.fronts.lock().await;
        if let Entry::Vacant(place) = fronts.entry(broker) {
            let reserved = Reserved { port, _socket: bound(port)? };
            // Whether somebody listens there shows only when one tries.
            drop(bound(port)?.listen(1)?);
            place.insert(Front { reserved, running: None });
        }
        if let Some(front) = fronts.get_mut(&broker).filter(|front| front.running.is_none()) {
            let listener = bound(front.reserved.port)?.listen(1024)?;
            let (stop, stopped) = oneshot::channel();
            let task = tokio::spawn(accept(listener, broker, Arc::clone(&self.world), stopped));
            front.running = Some((stop, task));
        }
        Ok(())
    }

    /// Closes a broker's listener and all of its connections; they are closed when this returns.
    pub(crate) async fn close(&self, broker: i32) {
        let running = self.fronts.lock().await.get_mut(&broker).and_then(|front| front.running.take());
        if let Some((stop, task)) = running {
            let _ = stop.send(());
            let _ = task.await;
        }
    }
}

async fn accept(listener: TcpListener, broker: i32, world: Arc<World>, mut stopped: oneshot::Receiver<()>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            _ = &mut stopped => break,
            accepted = listener.accept() => {
                if let Ok((stream, _)) = accepted {
                    connections.spawn(connection::serve(stream, broker, Arc::clone(&world)));
                } else {
                    // Out of file descriptors, for instance: others must be able to close theirs first.
                    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
                }
            }
            Some(_) = connections.join_next() => {}
        }
    }
    drop(listener);
    connections.shutdown().await;
}
