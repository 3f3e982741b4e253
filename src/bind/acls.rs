//! Access control lists: who may do what.

use crate::bind::change::{none_refused, perform};
use crate::bind::cluster::{Cluster, client, read};
use crate::bind::options::Options;
use crate::bind::raised::{RhaiResultOf, raise};
use crate::bind::signature::function;
use crate::bind::value::to_script;
use crate::effect::{create_acls, delete_acls};
use crate::error::Error;
use crate::kafka::acls::{self, Acl};
use rhai::{Array, Dynamic, Engine, Map, NativeCallContext};
use serde_json::json;

pub(crate) fn register(engine: &mut Engine) {
    function(
        "Cluster.acls() -> array",
        "All ACLs: `resource`, `name`, `pattern`, `principal`, `host`, `operation`, `permission`, in Kafka's words.",
    )
    .register_into_engine(engine, list);
    function(
        "Cluster.create_acls(acls: array)",
        "Creates ACLs: #{ resource: \"TOPIC\", name: \"orders\", principal: \"User:alice\", operation: \"READ\" }; `pattern` is LITERAL, `host` \"*\" and `permission` ALLOW if not given. An effect.",
    )
    .register_into_engine(engine, create);
    function("Cluster.delete_acls(acls: array)", "Deletes these very ACLs, as `acls()` gives them. An effect.")
        .register_into_engine(engine, delete);
}

fn list(context: NativeCallContext, cluster: &mut Cluster) -> RhaiResultOf<Dynamic> {
    let found = read(&context, cluster, acls::list(&client(cluster)))?;
    Ok(to_script(&json!(found)))
}

fn create(context: NativeCallContext, cluster: &mut Cluster, acls: Array) -> RhaiResultOf<()> {
    change(&context, cluster, create_acls::NAME, acls)
}

fn delete(context: NativeCallContext, cluster: &mut Cluster, acls: Array) -> RhaiResultOf<()> {
    change(&context, cluster, delete_acls::NAME, acls)
}

fn change(context: &NativeCallContext, cluster: &Cluster, effect: &str, acls: Array) -> RhaiResultOf<()> {
    let acls = acls.into_iter().map(|given| acl(effect, given)).collect::<Result<Vec<_>, _>>();
    let acls = acls.map_err(|error| raise(context, error))?;
    if acls.is_empty() {
        return Ok(());
    }
    let result = perform(context, cluster, effect, &create_acls::args(&acls))?;
    none_refused(context, &result, "ACL_REFUSED", "some ACLs", "the others are as wanted")
}

/// Words in capitals, as Kafka's own tools print them; the tools take any case, and so does krun.
fn acl(of: &str, given: Dynamic) -> Result<Acl, Error> {
    let Some(given) = given.try_cast::<Map>() else {
        return Err(Error::new("INVALID_ACL", format!("`{of}` takes maps"))
            .hint("#{ resource: \"TOPIC\", name: \"orders\", principal: \"User:alice\", operation: \"READ\" }"));
    };
    let mut options = Options::new(of, given);
    let [resource, name, pattern, principal, host, operation, permission] =
        ["resource", "name", "pattern", "principal", "host", "operation", "permission"].map(|key| options.text(key));
    let acl = Acl {
        resource: word("resource", resource?)?,
        name: given_text("name", name?)?,
        pattern: pattern?.map_or_else(|| "LITERAL".to_owned(), |text| text.to_uppercase()),
        principal: given_text("principal", principal?)?,
        host: host?.unwrap_or_else(|| "*".to_owned()),
        operation: word("operation", operation?)?,
        permission: permission?.map_or_else(|| "ALLOW".to_owned(), |text| text.to_uppercase()),
    };
    options.finish()?;
    acl.checked()
}

fn word(key: &str, given: Option<String>) -> Result<String, Error> {
    given_text(key, given).map(|text| text.to_uppercase())
}

fn given_text(key: &str, given: Option<String>) -> Result<String, Error> {
    given.ok_or_else(|| {
        Error::new("INVALID_ACL", format!("an ACL has no `{key}`"))
            .hint("#{ resource: \"TOPIC\", name: \"orders\", principal: \"User:alice\", operation: \"READ\" }")
    })
}
