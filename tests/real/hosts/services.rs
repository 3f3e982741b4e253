//! krun's own operations on a real host: a broker's unit in every state that systemd has for it, a full disk, a host that is gone.

use super::files::{CONFIG, UNIT};
use super::lab::Lab;
use krun::error::Failure;
use krun::host::machine::{Keeping, Service};
use krun::host::{Machine, remote::Remote};
use std::time::{Duration, Instant, SystemTime};

const LIMIT: Duration = Duration::from_mins(2);

#[test]
fn krun_and_systemd_understand_each_other() {
    let Some(kafka) = super::kafka() else { return };
    let mut lab = Lab::start(&kafka, &[1]);
    let machine = lab.machine(0);

    an_unknown_unit(&machine);
    let idle = machine.service(UNIT).expect("it tells");
    assert_eq!((idle.load.as_str(), idle.active.as_str(), idle.main_pid), ("loaded", "inactive", None));
    assert_eq!(idle.unit_file, format!("/etc/systemd/system/{UNIT}.service"));
    assert!(idle.command.contains("kafka.Kafka"), "{idle:?}");

    a_unit_that_dies_at_its_start(&machine, &lab);
    lab.start_brokers();
    what_runs(&machine, &lab);
    a_unit_that_is_stopped(&machine, &lab);
    lab.say("units started and stopped");

    krun_tells_of_a_unit_that_dies(&lab);
    a_full_disk(&machine, &lab);

    lab.hosts[0].kill();
    let gone = machine.service(UNIT).expect_err("nobody is there");
    assert!(gone.message.contains("kafka1"), "{gone:?}");
    lab.say("a full disk, and the host gone");
}

fn an_unknown_unit(machine: &Remote) {
    let unknown = machine.service("nosuch").expect("it tells");
    assert_eq!((unknown.load.as_str(), unknown.active.as_str(), unknown.main_pid), ("not-found", "inactive", None));
    for answer in [machine.start_service("nosuch", LIMIT), machine.stop_service("nosuch", LIMIT)] {
        assert!(matches!(&answer, Err(Failure::Refused(error)) if error.code == "NO_SUCH_SERVICE"), "{answer:?}");
    }
}

/// `systemctl start` says that all is well.
fn a_unit_that_dies_at_its_start(machine: &Remote, lab: &Lab) {
    lab.hosts[0].ssh(&format!("cp {CONFIG} /root/good && sed -i s/broker.id=1/broker.id=one/ {CONFIG}"));
    machine.start_service(UNIT, LIMIT).expect("systemd started it");
    let dead = wait(machine, |service| service.active == "failed");
    assert_eq!((dead.result.as_str(), dead.exit_status, dead.main_pid), ("exit-code", Some(1), None));
    let log = machine.service_log(UNIT, 12).expect("it tells");
    assert!(log.contains("broker.id"), "{log}");
    lab.hosts[0].ssh(&format!("cp /root/good {CONFIG}"));
}

fn what_runs(machine: &Remote, lab: &Lab) {
    let service = machine.service(UNIT).expect("it tells");
    let pid = service.main_pid.expect("it runs");
    assert_eq!(pid.to_string(), lab.hosts[0].ssh(&format!("systemctl show --value -p MainPID {UNIT}")));
    assert_eq!((service.active.as_str(), service.sub.as_str()), ("active", "running"));
    assert!(!service.invocation.is_empty() && service.restarts == 0, "{service:?}");
    let process = machine.process(pid).expect("it tells");
    assert!(process.ports.contains(&9092), "{process:?}");
    let jar = "/opt/dist/2.1.1/libs/kafka_2.12-2.1.1.jar".to_owned();
    assert!(process.jars.contains(&jar), "{process:?}");
    let here = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("after 1970").as_millis();
    let there = u128::try_from(machine.clock().expect("it tells")).expect("after 1970");
    assert!(here.abs_diff(there) < 60_000, "{here} here, {there} there");
}

