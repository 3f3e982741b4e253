//! A canary at work: its topic, its threads, and the way to its verdict.

use super::Asked;
use crate::bind::host::Host;
use crate::effect::create_topic;
use crate::error::Error;
use crate::event::Progress;
use crate::event::canary::Verdict;
use crate::kafka::canary::{Canary, PREFIX, Plan, placement};
use crate::kafka::cluster;
use crate::kafka::topics::{self, Layout, NewTopic};
use crate::run::background::Background;
use crate::run::canary::Standing;
use crate::run::session::Session;
use crate::run::stop::Level;
use crate::run::trouble::{Halt, Trouble};
use rhai::Dynamic;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::cell::Cell;
use std::path::PathBuf;
use std::time::{Duration, Instant};

const LOOK_AGAIN: Duration = Duration::from_millis(50);
/// What is under way when a body fails or is stopped gets this long to be acknowledged.
const LAST_WORD: Duration = Duration::from_secs(3);
/// So much of a run's name goes into that of a topic: Kafka takes 249 characters in all.
const RUN_NAME: usize = 120;
const WEEK: &str = "604800000";

/// The topic of a canary, as it is made.
pub(super) struct Made {
    args: Value,
    folder: PathBuf,
}

impl Made {
    fn topic(&self) -> &str {
        self.args["topic"].as_str().unwrap_or_default()
    }
}

/// Makes the topic, where it is not there yet. Where its replicas lie is decided once: a broker may be down at a resume.
pub(super) fn make_topic(host: &Host, standing: &Standing) -> Result<Made, Trouble> {
    let session = &host.session;
    let key = format!("{}-{}", hash(&standing.path.join("\0")), standing.generation + 1);
    let (folder, file) = (session.folder().path().join("canary").join(&key), format!("canary/{key}/topic.json"));
    let args = match std::fs::read(folder.join("topic.json")) {
        Ok(text) => serde_json::from_slice(&text).map_err(|error| unreadable(&folder, &error.to_string()))?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let run: String = session.about().run.chars().take(RUN_NAME).collect();
            let args = create_topic::args(&new_topic(host, format!("{PREFIX}{run}-{key}"))?);
            if !session.asks_only() {
                crate::run::store::make_folder(&folder)?;
                session.folder().write(&file, args.to_string().as_bytes())?;
            }
            args
        }
        Err(error) => return Err(unreadable(&folder, &error.to_string()).into()),
    };
    let made = Made { args, folder };
    if !standing.is_made {
        session.perform(create_topic::NAME, &made.args)?;
        return Ok(made);
    }
    let names = [made.topic().to_owned()];
    match host.connection.read(topics::list(&host.connection.client, Some(&names))) {
        Err(error) if error.code == "UNKNOWN_TOPIC_OR_PARTITION" => {
            let text = format!("the canary's topic {} is gone: somebody else has deleted it", made.topic());
            Err(Error::new("CANARY_TOPIC_GONE", text)
                .hint("what was acknowledged there cannot be judged any more; `krun abort` gives this run up")
                .into())
        }
        Err(error) => Err(error.into()),
        Ok(_) => Ok(made),
    }
}

fn new_topic(host: &Host, name: String) -> Result<NewTopic, Error> {
    let brokers = host.connection.read(cluster::describe(&host.connection.client))?.brokers;
    let replicas = placement::place(&brokers);
    let min_insync = placement::min_insync(replicas.first().map_or(0, Vec::len));
    let configs = [
        ("cleanup.policy", "delete".to_owned()),
        ("min.insync.replicas", min_insync.to_string()),
        ("retention.ms", WEEK.to_owned()),
    ];
    let configs = configs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
    Ok(NewTopic { name, layout: Layout::Assigned(replicas), configs })
}

pub(super) struct Watch {
    name: String,
    path: Vec<String>,
    canary: Canary,
    background: Background,
    ledger: PathBuf,
    patience: Duration,
}

impl Watch {
    /// Begins to write and to read. The first time it waits until each partition has acknowledged something.
    pub(super) fn start(host: &Host, standing: &Standing, made: &Made, asked: Asked) -> Result<Self, Trouble> {
        let session = &host.session;
        let partitions = made.args["replicas"].as_array().map_or(0, Vec::len);
        let plan = Plan {
            topic: made.topic().to_owned(),
            partitions: i32::try_from(partitions).unwrap_or(i32::MAX),
            rate: asked.rate,
            patience: asked.patience,
        };
        let ledger = made.folder.join("ledger.jsonl");
        let canary = Canary::open(&host.connection.client, host.connection.runtime(), plan, &ledger)?;
        let cut = canary.clone();
        let mut background = Background::new(move || cut.cut());
        let path = standing.path.clone();
        let name = path.last().cloned().unwrap_or_default();
        let (writes, tells, of) = (canary.clone(), session.clone(), path.clone());
        background.spawn("canary writes", move || {
            writes.produce(|beat| tells.note(Progress::Canary { path: of.clone(), beat: beat.clone() }));
            tell_fault(&tells, &writes);
        })?;
        let (reads, tells) = (canary.clone(), session.clone());
        background.spawn("canary reads", move || {
            reads.consume();
            tell_fault(&tells, &reads);
        })?;
        let watch = Self { name, path, canary, background, ledger, patience: asked.patience };
        if !watch.canary.goes_on() {
            watch.wait_for_the_first(session)?;
        }
        Ok(watch)
    }

