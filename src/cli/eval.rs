//! `krun -e EXPR`: one question to a cluster, which changes nothing and leaves nothing behind.

use crate::bind::host::Host;
use crate::cli::arguments::Shared;
use crate::cli::{Code, Complaint, Done, connect, screen};
use crate::effect::{self, connection::Connection};
use crate::embed::places;
use crate::error::Error;
use crate::event::{Event, Progress, Verb};
use crate::host::Hosts;
use crate::kafka::Client;
use crate::report;
use crate::run::question::Answers;
use crate::run::session::{Session, Setting};
use crate::run::stop::Stop;
use crate::run::store::{RunFolder, StateRoot};
use crate::run::trouble::Halt;
use crate::script::ask::{Answer, Asking, Unanswered};
use std::sync::Arc;
use tokio::runtime::Runtime;

/// What a diagnostic calls the text.
const NAME: &str = "-e";

pub(super) fn eval(shared: &Shared, expression: &str) -> Done {
    if expression.trim().is_empty() {
        let error = Error::new("USAGE", "nothing is asked: the text behind -e is empty");
        return Err(Complaint::usage(error.hint("such as: krun -e 'cluster.brokers()'")));
    }
    let root = shared.root()?;
    let chosen = connect::choose(shared, &root, None)?;
    let runtime = connect::runtime()?;
    let client = connect::connect(&runtime, &chosen.settings)?;
    let stop = Stop::default();
    let hosts = places::hosts(places::of(&chosen, &root, &client, &runtime)?, chosen.sandbox, &root, &stop);
    let (session, connection) = reader(shared, &root, &chosen.name, (client, hosts), &runtime, stop);
    let mut asking =
        Asking::new(|explain, locate| Host { session, connection, params: Arc::default(), explain, locate });
    match asking.ask(NAME, expression, None) {
        Ok(answer) => show(shared, &answer).map(|()| Code::DONE),
        Err(unanswered) => complain(shared, unanswered),
    }
}

/// A session that only asks.
pub(super) fn reader(
    shared: &Shared,
    root: &StateRoot,
    cluster: &str,
    (client, hosts): (Client, Hosts),
    runtime: &Runtime,
    stop: Stop,
) -> (Session, Connection) {
    let mut about = RunFolder::new_about(String::new(), NAME.to_owned());
    cluster.clone_into(&mut about.cluster);
    client.cluster_id().clone_into(&mut about.cluster_id);
    let connection = Connection::new(client, hosts, runtime.handle().clone(), stop.clone());
    let told = shared.clone();
    let session = Session::asking(Setting {
        root: root.clone(),
        folder: root.no_folder(),
        about,
        verb: Verb::Run,
        effects: effect::on(&connection),
        answers: Answers::default(),
        stop,
        sink: Box::new(move |event: &Event| tell(&told, event)),
        kill_at: None,
    });
    (session, connection)
}

/// What a script says besides its value: a table is a result, all else is not.
fn tell(shared: &Shared, event: &Event) {
    let Event::Progress(note) = event else { return };
    match &note.progress {
        Progress::Log { text } => screen::text(&format!("{text}\n")),
        Progress::Warning { text } => screen::note(text),
        Progress::Table { columns, rows } if !shared.json => {
            for row in report::table_rows(columns, rows, usize::from(screen::columns(shared)), 0) {
                screen::line(&row);
            }
        }
        _ => {}
    }
}

/// The value: as JSON exactly, or as a person reads it.
pub(super) fn show(shared: &Shared, answer: &Answer) -> Result<(), Complaint> {
    match &answer.data {
        Ok(data) if shared.json => screen::json_line(data),
        Err(error) if shared.json => {
            let message = error.message.replace("the value of a step", "the answer");
            let message = message.replace("cannot be recorded", "has no JSON");
            return Err(Error::new(&error.code, message).hint("without --json it is shown as text").into());
        }
        Ok(data) if data.get("$krun").is_none() => {
            for row in report::answer(data, usize::from(screen::columns(shared))) {
                screen::line(&row);
            }
        }
        // One of krun's own types, or no data at all: it says itself what it is.
        _ => screen::line(&answer.text),
    }
    Ok(())
}

fn complain(shared: &Shared, unanswered: Unanswered) -> Done {
    match unanswered {
        Unanswered::Unreadable(report) => Err(Complaint::Unchecked(report)),
        Unanswered::Failed(report) => {
            screen::problems(shared, &report);
            Ok(Code::number(1))
        }
        Unanswered::Halted(halt) => Err(halted(halt)),
    }
}

pub(super) fn halted(halt: Halt) -> Complaint {
    match halt {
        Halt::Interrupted => Complaint::Failed(Error::new("INTERRUPTED", "interrupted")),
        Halt::Question { question, .. } => {
            let error = Error::new("QUESTION", format!("nobody is asked here: {question}"));
            Complaint::Failed(error.hint("put it into a runbook"))
        }
        Halt::Paused { text } => {
            let error = Error::new("PAUSED", format!("nobody goes on here: {text}"));
            Complaint::Failed(error.hint("put it into a runbook"))
        }
        Halt::WindowClosed { window, .. } => {
            Complaint::Failed(Error::new("WINDOW_CLOSED", format!("the window {window} is closed")))
        }
        Halt::Blocked(error) => Complaint::Blocked(error),
        Halt::Broken(error) => Complaint::Failed(error),
        Halt::Tripped(tripped) => Complaint::Failed(tripped.error),
    }
}