/// Well or by force; and a unit file that systemd has not read again.
fn a_unit_that_is_stopped(machine: &Remote, lab: &Lab) {
    let host = &lab.hosts[0];
    let file = format!("/etc/systemd/system/{UNIT}.service");
    host.ssh(&format!("cp {file} /root/unit && sed -i /SuccessExitStatus/d {file}"));
    assert!(machine.service(UNIT).expect("it tells").needs_reload);
    host.ssh("systemctl daemon-reload");
    assert!(!machine.service(UNIT).expect("it tells").needs_reload);
    machine.stop_service(UNIT, LIMIT).expect("it stops");
    let stopped = machine.service(UNIT).expect("it tells");
    // A good stop, and systemd calls it a failure.
    assert_eq!((stopped.active.as_str(), stopped.exit_status, stopped.main_pid), ("failed", Some(143), None));

    host.ssh(&format!("cp /root/unit {file} && systemctl daemon-reload"));
    machine.start_service(UNIT, LIMIT).expect("it starts");
    machine.start_service(UNIT, LIMIT).expect("it runs already");
    lab.wait_until("the broker to listen", |lab| super::super::partition::brokers(&lab.bootstrap()) == Some(1));
    machine.stop_service(UNIT, LIMIT).expect("it stops");
    machine.stop_service(UNIT, LIMIT).expect("it is stopped already");
    let stopped = machine.service(UNIT).expect("it tells");
    assert_eq!((stopped.active.as_str(), stopped.result.as_str(), stopped.main_pid), ("inactive", "success", None));

    machine.start_service(UNIT, LIMIT).expect("it starts");
    let pid = machine.service(UNIT).expect("it tells").main_pid.expect("it runs");
    host.ssh(&format!("kill -9 {pid}"));
    let killed = wait(machine, |service| service.main_pid.is_none());
    assert_eq!((killed.active.as_str(), killed.result.as_str(), killed.exit_status), ("failed", "signal", Some(9)));
    machine.start_service(UNIT, LIMIT).expect("it starts");
    lab.wait_until("the broker to listen", |lab| super::super::partition::brokers(&lab.bootstrap()) == Some(1));
}

/// In a runbook, with the last lines that it wrote; and it is not left to be started again and again.
fn krun_tells_of_a_unit_that_dies(lab: &Lab) {
    let unit =
        "[Service]\nExecStart=/bin/sh -c \"echo the port is taken; sleep 1; exit 3\"\nRestart=always\nRestartSec=1\n";
    lab.hosts[0].ssh(&format!("printf '{unit}' > /etc/systemd/system/dies.service; systemctl daemon-reload"));
    let krun = lab.krun();
    krun.put("dies.rhai", "let host = ssh::host(\"kafka1\");\nstep(\"start it\", || host.start_service(\"dies\"));\n");
    let script = krun.path("dies.rhai");
    let ended = krun.run(&[script.to_str().expect("a plain path"), "--cluster", "real"]).expect_code(1);
    assert!(ended.mentions("did not stay up") && ended.mentions("the port is taken"), "{ended}");
    let state = lab.hosts[0].try_ssh("systemctl is-active dies");
    assert_ne!(String::from_utf8_lossy(&state.stdout).trim(), "active");
}

fn a_full_disk(machine: &Remote, lab: &Lab) {
    let host = &lab.hosts[0];
    let before = host.ssh(&format!("sha256sum < {CONFIG}; ls -l /usr/local/kafka/config/"));
    host.ssh("cat /dev/zero > /root/filler 2>/dev/null; sync /root/filler");
    let disk = machine.disk("/usr/local").expect("it tells");
    assert!(disk.free_bytes == 0 && disk.total_bytes == 1 << 30, "{disk:?}");
    let written = machine.write_file(CONFIG, &vec![b'#'; 100_000], Keeping::default());
    assert!(matches!(&written, Err(Failure::Refused(error)) if error.code == "DISK_FULL"), "{written:?}");
    let copied = machine.copy_file("/usr/bin/bash", CONFIG);
    assert!(matches!(&copied, Err(Failure::Refused(error)) if error.code == "DISK_FULL"), "{copied:?}");
    assert_eq!(host.ssh(&format!("sha256sum < {CONFIG}; ls -l /usr/local/kafka/config/")), before, "untouched");
    host.ssh("rm /root/filler");
    machine.write_file(CONFIG, b"# nothing\n", Keeping::default()).expect("there is room again");
}

fn wait(machine: &Remote, test: impl Fn(&Service) -> bool) -> Service {
    let begun = Instant::now();
    loop {
        let service = machine.service(UNIT).expect("it tells");
        if test(&service) {
            return service;
        }
        assert!(begun.elapsed() < LIMIT, "it stays {service:?}");
        std::thread::sleep(Duration::from_millis(200));
    }
}
