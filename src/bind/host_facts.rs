//! `host.facts()`: all that is worth knowing of a broker's host, in one look.

use crate::bind::machine::OnHost;
use crate::bind::raised::{RhaiResultOf, raise};
use crate::bind::signature::function;
use crate::bind::value::to_script;
use crate::error::Error;
use crate::host::Which;
use rhai::{Dynamic, Engine, NativeCallContext};

pub(crate) fn register(engine: &mut Engine) {
    function(
        "Host.facts() -> map",
        "The host of a broker in one look: `user`, `service`, `link` and `link_version`, `installed`, `running_version` (the jar that is open, wherever the link points to by now), `logged_version`, `jars`, `ports`, `config`, `log_dirs` with `broker_id`, `cluster_id` and `disk`, `java`, `clock`.",
    )
    .register_into_engine(engine, facts);
}

fn facts(context: NativeCallContext, on: &mut OnHost) -> RhaiResultOf<Dynamic> {
    let asked = || {
        let Which::Broker(broker) = on.which else {
            let text = format!("nobody says where a broker lives on {}", on.which);
            return Err(Error::new("UNKNOWN_HOST", text).hint("cluster.host(ID).facts() tells of the host of a broker"));
        };
        let home = on.host.connection.hosts.home(broker)?;
        on.machine()?.facts(home)
    };
    let facts = asked().map_err(|error| raise(&context, error))?;
    Ok(to_script(&serde_json::to_value(facts).unwrap_or_default()))
}
