//! What is done with a case: the lines at the top of its runbook that start with `//$`.
//!
//! ```text
//! //$ krun --yes                      run the runbook; other arguments go to krun
//! //$ krun | SIGINT at TEXT           … and send a signal once a line of its JSON has this text; more in turn
//! //$ resume [ARGS] · abort [ARGS]    RUN1 in ARGS is the name of the first run
//! //$ set orders retention.ms=5000    as somebody else would; `unset` takes the override away
//! //$ value orders retention.ms       what is set there now
//! ```

use super::bench::Trigger;
use rustix::process::Signal;

pub(super) enum Act {
    Krun { args: Vec<String>, triggers: Vec<Trigger> },
    Set { topic: String, config: String, value: Option<String> },
    Value { topic: String, config: String },
}

/// The lines of a runbook and what they mean.
pub(super) fn of(runbook: &str, text: &str) -> Vec<(String, Act)> {
    let lines = text.lines().filter_map(|line| line.strip_prefix("//$ "));
    lines.map(|line| (line.to_owned(), act(runbook, line).unwrap_or_else(|| panic!("what is `{line}`?")))).collect()
}

fn act(runbook: &str, line: &str) -> Option<Act> {
    let mut parts = line.split(" | ");
    let line = parts.next()?;
    let triggers = parts.map(trigger).collect::<Option<Vec<_>>>()?;
    let words = words(line);
    let (verb, rest) = words.split_first()?;
    let verbs: &[&str] = match verb.as_str() {
        "krun" => &[runbook, "--cluster", "sandbox", "--json"],
        "resume" => &["resume", "--json"],
        "abort" => &["abort", "--json"],
        "set" | "unset" | "value" => return on_the_cluster(verb, rest),
        _ => return None,
    };
    Some(Act::Krun { args: verbs.iter().map(ToString::to_string).chain(rest.iter().cloned()).collect(), triggers })
}

fn on_the_cluster(verb: &str, rest: &[String]) -> Option<Act> {
    let [topic, config] = rest else { return None };
    let (topic, config) = (topic.clone(), config.clone());
    match verb {
        "value" => Some(Act::Value { topic, config }),
        "unset" => Some(Act::Set { topic, config, value: None }),
        _ => {
            let (config, value) = config.split_once('=')?;
            Some(Act::Set { topic, config: config.to_owned(), value: Some(value.to_owned()) })
        }
    }
}

fn trigger(text: &str) -> Option<Trigger> {
    let (name, text) = text.split_once(" at ")?;
    let signal = match name {
        "SIGINT" => Signal::INT,
        "SIGTERM" => Signal::TERM,
        "SIGKILL" => Signal::KILL,
        _ => return None,
    };
    Some(Trigger { signal, text: text.to_owned() })
}

/// Words, and what stands between single quotes as one.
fn words(line: &str) -> Vec<String> {
    let parts = line.split('\'').enumerate();
    let words = parts.flat_map(|(nth, part)| match nth % 2 {
        0 => part.split_whitespace().map(str::to_owned).collect::<Vec<_>>(),
        _ => vec![part.to_owned()],
    });
    words.collect()
}
