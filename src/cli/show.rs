//! `krun show`: what a run did, told by the same code as a run at work.

use crate::cli::arguments::{Shared, Show};
use crate::cli::{Code, Complaint, Done};
use crate::error::Error;
use crate::event::{Event, Note};
use crate::report::{Closing, JsonLines, Place, Reporter, Setting, Stream, Terminal, merge};
use crate::run::lock;
use crate::run::store::{RunFolder, StateRoot};
use std::time::Duration;

pub(crate) fn show(shared: &Shared, arguments: &Show) -> Done {
    let root = shared.root()?;
    let folder = match &arguments.run {
        Some(run) => root.find(run)?,
        None => newest(&root)?,
    };
    let about = folder.about()?;
    let mut reporter: Box<dyn Reporter> = if shared.json {
        Box::new(JsonLines::new(std::io::stdout()))
    } else {
        let streams = (Stream::stdout(shared.colour()), Stream::stdout(shared.colour()));
        let mut setting = Setting::history(streams.0, streams.1);
        setting.place = Place { flags: shared.flags(&root), folder: Some(folder.path().to_owned()) };
        Box::new(Terminal::new(setting))
    };
    let mut told = 0;
    loop {
        let alive = lock::is_held_by(&root, &about.cluster_id, &about.run);
        let events: Vec<Event> = merge(folder.entries()?, notes(&folder)).collect();
        events.iter().skip(told).for_each(|event| reporter.on_event(event));
        told = told.max(events.len());
        if !(arguments.follow && alive) {
            reporter.end(&Closing { alive, ..Closing::default() });
            return Ok(Code::DONE);
        }
        std::thread::sleep(Duration::from_millis(300));
    }
}

fn newest(root: &StateRoot) -> Result<RunFolder, Complaint> {
    let last = root.all()?.pop().and_then(|(_, folder)| folder.ok());
    last.ok_or_else(|| {
        Complaint::usage(Error::new("NO_SUCH_RUN", format!("there is no run in {}", root.runs().display())))
    })
}

/// What the run said on its way. It may be cut short: these lines are written without fsync.
fn notes(folder: &RunFolder) -> Vec<Note> {
    let text = std::fs::read_to_string(folder.path().join("events.jsonl")).unwrap_or_default();
    let events = text.lines().filter_map(|line| serde_json::from_str::<Event>(line).ok());
    events.filter_map(|event| if let Event::Progress(note) = event { Some(note) } else { None }).collect()
}