    fn wait_for_the_first(&self, session: &Session) -> Result<(), Trouble> {
        let began = Instant::now();
        loop {
            let silent = self.canary.silent();
            if silent.is_empty() {
                return Ok(());
            }
            if let Some(fault) = self.canary.fault() {
                return Err(fault.into());
            }
            if began.elapsed() > self.patience {
                let silent: Vec<String> = silent.iter().map(ToString::to_string).collect();
                let why = self.canary.complaint().map_or(String::new(), |why| format!(": {why}"));
                let text = format!(
                    "canary `{}` was started, and partition {} acknowledges nothing",
                    self.name,
                    silent.join(", ")
                );
                return Err(Error::new("CANARY_SILENT", format!("{text}{why}"))
                    .hint("nothing was begun under it; mend what keeps producers out, then `krun resume`")
                    .into());
            }
            session.rest(LOOK_AGAIN)?;
        }
    }

    /// The body is over: the last records are waited for, everything is read again, and judged.
    pub(super) fn end(
        self,
        session: &Session,
        result: Result<Dynamic, Trouble>,
    ) -> Result<(Dynamic, Verdict), Trouble> {
        let value = match result {
            Ok(value) => value,
            Err(trouble) => {
                self.take_the_last_word(session);
                return Err(trouble);
            }
        };
        let began = Instant::now();
        self.canary.end();
        let told = Cell::new(began);
        let what = format!("canary {}: reads everything again", self.name);
        let tell = |text: &str| {
            if told.get().elapsed() >= Duration::from_secs(1) {
                told.set(Instant::now());
                session.note(waiting(&what, text, began.elapsed()));
            }
        };
        while !self.background.has_ended() {
            tell("the last records are under way");
            session.rest(LOOK_AGAIN)?;
        }
        let Self { name, path, canary, background, ledger, .. } = self;
        background.join()?;
        let level = session.patience();
        let verdict = canary.judge(&|| {
            tell("");
            session.stop().level() >= level
        })?;
        session.note(Progress::WaitOver { what: what.clone(), elapsed: began.elapsed().as_secs() });
        let Some(verdict) = verdict else { return Err(Halt::Interrupted.into()) };
        let verdict = Verdict { fault: canary.fault().map(|fault| fault.message), ..verdict };
        session.record_verdict(&path, verdict.clone())?;
        // Where it could not watch to the end, what it had seen before is judged all the same.
        match complaint(&name, &verdict, &ledger).or(canary.fault()) {
            Some(error) => Err(error.into()),
            None => Ok((value, verdict)),
        }
    }

    /// The body has failed, or the run stops: what it saw so far is told, and judged by the session that goes on.
    fn take_the_last_word(self, session: &Session) {
        self.canary.end();
        let began = Instant::now();
        while !self.canary.is_drained() && began.elapsed() < LAST_WORD && session.stop().level() < Level::Now {
            std::thread::sleep(LOOK_AGAIN);
        }
        let (beat, gap) = self.canary.so_far();
        let gap = gap.map_or(String::new(), |gap| {
            let long = crate::quantity::duration::text(Duration::from_millis(gap.ms));
            format!(", the longest without an acknowledgement {long}")
        });
        let text =
            format!("canary {}: {} acknowledged so far{gap}; not judged before the body is over", self.name, beat);
        session.note(Progress::Log { text });
    }
}

fn tell_fault(session: &Session, canary: &Canary) {
    if let Some(fault) = canary.fault() {
        session.warn(format!("the canary does not watch any more: {}", fault.message));
    }
}

/// Why a verdict is a failure.
fn complaint(name: &str, verdict: &Verdict, ledger: &std::path::Path) -> Option<Error> {
    let evidence = format!(
        "topic {} and {} stay as evidence; `krun resume` reads everything once more, `krun abort` deletes the topic",
        verdict.topic,
        ledger.display()
    );
    let Verdict { acked, lost, unread, .. } = verdict;
    let (code, text) = if *lost > 0 {
        let spans: Vec<String> =
            verdict.lost_at.iter().take(8).map(|at| format!("{} at {}–{}", at.partition, at.first, at.last)).collect();
        ("CANARY_LOST", format!("lost {lost} of {acked} acknowledged records: partition {}", spans.join(", ")))
    } else if let Some(commit) = verdict.commits_lost.first() {
        let now = commit.now.map_or("none".to_owned(), |now| now.to_string());
        let text = format!(
            "lost a commit of its group: partition {} was at {}, and is at {now}",
            commit.partition, commit.was
        );
        ("CANARY_COMMIT_LOST", text)
    } else if *unread > 0 {
        ("CANARY_UNREAD", format!("could not read {unread} of {acked} acknowledged records by the end"))
    } else if let Some(why) = &verdict.commits_unread {
        ("CANARY_UNREAD", format!("could not read the commits of its group again: {why}"))
    } else {
        return None;
    };
    Some(Error::new(code, format!("canary `{name}` {text}")).hint(evidence))
}

fn waiting(what: &str, text: &str, elapsed: Duration) -> Progress {
    Progress::Waiting {
        what: what.to_owned(),
        text: text.to_owned(),
        done: None,
        total: None,
        seconds_left: None,
        elapsed: elapsed.as_secs(),
    }
}

/// Eight digits: enough to tell the canaries of one run apart.
fn hash(text: &str) -> String {
    let digits = Sha256::digest(text.as_bytes());
    digits.iter().take(4).map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}

fn unreadable(folder: &std::path::Path, why: &str) -> Error {
    let text = format!("cannot read {}: {why}", folder.join("topic.json").display());
    Error::new("RUN_UNREADABLE", text).hint("`krun abort` gives this run up")
}
