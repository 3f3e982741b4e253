//! What stands before a broker: TLS, or a plaintext listener that closes on what is no frame, as Kafka's does.

use openssl::ssl::{Ssl, SslAcceptor};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::{copy, copy_bidirectional, sink};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_openssl::SslStream;

pub(super) struct Front {
    pub(super) address: String,
    connections: Arc<AtomicUsize>,
    _accepting: JoinSet<()>,
}

impl Front {
    pub(super) async fn tls(acceptor: SslAcceptor, behind: &str) -> Self {
        let acceptor = Arc::new(acceptor);
        Self::start(behind, move |stream, behind| {
            let acceptor = Arc::clone(&acceptor);
            async move {
                let ssl = Ssl::new(acceptor.context()).expect("a session");
                let mut stream = SslStream::new(ssl, stream).expect("a session");
                if Pin::new(&mut stream).accept().await.is_ok() {
                    let mut broker = TcpStream::connect(behind).await.expect("the broker is there");
                    let _ = copy_bidirectional(&mut stream, &mut broker).await;
                } else {
                    // The client tells of it. A close over unread bytes would reset the connection, and the alert with it:
                    // Kafka waits a moment here too.
                    let _ = timeout(Duration::from_millis(100), copy(stream.get_mut(), &mut sink())).await;
                }
            }
        })
        .await
    }

    /// Closes where the first four bytes are no length of a frame.
    pub(super) async fn plaintext(behind: &str) -> Self {
        Self::start(behind, |mut stream, behind| async move {
            let mut length = [0; 4];
            while stream.peek(&mut length).await.is_ok_and(|found| (1..4).contains(&found)) {
                tokio::task::yield_now().await;
            }
            if u32::from_be_bytes(length) < 100 << 20 {
                let mut broker = TcpStream::connect(behind).await.expect("the broker is there");
                let _ = copy_bidirectional(&mut stream, &mut broker).await;
            }
        })
        .await
    }

    async fn start<F>(behind: &str, serve: impl Fn(TcpStream, String) -> F + Send + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        let connections = Arc::new(AtomicUsize::new(0));
        let (behind, count) = (behind.to_owned(), Arc::clone(&connections));
        let mut accepting = JoinSet::new();
        accepting.spawn(async move {
            let mut serving = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::Relaxed);
                serving.spawn(serve(stream, behind.clone()));
            }
        });
        Self { address, connections, _accepting: accepting }
    }

    /// How many there were.
    pub(super) fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }
}
