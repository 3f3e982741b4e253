//! Sessions of a real broker that end after seconds (KIP-368): krun renews them on the connection that it has.

use krun::kafka::security::Security;
use krun::kafka::{Client, Deadlines, cluster};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::net::{TcpListener, TcpStream};

/// Asks for so long without a pause, and once after a pause of the same length. All goes over one connection.
pub(super) fn outlast(broker: &str, security: &Security, wait: Duration) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.expect("a runtime").block_on(async {
        let (address, connections) = counted(broker.to_owned()).await;
        let client = Client::secured(&[address], security, Deadlines::default()).await.expect("let in");
        let begun = Instant::now();
        while begun.elapsed() < wait {
            cluster::describe(&client).await.expect("the session does not end");
        }
        tokio::time::sleep(wait).await;
        cluster::describe(&client).await.expect("the session has been renewed");
        assert_eq!(connections.load(Ordering::Relaxed), 1, "connections for {:?}", begun.elapsed());
    });
}

/// An address in front of a broker, and how many connections it had.
async fn counted(broker: String) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    let connections = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&connections);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            count.fetch_add(1, Ordering::Relaxed);
            let mut behind = TcpStream::connect(&broker).await.expect("the broker is there");
            tokio::spawn(async move {
                let _ = tokio::io::copy_bidirectional(&mut stream, &mut behind).await;
            });
        }
    });
    (address, connections)
}
