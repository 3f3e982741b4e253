//! `krun hosts` on 50 hosts, beside a shell loop of `ssh` and Ansible's fact gathering: `cargo bench --bench facts`.
//!
//! The hosts are 50 names of one OpenSSH server on loopback, so that all three pay for 50 connections and nobody for the network. In
//! turns, so that what else the machine does meets all. The loop asks for what an operator would look at by hand. Ansible is asked
//! with pipelining, its fast way, and as many hosts at a time as krun; where it is not on the PATH (or named by `KRUN_ANSIBLE`) that is said.

#[path = "../measured.rs"]
mod measured;
#[expect(dead_code, reason = "the tests need more of the server")]
#[path = "../../host/sshd.rs"]
mod sshd;

use clap::Parser;
use krun::sandbox::{self, Data, Options as Sandbox};
use measured::Cost;
use sshd::Sshd;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Duration;

/// What `sshd` needs of the tests.
mod support {
    pub(crate) fn pass_over(why: &str) {
        eprintln!("{why}");
    }
}

const KRUN: &str = env!("CARGO_BIN_EXE_krun");
const HOSTS: usize = 50;
/// So many does krun ask at a time.
const AT_ONCE: &str = "8";
const DEADLINE: Duration = Duration::from_mins(5);

const LOOK: &str = "id -un; systemctl show kafka-server -p MainPID,ActiveState 2>&1; readlink ROOT/kafka; ls -d ROOT/kafka_*; \
    ls ROOT/kafka/libs/kafka_*.jar; cat ROOT/kafka/config/server.properties; df -P ROOT; java -version 2>&1; date +%s; echo end";

/// Facts of 50 hosts over SSH, measured beside a shell loop and Ansible
#[derive(Debug, Parser)]
struct Options {
    /// How often each is asked; the medians count
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    times: u32,
    /// Given by cargo
    #[arg(long, hide = true)]
    bench: bool,
}

/// One way to ask all hosts, and what its answer must have of each.
struct Way {
    name: &'static str,
    command: Command,
    sign: &'static str,
    costs: Vec<Cost>,
}

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next().is_some_and(|first| first == measured::MEASURE) {
        return measured::measure(arguments);
    }
    let options = Options::parse();
    if !options.bench {
        println!("nothing is measured here; the table is made by `cargo bench --bench facts`");
        return ExitCode::SUCCESS;
    }
    match compared(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn compared(options: &Options) -> Result<(), String> {
    if !sshd::is_here() {
        return Err("nothing to measure with".to_owned());
    }
    let scratch = tempfile::tempdir().map_err(|error| format!("no scratch folder: {error}"))?;
    let server = Sshd::with(&["ed25519"], "Subsystem sftp internal-sftp");
    let root = scratch.path().join("root");
    furnish(&root).map_err(|error| error.to_string())?;
    name_all(&server).map_err(|error| error.to_string())?;
    let state = scratch.path().join("state");
    let folder = state.join("sandbox");
    let cluster = Sandbox { data: Data::None, ..Sandbox::default() };
    let running = sandbox::start(Path::new(KRUN), &folder, &cluster).map_err(|error| error.to_string())?;
    let mut ways = vec![by_krun(scratch.path(), &state, &running.bootstrap, &server, &root)?, by_loop(&server, &root)];
    match ansible() {
        Some(program) => ways.push(by_ansible(&program, scratch.path(), &server)?),
        None => println!("NO ANSIBLE HERE: `ansible` is not on the PATH, and KRUN_ANSIBLE names none"),
    }
    let told = turns(options.times, &mut ways);
    sandbox::stop(&folder).map_err(|error| error.to_string())?;
    told?;
    print!("{}", table(&ways));
    Ok(())
}

fn furnish(root: &Path) -> std::io::Result<()> {
    let version = root.join("kafka_2.12-2.1.1");
    fs::create_dir_all(version.join("libs"))?;
    fs::create_dir_all(version.join("config"))?;
    fs::write(version.join("libs/kafka_2.12-2.1.1.jar"), "")?;
    fs::write(version.join("config/server.properties"), format!("broker.id=1\nlog.dirs={}\n", root.display()))?;
    std::os::unix::fs::symlink("kafka_2.12-2.1.1", root.join("kafka"))
}

/// `host1` to `host50`, all of them the one server.
fn name_all(server: &Sshd) -> std::io::Result<()> {
    let path = server.path("config");
    let names: Vec<String> = (1..=HOSTS).map(|id| format!("host{id}")).collect();
    let text = fs::read_to_string(&path)?.replace("Host there", &format!("Host {}", names.join(" ")));
    fs::write(path, text)
}

fn by_krun(scratch: &Path, state: &Path, bootstrap: &[String], server: &Sshd, root: &Path) -> Result<Way, String> {
    let mut text = format!(
        "[clusters.many]\nbootstrap_servers = {bootstrap:?}\n\n[clusters.many.hosts]\nsudo = false\n\
         ssh_config = \"{}\"\ninstall_root = \"{}\"\n\n[clusters.many.brokers]\n",
        server.path("config").display(),
        root.display()
    );
    for id in 1..=HOSTS {
        let _ = writeln!(text, "{id} = {{ host = \"host{id}\" }}");
    }
    let config = scratch.join("krun.toml");
    fs::write(&config, text).map_err(|error| error.to_string())?;
    // It ends with 1: without systemd none of them is fit for work.
    let line = format!(
        "{KRUN} hosts --json --cluster many --config {} --state {} || [ $? = 1 ]",
        config.display(),
        state.display()
    );
    Ok(Way { name: "krun hosts", command: shell(&line), sign: "\"link_version\":\"2.1.1\"", costs: Vec::new() })
}

fn by_loop(server: &Sshd, root: &Path) -> Way {
    let look = LOOK.replace("ROOT", &root.display().to_string());
    let config = server.path("config");
    let line = format!("for n in $(seq {HOSTS}); do ssh -F {} host$n '{look}'; done", config.display());
    Way { name: "a shell loop of ssh", command: shell(&line), sign: "\nend\n", costs: Vec::new() }
}

fn ansible() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("KRUN_ANSIBLE") {
        return Some(named.into());
    }
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join("ansible")).find(|program| program.is_file())
}

