//! `krun repl`: a cluster is asked line by line, and changed where somebody has said so.
//!
//! ```text
//! keyboard, pipe   where the lines come from; completing, past: what Tab and the arrows give at a terminal
//! desk             what becomes of a line: asked, or a step of an open run
//! open_run         the run that a session is while it may change things
//! watch            who may act: somebody who types, a line that runs, or the end
//! person           who answers a question that a line asks
//! ```

mod completing;
mod desk;
mod keyboard;
mod open_run;
mod past;
mod person;
mod pipe;
mod watch;

use crate::cli::arguments::Shared;
use crate::cli::{Code, Done, connect, person as at_terminal, screen};
use crate::embed::places;
use clap::Args;
use desk::Desk;
use keyboard::Keyboard;
use open_run::Ground;
use pipe::Pipe;
use std::sync::{Arc, Mutex};
use watch::Watch;

#[derive(Debug, Args)]
#[command(after_help = "\
It opens read-only. After `:rw` it is a run whose steps are the lines: `krun runs` lists it, `krun show` tells it, `krun \
abort` puts back what unfinished lines left in place; it is never resumed. `:help` tells the rest.\n\n\
Tab completes with signatures. Ctrl-C stops a call, or drops the line; Ctrl-D leaves.\n\n\
A line is kept in the history and in the notes of the run unless it begins with a space, or has one of these in it, in any \
case: password, passwd, passphrase, pwd, secret, token, credential, jaas, keystore.key, private_key, private key, api_key. \
What a change writes is in the journal of the run, whatever the line was called.\n\n\
Without a terminal the lines come from stdin: no prompt, and it ends with 1 if one of them failed.")]
pub(crate) struct Repl {
    /// Say yes to every `confirm`, and to the first change of a cluster that was not named
    #[arg(long)]
    yes: bool,
}

/// What came from whoever types.
pub(super) enum Typed {
    /// Never blank. It may have several lines.
    Text(String),
    /// Ctrl-C on the line.
    Dropped,
    /// Ctrl-D, the end of the file, a terminal that is not there any more.
    End,
}

/// Where the lines come from.
trait Lines {
    fn next(&mut self, prompt: &str) -> Typed;
}

impl Repl {
    pub(super) fn run(&self, shared: &Shared) -> Done {
        let root = shared.root()?;
        let chosen = connect::choose(shared, &root, None)?;
        let runtime = connect::runtime()?;
        let client = connect::connect(&runtime, &chosen.settings)?;
        let is_typed = at_terminal::is_there();
        let watch = Watch::hear(runtime.handle(), is_typed);
        let places = places::of(&chosen, &root, &client, &runtime)?;
        let noted = places::to_note(&places);
        let cluster = (client, places::hosts(places, chosen.sandbox, &root, watch.stop()));
        let ground = Ground { shared, root, chosen, hosts: noted };
        let mut desk = Desk::open(ground, cluster, &runtime, watch.clone(), self.yes);
        let names = Arc::new(Mutex::new(desk.names()));
        let mut lines: Box<dyn Lines> = if is_typed {
            screen::text(&format!("{}\n", desk.welcome()));
            Box::new(Keyboard::new(shared, desk.root(), names.clone()))
        } else {
            Box::new(Pipe)
        };
        while watch.somebody_types() {
            let typed = lines.next(&desk.prompt());
            watch.a_line_runs();
            match typed {
                Typed::Text(text) => {
                    if desk.take(&text).is_break() {
                        break;
                    }
                }
                Typed::Dropped => {}
                Typed::End => break,
            }
            if let Ok(mut names) = names.lock() {
                *names = desk.names();
            }
        }
        let failed = !is_typed && desk.has_failed();
        Ok(Code::number(watch.end().max(u8::from(failed))))
    }
}
