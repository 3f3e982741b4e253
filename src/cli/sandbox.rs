//! `krun sandbox`: start it, stop it, look at it.

use crate::cli::arguments::Shared;
use crate::cli::{Code, Complaint, Done, screen, twin};
use crate::error::Error;
use crate::quantity::{Rate, Size, duration};
use crate::sandbox::{self, Control, Data, Guise, Options, Running};
use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The built-in cluster.
#[derive(Debug, Args)]
pub(super) struct Sandbox {
    #[command(subcommand)]
    verb: Option<Verb>,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Start it, unless it runs
    Start(Made),
    /// Stop it; its cluster is lost
    Stop,
    /// Say whether it runs, and where
    Status,
    #[command(hide = true)]
    Serve {
        #[arg(long)]
        dir: PathBuf,
        /// The process that waits for it
        #[arg(long)]
        starter: Option<u32>,
        #[command(flatten)]
        made: Made,
    },
}

#[derive(Debug, Args)]
struct Made {
    /// Brokers in all
    #[arg(long, default_value_t = 4)]
    brokers: u16,
    /// How many of them are just added and empty
    #[arg(long, default_value_t = 1)]
    new: u16,
    /// Hosts besides, with nothing of a broker on them
    #[arg(long, default_value_t = 0)]
    bare_hosts: u16,
    /// How fast a broker takes in replicas, such as 20MB/s
    #[arg(long, default_value = "20MB", value_parser = rate)]
    copy_rate: u64,
    /// What the topics hold
    #[arg(long, value_enum, default_value_t = DataName::Demo)]
    data: DataName,
    /// The brokers' racks in turn, such as a,b,c
    #[arg(long, value_delimiter = ',')]
    racks: Vec<String>,
    /// The cluster of a state file instead: its brokers, replicas and sizes, without records
    #[arg(long, value_name = "STATE_FILE", conflicts_with_all = ["brokers", "new", "data", "racks"])]
    twin: Option<PathBuf>,
    /// Which Kafka its brokers pass for, from 2.1 to 4.4
    #[arg(long, default_value_t)]
    kafka: Guise,
    #[arg(long, help = "With ZooKeeper instead of KRaft; before 3.3 that is so anyhow")]
    zookeeper: bool,
    /// How often brokers look for segments that retention has done with; their files go a fifth of that later
    #[arg(long, default_value = "5s", value_parser = duration::parse)]
    clean_every: Duration,
    /// End after so long without a client
    #[arg(long, default_value = "30m", value_parser = duration::parse)]
    idle: Duration,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum DataName {
    /// Several hundred MB in five topics
    Demo,
    /// A few KB in the same topics
    Tiny,
    /// Topics of hundreds of GB, for a data diet; take a --copy-rate such as 50GB
    Large,
    /// No topics
    None,
}

impl Made {
    fn options(self) -> Result<Options, Complaint> {
        let made = self;
        let data = match made.data {
            DataName::Demo => Data::Demo,
            DataName::Tiny => Data::Tiny,
            DataName::Large => Data::Large,
            DataName::None => Data::None,
        };
        let guise = if made.zookeeper { made.kafka.with_zookeeper()? } else { made.kafka };
        let twin = made.twin.map(|file| twin::read(&file)).transpose()?;
        Ok(Options {
            brokers: made.brokers,
            new: made.new,
            bare_hosts: made.bare_hosts,
            copy_rate: made.copy_rate,
            data,
            racks: made.racks,
            twin,
            guise,
            clean_every: made.clean_every,
            idle: made.idle,
        })
    }
}

impl Sandbox {
    /// The sandbox lives in `sandbox` below the state folder.
    pub(super) fn run(self, shared: &Shared) -> Done {
        let dir = shared.root()?.sandbox();
        match self.verb.unwrap_or(Verb::Status) {
            Verb::Serve { dir, starter, made } => sandbox::serve(&dir, &made.options()?, starter, log)?,
            Verb::Start(made) => describe(shared, &start(&dir, &made.options()?)?)?,
            Verb::Stop => {
                let was = sandbox::stop(&dir)?;
                say(shared, &json!({ "stopped": was }), if was { "stopped" } else { "no sandbox was running" });
            }
            Verb::Status => match sandbox::find(&dir)? {
                Some(running) => describe(shared, &running)?,
                None => say(shared, &json!({ "running": false }), "no sandbox is running"),
            },
        }
        Ok(Code::DONE)
    }
}

fn start(dir: &Path, options: &Options) -> Result<Running, Error> {
    let program = std::env::current_exe()
        .map_err(|why| Error::new("SANDBOX_FAILED", format!("krun's own program is not found: {why}")))?;
    options.check()?;
    sandbox::start(&program, dir, options)
}

fn describe(shared: &Shared, running: &Running) -> Result<(), Error> {
    let dump = Control::new(&running.control).dump()?;
    let count = |name: &str| dump.get(name).and_then(|it| it.as_object()).map_or(0, serde_json::Map::len);
    let text = format!(
        "running as process {} since {}\ncluster    {} with {} brokers and {} topics\nbootstrap  {}",
        running.pid,
        running.started.strftime("%Y-%m-%d %H:%M:%S UTC"),
        running.cluster_id,
        count("brokers"),
        count("topics"),
        running.bootstrap.join(",")
    );
    let about = serde_json::to_value(running).unwrap_or_default();
    say(shared, &about, &text);
    Ok(())
}

/// The sandbox's own process has its log there.
#[expect(clippy::print_stderr, reason = "the log of the sandbox's own process")]
fn log(text: &str) {
    eprintln!("{text}");
}

fn say(shared: &Shared, object: &Value, text: &str) {
    if shared.json { screen::json_line(object) } else { screen::line(text) }
}

/// Bytes per second, with or without the `/s`.
fn rate(text: &str) -> Result<u64, Error> {
    text.parse::<Rate>().map(Rate::bytes_per_second).or_else(|error| match text.parse::<Size>() {
        Ok(size) => Ok(size.bytes()),
        Err(_) => Err(error),
    })
}
