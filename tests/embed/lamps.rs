//! A world that krun does not know: lamps, each a file, and a log of every time one was switched.

use krun::event::Intent;
use krun::rhai::{Dynamic, EvalAltResult, NativeCallContext};
use krun::{Builder, Call, Effect, Error, Failure, Settled, Undo};
use serde_json::{Value, json};
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

/// `lamp(name, "on" | "off")`. With this in the environment the process dies in the midst of it: before or after the switch.
pub(super) const DIES: &str = "KRUN_TEST_DIES";

pub(super) struct Lamp(PathBuf);

pub(super) fn wired(builder: Builder, folder: &Path) -> Builder {
    builder.effect(Lamp(folder.to_owned())).register(|engine| {
        engine.register_fn("lamp", lamp);
    })
}

fn lamp(context: NativeCallContext, name: &str, to: &str) -> Result<Dynamic, Box<EvalAltResult>> {
    Call::of(&context)?.perform("lamp", &json!({ "name": name, "to": to }))
}

/// A switch that is broken does nothing, and says so.
pub(super) fn break_switch(folder: &Path, broken: bool) {
    let mark = folder.join("broken");
    if broken { fs::write(mark, "") } else { fs::remove_file(mark) }.expect("the folder is ours");
}

pub(super) fn state_of(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).unwrap_or_else(|_| "off".to_owned())
}

/// How often a lamp was switched, by whatever process.
pub(super) fn switched(folder: &Path) -> usize {
    fs::read_to_string(folder.join("log")).unwrap_or_default().lines().count()
}

fn die_at(point: &str) {
    if std::env::var(DIES).is_ok_and(|at| at == point) {
        std::process::abort();
    }
}

impl Effect for Lamp {
    fn name(&self) -> &'static str {
        "lamp"
    }

    fn target(&self, args: &Value) -> String {
        format!("lamp/{}", args["name"].as_str().unwrap_or_default())
    }

    fn before(&self, args: &Value) -> Result<Value, Error> {
        Ok(json!(state_of(&self.0, args["name"].as_str().unwrap_or_default())))
    }

    fn after(&self, args: &Value, _before: &Value) -> Value {
        args["to"].clone()
    }

    fn summary(&self, args: &Value, before: &Value) -> String {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        format!("lamp {}: {} (was {})", text(&args["name"]), text(&args["to"]), text(before))
    }

    fn act(&self, intent: &Intent) -> Result<Value, Failure> {
        if self.0.join("broken").exists() {
            return Err(Failure::Refused(Error::new("SWITCH_BROKEN", "the switch does not move")));
        }
        die_at("before");
        let text = |name: &str| intent.args[name].as_str().unwrap_or_default().to_owned();
        let mut log = File::options().create(true).append(true).open(self.0.join("log")).expect("the folder is ours");
        writeln!(log, "{} {}", text("name"), text("to")).expect("a written line");
        fs::write(self.0.join(text("name")), text("to")).expect("the folder is ours");
        die_at("after");
        Ok(json!("click"))
    }

    fn settle(&self, intent: &Intent) -> Result<Settled, Error> {
        let now = self.before(&intent.args)?;
        Ok(if now == intent.after {
            Settled::Done(json!("click"))
        } else if now == intent.before {
            Settled::NotDone
        } else {
            Settled::Changed { evidence: format!("the lamp is {now}") }
        })
    }

    fn undo(&self, intent: &Intent) -> Option<Undo> {
        Some(Undo { effect: "lamp", args: json!({ "name": intent.args["name"], "to": intent.before }) })
    }
}
