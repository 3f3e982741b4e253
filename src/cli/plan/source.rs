//! Where the state comes from: a cluster, a state file, or standard input.

use super::both;
use crate::cli::arguments::Shared;
use crate::cli::{Complaint, connect, malformed};
use crate::inventory::{file_text, state_file};
use crate::plan::State;
use crate::snapshot::{self, Gap};
use std::path::Path;

pub(super) struct Source {
    pub(super) state: State,
    pub(super) gaps: Vec<Gap>,
    pub(super) sandbox: bool,
    name: String,
}

impl Source {
    pub(super) fn read(shared: &Shared) -> Result<Self, Complaint> {
        match shared.state.as_deref().filter(|given| is_state_file(given, shared.cluster.is_some())) {
            Some(file) if shared.cluster.is_some() => Err(Complaint::usage(both(file))),
            Some(file) => of_file(file),
            None => of_cluster(shared),
        }
    }

    /// What is planned, in a line.
    pub(super) fn title(&self) -> String {
        let count = |number: usize, one: &str| format!("{number} {one}{}", if number == 1 { "" } else { "s" });
        let partitions: usize = self.state.topics.iter().map(|topic| topic.replicas.len()).sum();
        let about = |key: &str| self.state.more.get(key).and_then(serde_json::Value::as_str);
        let cluster = about("cluster_id").map(|id| format!(" (cluster {id})")).unwrap_or_default();
        let taken = about("taken_at").map(|time| format!(", taken {time}")).unwrap_or_default();
        format!(
            "plan for {}{cluster}{taken}: {}, {}, {}",
            self.name,
            count(self.state.brokers.len(), "broker"),
            count(self.state.topics.len(), "topic"),
            count(partitions, "partition")
        )
    }
}

/// Whether `--state` names a state file here; a folder is krun's own, and so is one that a sandbox may be made in.
fn is_state_file(given: &Path, cluster_is_named: bool) -> bool {
    let is_new_folder = || cluster_is_named && !given.exists() && given.extension().is_none();
    given == Path::new("-") || !(given.is_dir() || is_new_folder())
}

fn of_file(file: &Path) -> Result<Source, Complaint> {
    let is_stdin = file == Path::new("-");
    let (name, text) = if is_stdin {
        (file_text::STDIN.to_owned(), file_text::of_stdin(std::io::stdin().lock()))
    } else {
        (file.display().to_string(), file_text::of_file(file))
    };
    let text = text.map_err(malformed::complaint)?;
    let state = state_file::read(&name, text).map_err(malformed::complaint)?;
    Ok(Source { state, gaps: Vec::new(), sandbox: false, name })
}

fn of_cluster(shared: &Shared) -> Result<Source, Complaint> {
    let root = shared.root()?;
    let chosen =
        connect::choose(shared, &root, None).map_err(|complaint| complaint.or_hint("CLUSTER_NOT_NAMED", STATE))?;
    let runtime = connect::runtime()?;
    let client = connect::connect(&runtime, &chosen.settings)?;
    let found = runtime.block_on(snapshot::read(&client))?;
    Ok(Source {
        state: found.state,
        gaps: found.gaps,
        sandbox: chosen.sandbox,
        name: format!("cluster {}", chosen.name),
    })
}

const STATE: &str = "or give a state file: --state FILE";
