//! A network that can be cut: a proxy in front of one listener of one broker.
//!
//! While it is cut, nothing is forwarded in either direction, and nothing is closed: what was sent arrives when the network
//! is back, as by TCP's own repetition. One thing differs from a cable: the machine itself still accepts connections, so a
//! client's wait for its connection becomes a wait for its first answer.

use super::node::free_listener;
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const LOOK_AGAIN: Duration = Duration::from_millis(20);

pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    network: Arc<Network>,
}

#[derive(Default)]
struct Network {
    is_cut: AtomicBool,
    is_over: AtomicBool,
}

impl Proxy {
    pub(crate) fn start(id: i32, behind: SocketAddr) -> Self {
        let listener = free_listener(id);
        let address = listener.local_addr().expect("a bound listener has an address");
        let network = Arc::new(Network::default());
        let of_all = Arc::clone(&network);
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                of_all.wait_whole();
                if of_all.is_over.load(Ordering::Relaxed) {
                    return;
                }
                // A broker that is not there refuses: so does its proxy, as far as it can.
                let Ok(broker) = TcpStream::connect(behind) else { continue };
                of_all.forward(&client, &broker);
                of_all.forward(&broker, &client);
            }
        });
        Self { address, network }
    }

    pub(crate) fn cut(&self) {
        self.network.is_cut.store(true, Ordering::Relaxed);
    }

    pub(crate) fn mend(&self) {
        self.network.is_cut.store(false, Ordering::Relaxed);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.network.is_over.store(true, Ordering::Relaxed);
        // Wakes the thread that accepts; an error says that it is gone.
        drop(TcpStream::connect(self.address));
    }
}

impl Network {
    fn wait_whole(&self) {
        while self.is_cut.load(Ordering::Relaxed) && !self.is_over.load(Ordering::Relaxed) {
            std::thread::sleep(LOOK_AGAIN);
        }
    }

    /// One direction, on a thread of its own.
    fn forward(self: &Arc<Self>, from: &TcpStream, to: &TcpStream) {
        let clone = |stream: &TcpStream| stream.try_clone().expect("a socket is cloned");
        let (mut from, mut to, network) = (clone(from), clone(to), Arc::clone(self));
        from.set_read_timeout(Some(Duration::from_millis(200))).expect("a timeout that is not zero");
        std::thread::spawn(move || {
            let mut bytes = [0; 16 * 1024];
            while !network.is_over.load(Ordering::Relaxed) {
                let read = match from.read(&mut bytes) {
                    Ok(0) => break,
                    Ok(read) => read,
                    Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => continue,
                    Err(_) => break,
                };
                network.wait_whole();
                if to.write_all(&bytes[..read]).is_err() {
                    break;
                }
            }
            network.wait_whole();
            // Errors say that the connection is closed.
            let _ = to.shutdown(std::net::Shutdown::Both);
            let _ = from.shutdown(std::net::Shutdown::Both);
        });
    }
}