fn by_ansible(program: &Path, scratch: &Path, server: &Sshd) -> Result<Way, String> {
    let names: Vec<String> = (1..=HOSTS).map(|id| format!("host{id}")).collect();
    let inventory = scratch.join("inventory");
    fs::write(&inventory, names.join("\n") + "\n").map_err(|error| error.to_string())?;
    let line = format!(
        "ANSIBLE_PIPELINING=1 {} all -i {} -m setup -f {AT_ONCE} --ssh-common-args='-F {}'",
        program.display(),
        inventory.display(),
        server.path("config").display()
    );
    Ok(Way { name: "ansible -m setup", command: shell(&line), sign: "| SUCCESS =>", costs: Vec::new() })
}

fn shell(line: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", line]);
    command
}

/// The first turn only warms the machine up.
fn turns(times: u32, ways: &mut [Way]) -> Result<(), String> {
    for turn in 0..=times {
        eprintln!("turn {turn} of {times}");
        for way in &mut *ways {
            let ran = measured::run(&way.command, DEADLINE).map_err(|error| format!("{}: {error}", way.name))?;
            let told = String::from_utf8_lossy(&ran.out).matches(way.sign).count();
            if told != HOSTS {
                return Err(format!("{}: {told} of {HOSTS} hosts were told: {}", way.name, ran.said));
            }
            if turn > 0 {
                way.costs.push(ran.cost);
            }
        }
    }
    Ok(())
}

fn median(costs: &[Cost], of: fn(&Cost) -> f64) -> f64 {
    let mut values: Vec<f64> = costs.iter().map(of).collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// CPU is that of the asking side and, since it is the same machine, not of the server's.
fn table(ways: &[Way]) -> String {
    let wall = |way: &Way| median(&way.costs, |cost| cost.wall_seconds);
    let cpu = |way: &Way| median(&way.costs, |cost| cost.cpu_seconds);
    let mut text =
        format!("facts of {HOSTS} hosts over SSH on loopback\n\n{:<22}{:>10}{:>10}\n", "", "wall s", "CPU s");
    for way in ways {
        let _ = writeln!(text, "{:<22}{:>10.2}{:>10.2}", way.name, wall(way), cpu(way));
    }
    for way in ways.iter().skip(1) {
        let (by_wall, by_cpu) = (wall(way) / wall(&ways[0]), cpu(way) / cpu(&ways[0]));
        let _ = writeln!(text, "{} ÷ krun: wall {by_wall:.1} ×, CPU {by_cpu:.1} ×", way.name);
    }
    text
}
