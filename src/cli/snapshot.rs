//! `krun snapshot`: a cluster at this moment, as a state file.

use crate::cli::arguments::Shared;
use crate::cli::{Code, Done, connect, screen, written_file};
use crate::error::Error;
use crate::inventory::state_file;
use crate::plan::State;
use crate::snapshot;
use clap::Args;
use jiff::{Timestamp, Unit};
use std::io::Write;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct Snapshot {
    /// Write it there, whole or not at all [default: stdout]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Snapshot {
    pub(super) fn run(self, shared: &Shared) -> Done {
        let root = shared.root()?;
        let chosen = connect::choose(shared, &root, None)?;
        let runtime = connect::runtime()?;
        let client = connect::connect(&runtime, &chosen.settings)?;
        let found = runtime.block_on(async {
            let mut found = snapshot::read(&client).await?;
            snapshot::add_configs(&client, &mut found).await?;
            Ok::<_, Error>(found)
        })?;
        for gap in &found.gaps {
            screen::note(&gap.text());
        }
        let mut state = found.state;
        about(&mut state, client.cluster_id())?;
        match &self.output {
            Some(path) => {
                written_file::put(path, &|out| state_file::write(&state, out))?;
                let (brokers, topics) = (state.brokers.len(), state.topics.len());
                screen::note(&format!("{}: {brokers} brokers and {topics} topics", path.display()));
            }
            None => screen::stream(|out: &mut dyn Write| state_file::write(&state, out))?,
        }
        Ok(Code::DONE)
    }
}

/// Says what the state is of.
fn about(state: &mut State, cluster_id: &str) -> Result<(), Error> {
    let no_clock = |error: jiff::Error| Error::new("NO_CLOCK", format!("the time is not known: {error}"));
    let now = Timestamp::now().round(Unit::Second).map_err(no_clock)?;
    state.more.insert("cluster_id".to_owned(), cluster_id.into());
    state.more.insert("taken_at".to_owned(), now.to_string().into());
    Ok(())
}
