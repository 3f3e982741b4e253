//! What a host is furnished with so that a broker can live on it: folders, owners, users, unit files.

use crate::bind::machine::OnHost;
use crate::bind::machine_change::perform;
use crate::bind::options::Options;
use crate::bind::raised::{RhaiResultOf, raise};
use crate::bind::signature::function;
use crate::bind::value::to_script;
use crate::effect::{give, make_folder, user, write_unit};
use crate::error::Error;
use crate::host::provision::Owner;
use rhai::{Dynamic, Engine, Map, NativeCallContext};
use serde_json::json;

pub(crate) fn register(engine: &mut Engine) {
    function(
        "Host.owner(path: string) -> map",
        "Whose a file or folder is: `user`, `group`, `mode` (octal, such as \"755\"); () where there is nothing.",
    )
    .register_into_engine(engine, owner);
    function("Host.has_user(name: string) -> bool", "Whether the system knows a user.")
        .register_into_engine(engine, has_user);
    function("Host.make_folder(path: string, owner: map)", "A folder, with its owner as `owner(path)` gives it. One that is there stays as it is; those that it lies in must be there. An effect.")
        .register_into_engine(engine, make);
    function("Host.give(path: string, owner: map)", "Another owner and mode for a file or folder. An effect.")
        .register_into_engine(engine, give_away);
    function(
        "Host.add_user(name: string)",
        "A user of the system, who cannot log in, with a group of the same name. One that is there stays. An effect.",
    )
    .register_into_engine(engine, add_user);
    function("Host.write_unit(unit: string, text: string)", "The text of a unit file in /etc/systemd/system; systemd reads it at once. What it replaces stays beside it. An effect.")
        .register_into_engine(engine, unit);
}

/// An owner as a script writes it.
pub(super) fn owner_of(given: Map) -> Result<Owner, Error> {
    let mut options = Options::new("owner", given);
    let (user, group, mode) = (options.text("user")?, options.text("group")?, options.text("mode")?);
    options.finish()?;
    let (Some(user), Some(group), Some(mode)) = (user, group, mode) else {
        let text = "an owner has a user, a group and a mode";
        return Err(Error::new("INVALID_ARGUMENT", text).hint("#{ user: \"kafka\", group: \"kafka\", mode: \"755\" }"));
    };
    if !(3..=4).contains(&mode.len()) || !mode.chars().all(|digit| digit.is_digit(8)) {
        let error = Error::new("INVALID_ARGUMENT", format!("`{mode}` is no mode"));
        return Err(error.hint("octal, such as \"755\" or \"0640\""));
    }
    Ok(Owner { user, group, mode })
}

fn owner(context: NativeCallContext, on: &mut OnHost, path: &str) -> RhaiResultOf<Dynamic> {
    let found = on.machine().and_then(|machine| machine.provision().owner(path));
    let found = found.map_err(|error| raise(&context, error))?;
    Ok(found.map_or(Dynamic::UNIT, |owner| to_script(&json!(owner))))
}

fn has_user(context: NativeCallContext, on: &mut OnHost, name: &str) -> RhaiResultOf<bool> {
    on.machine().and_then(|machine| machine.provision().has_user(name)).map_err(|error| raise(&context, error))
}

fn make(context: NativeCallContext, on: &mut OnHost, path: &str, owner: Map) -> RhaiResultOf<()> {
    let owner = owner_of(owner).map_err(|error| raise(&context, error))?;
    perform(&context, on, make_folder::NAME, &make_folder::args(&on.which, path, Some(&owner))).map(drop)
}

fn give_away(context: NativeCallContext, on: &mut OnHost, path: &str, owner: Map) -> RhaiResultOf<()> {
    let owner = owner_of(owner).map_err(|error| raise(&context, error))?;
    perform(&context, on, give::NAME, &give::args(&on.which, path, &owner)).map(drop)
}

fn add_user(context: NativeCallContext, on: &mut OnHost, name: &str) -> RhaiResultOf<()> {
    perform(&context, on, user::NAME, &user::args(&on.which, name, true)).map(drop)
}

fn unit(context: NativeCallContext, on: &mut OnHost, unit: &str, text: &str) -> RhaiResultOf<()> {
    let args = write_unit::args(&on.host.connection, &on.which, unit, text.as_bytes().to_vec());
    perform(&context, on, write_unit::NAME, &args).map(drop)
}
