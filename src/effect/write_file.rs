//! `write_file`: another text for a file on a host. The journal has its path and hash, never the text, which may hold secrets; what
//! was there before stays beside the file, and its undo takes it from there.

use crate::effect::connection::Connection;
use crate::effect::host_guard::{self, Look};
use crate::effect::on_host::{HOST, machine, machine_to_change, name, target, text};
use crate::effect::restore_file;
use crate::error::{Error, Failure};
use crate::event::Intent;
use crate::host::Which;
use crate::host::machine::Keeping;
use crate::run::effects::{Caller, Effect, Settled, Undo};
use crate::run::trouble::Trouble;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

pub const NAME: &str = "write_file";

pub struct WriteFile(pub Connection);

/// As much as is held in memory for a moment.
const MOST_BYTES: u64 = 64 * 1024 * 1024;

/// The same of a file on this machine. `NO_SUCH_FILE`, `TOO_LARGE`.
pub fn args_of_local(connection: &Connection, which: &Which, from: &str, to: &str) -> Result<Value, Error> {
    let unreadable = |why: std::io::Error| Error::new("NO_SUCH_FILE", format!("{from} on this machine: {why}"));
    let size = std::fs::metadata(from).map_err(unreadable)?.len();
    if size > MOST_BYTES {
        let text = format!("{from} has {size} bytes, and {MOST_BYTES} are sent as one file at most");
        return Err(Error::new("TOO_LARGE", text).hint("`install` brings a release"));
    }
    Ok(args(connection, which, to, std::fs::read(from).map_err(unreadable)?))
}

/// What `perform` takes; the connection keeps the text.
pub fn args(connection: &Connection, which: &Which, path: &str, bytes: Vec<u8>) -> Value {
    let sha256 = sha256(&bytes);
    connection.hosts.keep_text(&sha256, bytes);
    json!({ HOST: which.to_string(), "path": path, "sha256": sha256 })
}

pub(super) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

/// Where the text with this hash stays: of several edits, each finds its own.
pub(super) fn kept_at(path: &str, sha256: &Value) -> String {
    format!("{path}.krun-{}", sha256.as_str().and_then(|hash| hash.get(..12)).unwrap_or("none"))
}

impl Effect for WriteFile {
    fn name(&self) -> &'static str {
        NAME
    }

    fn admit(&self, args: &Value, run: &Caller<'_>) -> Result<(), Trouble> {
        host_guard::admit(&self.0, args, run, Look::Once)
    }

    fn target(&self, args: &Value) -> String {
        target(args, "path")
    }

    fn before(&self, args: &Value) -> Result<Value, Error> {
        Ok(json!(machine(&self.0, args)?.checksum(text(args, "path"))?))
    }

    fn after(&self, args: &Value, _before: &Value) -> Value {
        args["sha256"].clone()
    }

    fn summary(&self, args: &Value, before: &Value) -> String {
        let verb = if before.is_null() { "create" } else { "change" };
        format!("{}: {verb} {}", name(args), text(args, "path"))
    }

    /// Errors: those of [`Machine::write_file`](crate::host::Machine::write_file), and `TEXT_GONE`.
    fn act(&self, intent: &Intent) -> Result<Value, Failure> {
        write(&self.0, intent, &intent.before)?;
        Ok(Value::Null)
    }

    fn settle(&self, intent: &Intent) -> Result<Settled, Error> {
        settled_by_checksum(&self.0, intent)
    }

    fn undo(&self, intent: &Intent) -> Option<Undo> {
        Some(Undo { effect: restore_file::NAME, args: restore_file::args(&intent.args, &intent.before) })
    }

    fn by_hand(&self, intent: &Intent, _bootstrap: &str) -> Vec<String> {
        let path = text(&intent.args, "path");
        let keep = kept_at(path, &intent.before);
        let command = if intent.before.is_null() { format!("rm {path}") } else { format!("cp -p {keep} {path}") };
        vec![format!("# on the {}\n{command}", name(&intent.args))]
    }
}

/// Writes the text that an intent is about; what it replaces has the hash `before`.
pub(super) fn write(connection: &Connection, intent: &Intent, before: &Value) -> Result<(), Failure> {
    let bytes = connection.hosts.text(text(&intent.args, "sha256")).ok_or_else(|| {
        let text = format!("what is to be written to {} is not known any more", intent.target);
        Failure::Refused(
            Error::new("TEXT_GONE", text).hint("`krun resume` makes it again; `krun abort` gives the run up"),
        )
    })?;
    let path = text(&intent.args, "path");
    let keep = kept_at(path, before);
    let keeping = Keeping { old: Some(&keep), like: None };
    machine_to_change(connection, &intent.args)?.write_file(path, &bytes, keeping)
}

/// Three-way: the hash that the file has now is that of after, of before, or of somebody else's text.
pub(super) fn settled_by_checksum(connection: &Connection, intent: &Intent) -> Result<Settled, Error> {
    let now = json!(machine(connection, &intent.args)?.checksum(text(&intent.args, "path"))?);
    Ok(if now == intent.after {
        Settled::Done(Value::Null)
    } else if now == intent.before {
        Settled::NotDone
    } else {
        let what = if now.is_null() { "is gone" } else { "has another text than krun found and wrote" };
        Settled::Changed { evidence: format!("{} {what}", intent.target) }
    })
}
