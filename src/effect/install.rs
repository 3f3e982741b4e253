//! `install`: a release of Kafka beside those that a host has, from the operator's machine. The journal has names and hashes. One that
//! is there already and whole is left as it is; its undo takes away what krun brought, unless somebody uses it by now.

use crate::effect::connection::Connection;
use crate::effect::host_guard::{self, Look};
use crate::effect::on_host::{HOST, machine, machine_to_change, name, target, text};
use crate::effect::uninstall;
use crate::error::{Error, Failure};
use crate::event::Intent;
use crate::host::delivery::{Standing, Way, clear, deliver, standing};
use crate::host::provision::Owner;
use crate::host::{Distribution, Hosts, Machine, Which};
use crate::run::effects::{Caller, Effect, Settled, Undo};
use crate::run::trouble::Trouble;
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub const NAME: &str = "install";

const WHOLE: &str = "whole";

pub struct Install(pub Connection);

/// Where a release is to lie, and whose it is to be.
pub struct Place {
    /// It becomes a folder of this one.
    pub root: String,
    /// What it is owned like, where nobody is named; like the root where that is not there.
    pub like: String,
    pub owner: Option<Owner>,
}

/// What `perform` takes.
pub fn args(which: &Which, distribution: &Distribution, place: &Place) -> Value {
    let root = &place.root;
    json!({
        HOST: which.to_string(),
        "path": format!("{}/{}", root.trim_end_matches('/'), distribution.name),
        "root": root,
        "like": place.like,
        "owner": place.owner,
        "sha256": distribution.sha256,
        "programs": distribution.programs(),
    })
}

/// How the release of an effect stands on its host.
pub(super) fn standing_of(machine: &dyn Machine, args: &Value) -> Result<Standing, Error> {
    let programs = args["programs"].as_object().into_iter().flatten();
    let programs: BTreeMap<String, String> =
        programs.filter_map(|(path, hash)| Some((path.clone(), hash.as_str()?.to_owned()))).collect();
    standing(machine, text(args, "path"), &programs)
}

fn owner(machine: &dyn Machine, args: &Value) -> Result<Owner, Error> {
    if let Ok(owner) = serde_json::from_value(args["owner"].clone()) {
        return Ok(owner);
    }
    for model in ["like", "root"] {
        if let Some(owner) = machine.provision().owner(text(args, model))? {
            return Ok(owner);
        }
    }
    let root = text(args, "root");
    Err(Error::new("NO_SUCH_FOLDER", format!("{}: there is no folder {root} to install into", machine.name()))
        .hint("install_root in krun.toml names it"))
}

/// Takes away what uploads have left that came to no end. Gives what could not be.
pub(super) fn leave(hosts: &Hosts, did: &[Intent]) -> Vec<String> {
    let clear =
        |intent: &Intent| clear(&*hosts.machine(&text(&intent.args, HOST).parse()?)?, text(&intent.args, "path"));
    let installs = did.iter().filter(|intent| intent.effect == NAME && intent.before != intent.after);
    let stays = |error: Error| format!("what an upload has left stays there: {}", error.message);
    installs.filter_map(|intent| clear(intent).err()).map(stays).collect()
}

impl Effect for Install {
    fn name(&self) -> &'static str {
        NAME
    }

    fn admit(&self, args: &Value, run: &Caller<'_>) -> Result<(), Trouble> {
        host_guard::admit(&self.0, args, run, Look::Once)
    }

    fn target(&self, args: &Value) -> String {
        target(args, "path")
    }

    /// Error: `OTHER_RELEASE`, what is there is not what would be sent.
    fn before(&self, args: &Value) -> Result<Value, Error> {
        let machine = machine(&self.0, args)?;
        match standing_of(&*machine, args)? {
            Standing::Missing => Ok(Value::Null),
            Standing::Whole => Ok(json!(WHOLE)),
            Standing::Other(how) => {
                let path = text(args, "path");
                let text =
                    format!("{}: {path} is there, and is not the release that would be sent: {how}", machine.name());
                Err(Error::new("OTHER_RELEASE", text).hint(format!(
                    "nothing was changed: if nothing runs from it, move it away (mv {path} {path}.old), then go on"
                )))
            }
        }
    }

    fn after(&self, _args: &Value, _before: &Value) -> Value {
        json!(WHOLE)
    }

    fn summary(&self, args: &Value, before: &Value) -> String {
        let (name, path) = (name(args), text(args, "path"));
        if before.is_null() { format!("{name}: install {path}") } else { format!("{name}: {path} is there, and whole") }
    }

    /// Errors: `DISTRIBUTION_GONE`, those of [`deliver`].
    fn act(&self, intent: &Intent) -> Result<Value, Failure> {
        let args = &intent.args;
        let distribution = self.0.hosts.distribution(text(args, "sha256")).ok_or_else(|| {
            let text = format!("what is to be installed as {} is not known any more", intent.target);
            Failure::Refused(
                Error::new("DISTRIBUTION_GONE", text)
                    .hint("`krun resume` opens it again; `krun abort` gives the run up"),
            )
        })?;
        let machine = machine_to_change(&self.0, args)?;
        let owner = owner(&*machine, args).map_err(Failure::Refused)?;
        let what = format!("{} to arrive on the {}", distribution.name, name(args));
        let way = Way {
            path: text(args, "path"),
            owner: &owner,
            tell: &|sent, of| self.0.tell_sending(&what, sent, of),
            stopped: &|| self.0.is_stopped(),
        };
        deliver(&*machine, &distribution, &way)?;
        Ok(Value::Null)
    }

    fn settle(&self, intent: &Intent) -> Result<Settled, Error> {
        Ok(match standing_of(&*machine(&self.0, &intent.args)?, &intent.args)? {
            Standing::Whole => Settled::Done(Value::Null),
            Standing::Missing => Settled::NotDone,
            Standing::Other(how) => Settled::Changed { evidence: format!("{}: {how}", intent.target) },
        })
    }

    fn undo(&self, intent: &Intent) -> Option<Undo> {
        Some(Undo { effect: uninstall::NAME, args: uninstall::args(&intent.args) })
    }

    fn by_hand(&self, intent: &Intent, _bootstrap: &str) -> Vec<String> {
        vec![format!("# on the {}, if nothing runs from it\nrm -r {}", name(&intent.args), text(&intent.args, "path"))]
    }
}
