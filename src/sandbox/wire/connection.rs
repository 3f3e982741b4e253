//! One client's connection to one broker: requests are answered in the order in which they came.

use super::call::{Incoming, Unacceptable};
use super::frame;
use crate::sandbox::api::{Answer, Here, answer};
use crate::sandbox::cluster::Process;
use crate::sandbox::fault::Mode;
use crate::sandbox::guise::Guise;
use crate::sandbox::world::World;
use bytes::Bytes;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::time::Instant;

/// What `delay` means where nothing else is said.
const DELAY: Duration = Duration::from_secs(1);

/// Serves until the client closes, or does what a broker closes a connection over; that goes to the log.
pub(super) async fn serve(mut stream: TcpStream, broker: i32, world: Arc<World>) {
    let _contact = world.contact();
    let _ = stream.set_nodelay(true);
    let (mut input, mut output) = stream.split();
    // As long as a connection lasts, its broker is of one release.
    let guise = world.with(|cluster| cluster.guise_of(broker));
    let log = |why: &str| (world.log)(&format!("broker {broker} closed a connection over {why}"));
    loop {
        let frame = match frame::read(&mut input).await {
            Ok(Some(frame)) => frame,
            Err(why) if why.kind() == std::io::ErrorKind::InvalidData => return log(&why.to_string()),
            Ok(None) | Err(_) => return,
        };
        let reply = match reply_to(&frame, broker, guise, &world, &mut input).await {
            Ok(Some(reply)) => reply,
            Ok(None) => return,
            Err(Unacceptable(why)) => return log(&why),
        };
        if !reply.is_empty() && frame::write(&mut output, &reply).await.is_err() {
            return;
        }
    }
}

/// The reply frame, empty where none is wanted; nothing where the connection shall close.
async fn reply_to(
    frame: &Bytes,
    broker: i32,
    guise: Guise,
    world: &World,
    input: &mut (impl AsyncReadExt + Unpin),
) -> Result<Option<Bytes>, Unacceptable> {
    let incoming = Incoming::read(frame, guise)?;
    let fault = match &incoming {
        Incoming::Call(call) => world.take_fault(call.api, broker),
        Incoming::VersionsUnknown(_) => None,
    };
    match fault.as_ref().map(|fault| fault.mode) {
        Some(Mode::LoseRequest) => return Ok(None),
        Some(Mode::Hang) => {
            let _ = tokio::io::copy(input, &mut tokio::io::sink()).await;
            return Ok(None);
        }
        Some(Mode::Delay) => {
            let asked = fault.as_ref().and_then(|fault| fault.milliseconds);
            tokio::time::sleep(asked.map_or(DELAY, Duration::from_millis)).await;
        }
        Some(Mode::LoseReply) | None => {}
    }
    let reply = answered(&incoming, broker, world).await?;
    Ok(reply.filter(|_| fault.is_none_or(|fault| fault.mode != Mode::LoseReply)))
}

/// Answers, a fetch perhaps only after something was written, and a member of a group when the others are there. Nothing where the broker is dead by now.
async fn answered(incoming: &Incoming, broker: i32, world: &World) -> Result<Option<Bytes>, Unacceptable> {
    let (mut deadline, request) = (None, world.next_request());
    loop {
        let changed = world.changed.notified();
        tokio::pin!(changed);
        changed.as_mut().enable();
        let answer = world.with(|cluster| match cluster.process(broker) {
            Process::Down => None,
            // What comes meanwhile is not lost: a broker that goes on answers, and does, all that its sockets have taken.
            Process::Paused(_) => Some(Ok(Answer::NotYet)),
            Process::Up => Some(answer(incoming, &mut Here::new(cluster, broker, request))),
        });
        match answer.transpose()? {
            None => return Ok(None),
            Some(Answer::Reply(reply)) => {
                world.changed.notify_waiters();
                return Ok(Some(reply));
            }
            Some(Answer::Nothing) => {
                world.changed.notify_waiters();
                return Ok(Some(Bytes::new()));
            }
            Some(Answer::NotYet) => changed.await,
            Some(Answer::Early(reply, wait)) => {
                let deadline = *deadline.get_or_insert_with(|| Instant::now() + wait);
                if Instant::now() >= deadline {
                    return Ok(Some(reply));
                }
                tokio::select! {
                    () = &mut changed => {}
                    () = tokio::time::sleep_until(deadline) => {}
                }
            }
        }
    }
}
