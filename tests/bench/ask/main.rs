//! `krun -e` and Kafka's own `kafka-topics --describe`, asked the same about 1,000 partitions: `cargo bench --bench ask`.
//!
//! ```text
//! answer    what each said, and that it is the same
//! table     the medians, and how many times as much the other needs
//! ```
//!
//! Both ask the built-in sandbox, in turns, so that what else the machine does meets both. Both ask for partitions and for
//! what is set on the topics. Java gets the flags of `kafka-run-class.sh`; the shell that it is written in is not counted.
//! It ends with 1 where a goal is missed.

mod answer;
#[path = "../../support/jars.rs"]
mod jars;
#[path = "../measured.rs"]
mod measured;
mod table;

use answer::Partition;
use clap::Parser;
use jars::Kafka;
use krun::sandbox::{self, Data, Options as Sandbox};
use measured::{Cost, Ran};
use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::Duration;

const KRUN: &str = env!("CARGO_BIN_EXE_krun");
const TOPICS: usize = 20;
const PARTITIONS: usize = 50;
const DEADLINE: Duration = Duration::from_mins(2);

const QUESTION: &str = "let set = #{};
for name in cluster.topic_names() { set[name] = cluster.configs(\"topic\", name).keys(); }
#{ set: set, partitions: cluster.partitions() }";

/// What `kafka-run-class.sh` gives to a tool.
const JVM: [&str; 8] = [
    "-Xmx256M",
    "-server",
    "-XX:+UseG1GC",
    "-XX:MaxGCPauseMillis=20",
    "-XX:InitiatingHeapOccupancyPercent=35",
    "-XX:+ExplicitGCInvokesConcurrent",
    "-XX:MaxInlineLevel=15",
    "-Djava.awt.headless=true",
];

/// A question to a cluster measured beside Kafka's own tool
#[derive(Debug, Parser)]
struct Options {
    /// How often each of the two is asked; the medians count
    #[arg(long, default_value_t = 9, value_parser = clap::value_parser!(u32).range(1..))]
    times: u32,
    /// Given by cargo
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next().is_some_and(|first| first == measured::MEASURE) {
        return measured::measure(arguments);
    }
    let options = Options::parse();
    if !options.bench {
        println!("nothing is measured here; the table is made by `cargo bench --bench ask`");
        return ExitCode::SUCCESS;
    }
    match compared(&options) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn compared(options: &Options) -> Result<bool, String> {
    let kafka = Kafka::resolve().map_err(|missing| format!("NO KAFKA HERE: {missing}"))?;
    let scratch = tempfile::tempdir().map_err(|error| format!("no scratch folder: {error}"))?;
    let folder = scratch.path().join("sandbox");
    let cluster = Sandbox { data: Data::None, new: 0, ..Sandbox::default() };
    let running = sandbox::start(Path::new(KRUN), &folder, &cluster).map_err(|error| error.to_string())?;
    let told = create_topics(scratch.path()).and_then(|()| {
        let bootstrap = running.bootstrap.join(",");
        turns(options.times, &question(scratch.path()), &described(&kafka, &bootstrap))
    });
    sandbox::stop(&folder).map_err(|error| error.to_string())?;
    let (krun, apache) = told?;
    print!("{}", table::of(&krun, &apache, jars::VERSION));
    Ok(table::is_reached(&krun, &apache))
}

fn krun(state: &Path) -> Command {
    let mut krun = Command::new(KRUN);
    krun.args(["--cluster", "sandbox", "--state"]).arg(state);
    krun
}

fn create_topics(state: &Path) -> Result<(), String> {
    let lines = format!(
        ":rw\nfor n in 0..{TOPICS} {{ cluster.create_topic(`topic-${{n}}`, #{{ partitions: {PARTITIONS}, replication: 3, configs: #{{ \"retention.ms\": 3600000 }} }}); }}\n"
    );
    let mut child = krun(state)
        .arg("repl")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("krun does not start: {error}"))?;
    let written = child.stdin.take().map(|mut stdin| stdin.write_all(lines.as_bytes()));
    let ended = child.wait_with_output().map_err(|error| error.to_string())?;
    match written {
        Some(Ok(())) if ended.status.success() => Ok(()),
        _ => Err(format!("no topics: {}", String::from_utf8_lossy(&ended.stderr))),
    }
}

fn question(state: &Path) -> Command {
    let mut command = krun(state);
    command.args(["-e", QUESTION]);
    command
}

fn described(kafka: &Kafka, bootstrap: &str) -> Command {
    let mut command = kafka.command(&JVM);
    command.args(["org.apache.kafka.tools.TopicCommand", "--describe", "--bootstrap-server", bootstrap]);
    command
}

/// What the two cost, in turns. The first turn only warms the machine up.
fn turns(times: u32, krun: &Command, apache: &Command) -> Result<(Vec<Cost>, Vec<Cost>), String> {
    let (mut costs, mut apaches) = (Vec::new(), Vec::new());
    for turn in 0..=times {
        eprintln!("turn {turn} of {times}");
        let ask = |command: &Command, read: fn(&str) -> BTreeSet<Partition>| -> Result<Cost, String> {
            let Ran { out, said, cost } = measured::run(command, DEADLINE)?;
            let found = read(&String::from_utf8_lossy(&out)).len();
            let whole = found == TOPICS * PARTITIONS;
            if whole { Ok(cost) } else { Err(format!("{found} partitions were told: {said}")) }
        };
        // Neither is always the one that finds the sandbox just asked.
        let (one, other) = if turn % 2 == 0 {
            let one = ask(krun, answer::of_krun)?;
            (one, ask(apache, answer::of_kafka)?)
        } else {
            let other = ask(apache, answer::of_kafka)?;
            (ask(krun, answer::of_krun)?, other)
        };
        if turn > 0 {
            costs.push(one);
            apaches.push(other);
        }
    }
    answer::same(&measured::run(krun, DEADLINE)?.out, &measured::run(apache, DEADLINE)?.out)?;
    Ok((costs, apaches))
}
