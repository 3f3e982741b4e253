//! The sandbox's own process.

use super::cluster::Cluster;
use super::control::server::{self, Controlled};
use super::launch::{folder_unusable, serve_lock};
use super::options::Options;
use super::seed;
use super::state_file::{self, FORMAT, Running};
use super::unit::Units;
use super::wire::listeners::{Listeners, reserve};
use super::world::{Log, World};
use crate::error::Error;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Notify;

/// How often replicas are copied while nobody asks.
const TICK: Duration = Duration::from_millis(20);

/// Runs a sandbox in this process until it is told to stop, gets SIGTERM, or has been idle for too long.
///
/// `starter` is the process that waits for it. Where that has died already, somebody else may have started a sandbox and
/// stopped it meanwhile, so this one does not begin.
pub fn serve(dir: &Path, options: &Options, starter: Option<u32>, log: Log) -> Result<(), Error> {
    options.check()?;
    if starter.is_some_and(|starter| !is_parent(starter)) {
        return Err(Error::new("SANDBOX_UNWANTED", "the process that started this sandbox has ended"));
    }
    // A session of its own: no Ctrl-C of the terminal and no hang-up reaches it. Refused only where it leads one already.
    let _ = rustix::process::setsid();
    serve_until(
        dir,
        options,
        log,
        |_| (),
        || {
            let terminated = signal(SignalKind::terminate());
            let mut terminated = terminated
                .map_err(|why| Error::new("SANDBOX_FAILED", format!("the sandbox cannot listen for SIGTERM: {why}")))?;
            Ok(async move {
                terminated.recv().await;
            })
        },
    )
}

/// The same on this thread, until what `until` makes is over as well. `ready` is told where it runs, once it does.
pub(super) fn serve_until<F: Future<Output = ()>>(
    dir: &Path,
    options: &Options,
    log: Log,
    ready: impl FnOnce(&Running),
    until: impl FnOnce() -> Result<F, Error>,
) -> Result<(), Error> {
    std::fs::create_dir_all(dir).map_err(|why| folder_unusable(dir, &why))?;
    let lock = serve_lock(dir)?;
    if lock.try_lock().is_err() {
        let message = format!("another sandbox runs in {}", dir.display());
        return Err(Error::new("SANDBOX_RUNS_ALREADY", message).hint("stop it first, with krun sandbox stop"));
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|why| Error::new("SANDBOX_FAILED", format!("the sandbox's runtime cannot be built: {why}")))?;
    runtime.block_on(run(dir, options, log, ready, until))
}

fn is_parent(pid: u32) -> bool {
    rustix::process::getppid().is_some_and(|parent| u32::try_from(parent.as_raw_nonzero().get()) == Ok(pid))
}

async fn run<F: Future<Output = ()>>(
    dir: &Path,
    options: &Options,
    log: Log,
    ready: impl FnOnce(&Running),
    until: impl FnOnce() -> Result<F, Error>,
) -> Result<(), Error> {
    let cannot_listen = |why: std::io::Error| {
        Error::new("SANDBOX_CANNOT_LISTEN", format!("the sandbox cannot listen on the loopback address: {why}"))
    };
    let brokers = options.brokers();
    let reserved = reserve(brokers.keys().copied()).map_err(cannot_listen)?;
    let ports: BTreeMap<i32, u16> = reserved.iter().map(|(&id, reserved)| (id, reserved.port)).collect();
    let mut cluster = Cluster::new(cluster_id(), &ports, options.copy_rate, options.guise);
    cluster.set_racks(brokers);
    match &options.twin {
        Some(twin) => twin.fill(&mut cluster)?,
        None => seed::fill(&mut cluster, options)?,
    }

    let units = Units::furnish(dir, &mut cluster, options)?;
    let control = TcpListener::bind("127.0.0.1:0").await.map_err(cannot_listen)?;
    let running = Running {
        format: FORMAT,
        krun: env!("CARGO_PKG_VERSION").to_owned(),
        pid: std::process::id(),
        cluster_id: cluster.id.clone(),
        bootstrap: ports.values().map(|port| format!("127.0.0.1:{port}")).collect(),
        control: control.local_addr().map_err(cannot_listen)?.to_string(),
        started: jiff::Timestamp::now(),
    };
    let world = Arc::new(World::new(cluster, log));
    let listeners = Listeners::new(Arc::clone(&world), reserved);
    for id in world.with(|cluster| cluster.living()) {
        listeners.open(id, ports.get(&id).copied().unwrap_or(0)).await.map_err(cannot_listen)?;
    }
    let controlled = Arc::new(Controlled {
        world: Arc::clone(&world),
        listeners,
        units,
        running: running.clone(),
        stop: Notify::new(),
    });
    tokio::spawn(server::serve(control, Arc::clone(&controlled)));
    let until = until()?;
    tokio::pin!(until);
    state_file::write(dir, &running)?;
    ready(&running);

    let mut tick = tokio::time::interval(TICK);
    while world.idle() < options.idle {
        tokio::select! {
            _ = tick.tick() => {
                for id in world.with(Cluster::take_halted) {
                    (world.log)(&format!("broker {id} has halted: no space left on its only log dir"));
                    controlled.units.halted(id).await;
                    controlled.listeners.close(id).await;
                }
                world.changed.notify_waiters();
            }
            () = controlled.stop.notified() => break,
            () = &mut until => break,
        }
    }
    state_file::remove(dir, &running);
    Ok(())
}

/// Kafka writes its cluster ids as 16 random bytes in URL-safe base 64, without padding.
fn cluster_id() -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let number = uuid::Uuid::new_v4().as_u128();
    let digit = |place: u32| {
        // 128 bits are 21 digits of six bits and one of two, which is padded on the right.
        let six = if place < 21 { number >> (122 - 6 * place) & 63 } else { (number & 3) << 4 };
        usize::try_from(six).ok().and_then(|six| DIGITS.get(six)).map_or('A', |&digit| char::from(digit))
    };
    (0..22).map(digit).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn cluster_ids_look_like_kafka_s_and_differ() {
        let ids = [super::cluster_id(), super::cluster_id()];
        assert!(
            ids.iter().all(|id| id.len() == 22 && id.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c)))
        );
        assert_ne!(ids[0], ids[1]);
    }
}
