//! The sandbox's end of the control port.

use super::{Command, Reply};
use crate::error::Error;
use crate::sandbox::cluster::Cluster;
use crate::sandbox::guise::Guise;
use crate::sandbox::state_file::Running;
use crate::sandbox::unit::Units;
use crate::sandbox::wire::listeners::Listeners;
use crate::sandbox::wire::versions::{api_named, offers};
use crate::sandbox::world::World;
use serde::Serialize;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

/// Bytes of the longest command.
const LONGEST: u64 = 64 * 1024;

/// What the commands work on.
pub(in crate::sandbox) struct Controlled {
    pub(in crate::sandbox) world: Arc<World>,
    pub(in crate::sandbox) listeners: Listeners,
    pub(in crate::sandbox) units: Units,
    pub(in crate::sandbox) running: Running,
    /// Told when the process shall end.
    pub(in crate::sandbox) stop: Notify,
}

pub(in crate::sandbox) async fn serve(listener: TcpListener, controlled: Arc<Controlled>) {
    loop {
        if let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(converse(stream, Arc::clone(&controlled)));
        }
    }
}

/// Answers line after line until the client closes or says something that is too long.
async fn converse(mut stream: TcpStream, controlled: Arc<Controlled>) {
    let _contact = controlled.world.contact();
    let (input, mut output) = stream.split();
    let mut input = BufReader::new(input);
    loop {
        let mut line = Vec::new();
        match (&mut input).take(LONGEST).read_until(b'\n', &mut line).await {
            Ok(_) if line.last() == Some(&b'\n') => {}
            _ => return,
        }
        let command = serde_json::from_slice(&line);
        let stops = matches!(command, Ok(Command::Stop));
        let reply = match command {
            Ok(command) => obey(command, &controlled).await,
            Err(why) => Err(Error::new("SANDBOX_COMMAND_UNKNOWN", format!("not a command of a sandbox: {why}"))),
        };
        let reply = reply.map_or_else(Reply::Error, Reply::Ok);
        let mut text = serde_json::to_vec(&reply).unwrap_or_default();
        text.push(b'\n');
        let written = output.write_all(&text).await;
        if stops {
            controlled.stop.notify_one();
        }
        if written.is_err() {
            return;
        }
    }
}

async fn obey(command: Command, controlled: &Controlled) -> Result<Value, Error> {
    let world = &controlled.world;
    match command {
        Command::Ping => value(&controlled.running),
        Command::KillBroker { id } => {
            check_broker(world, id)?;
            world.with(|cluster| cluster.kill_broker(id));
            controlled.listeners.close(id).await;
            controlled.units.killed(id).await;
            value(&())
        }
        Command::StartBroker { id } => {
            check_broker(world, id)?;
            value(&controlled.units.start_broker(id, world, &controlled.listeners).await?)
        }
        Command::PauseBroker { id } => at_broker(world, id, |cluster| _ = cluster.pause_broker(id)),
        Command::ResumeBroker { id } => at_broker(world, id, |cluster| _ = cluster.resume_broker(id)),
        Command::FreezeMetadata { id } => at_broker(world, id, |cluster| cluster.freeze_metadata(id)),
        Command::ThawMetadata { id } => at_broker(world, id, |cluster| cluster.thaw_metadata(id)),
        Command::SetDiskSize { id, bytes } => at_broker(world, id, |cluster| cluster.set_disk_size(id, bytes)),
        Command::SetSessionTimeout { milliseconds } => {
            world.with(|cluster| cluster.session_timeout = Duration::from_millis(milliseconds));
            value(&())
        }
        Command::MoveController => value(&world.with(Cluster::move_controller)),
        Command::SetInbound { topic, rate } => value(&world.with(|cluster| cluster.set_inbound(&topic, rate))?),
        Command::CloseConfigs { is } => {
            world.with(|cluster| cluster.configs.is_closed = is);
            value(&())
        }
        Command::SetCopyRate { rate } => {
            world.with(|cluster| cluster.copy_rate = rate);
            value(&())
        }
        Command::Service { id, .. }
        | Command::StartService { id, .. }
        | Command::StopService { id, .. }
        | Command::ReloadUnits { id }
        | Command::Process { id, .. }
        | Command::HostDisk { id }
        | Command::HostFault { id, .. } => {
            // A host may have no broker yet.
            if !controlled.units.has(id).await {
                check_broker(world, id)?;
            }
            on_host(command, controlled).await
        }
        Command::Counters => value(&world.with(|cluster| cluster.counters.clone())),
        Command::Dump => Ok(world.with(|cluster| cluster.dump())),
        Command::Fault(fault) => {
            if let Some(id) = fault.broker {
                check_broker(world, id)?;
            }
            let guises: Vec<Guise> = world.with(|cluster| cluster.brokers.values().map(|one| one.guise).collect());
            if !guises.iter().any(|guise| api_named(*guise, &fault.api).is_some()) {
                let known: Vec<String> = guises
                    .first()
                    .into_iter()
                    .flat_map(|guise| offers(*guise))
                    .map(|(api, _, _)| format!("{api:?}"))
                    .collect();
                let message = format!("the sandbox offers no API {}", fault.api);
                return Err(Error::new("SANDBOX_NO_SUCH_API", message).hint(format!("one of {}", known.join(", "))));
            }
            world.add_fault(fault);
            value(&())
        }
        Command::Stop => value(&()),
    }
}

/// What is asked of the host of a broker that there is.
async fn on_host(command: Command, controlled: &Controlled) -> Result<Value, Error> {
    let Controlled { world, listeners, units, .. } = controlled;
    match command {
        Command::Service { id, unit } => value(&units.service(id, &unit).await),
        Command::StartService { id, unit } => value(&units.start(id, &unit, world, listeners).await?),
        Command::StopService { id, unit } => value(&units.stop(id, &unit, world, listeners).await?),
        Command::ReloadUnits { id } => value(&units.reload(id).await),
        Command::Process { id, pid } => value(&units.process(id, pid).await?),
        Command::HostDisk { id } => value(&units.disk(id, world).await),
        Command::HostFault { id, fault } => value(&units.fault(id, fault).await),
        _ => value(&()),
    }
}

fn at_broker(world: &World, id: i32, work: impl FnOnce(&mut Cluster)) -> Result<Value, Error> {
    check_broker(world, id)?;
    world.with(work);
    world.changed.notify_waiters();
    value(&())
}

fn check_broker(world: &World, id: i32) -> Result<(), Error> {
    let ids: Vec<i32> = world.with(|cluster| cluster.brokers.keys().copied().collect());
    if ids.contains(&id) {
        return Ok(());
    }
    let message = format!("the sandbox has no broker {id}");
    Err(Error::new("SANDBOX_NO_SUCH_BROKER", message).hint(format!("its brokers are {ids:?}")))
}

fn value(it: &impl Serialize) -> Result<Value, Error> {
    serde_json::to_value(it).map_err(|why| Error::new("SANDBOX_REPLY_FAILED", why.to_string()))
}
