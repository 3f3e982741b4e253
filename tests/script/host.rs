//! A handful of host functions of the same shapes as krun's own.

use krun::bind::raised::Raised;
use krun::error::Error;
use krun::event::Place;
use krun::script::check::Rules;
use krun::script::{api::HostApi, engine, failure, source::SourceMap};
use rhai::plugin::*;
use rhai::{Array, Dynamic, Engine, EvalAltResult, FnPtr, Map, NativeCallContext};
use std::sync::Arc;

type RhaiResultOf<T> = Result<T, Box<EvalAltResult>>;

pub(crate) const RULES: Rules<'static> = Rules { effects: &["alter_configs", "create_topic", "delete_topic"] };

pub(crate) fn engine() -> Engine {
    engine::build(|engine| {
        engine.register_type_with_name::<Cluster>("Cluster");
        engine.register_type_with_name::<Raised>("Error");
        engine.register_global_module(rhai::exported_module!(flow).into());
        engine.register_static_module("kafka", rhai::exported_module!(kafka).into());
    })
}

#[derive(Debug, Clone)]
pub(crate) struct Cluster;

fn raise(context: &NativeCallContext, error: Error) -> EvalAltResult {
    let position = context.call_position();
    let place = position.line().map(|line| Place {
        file: context.call_source().unwrap_or_default().to_owned(),
        line,
        column: position.position().unwrap_or(1),
    });
    EvalAltResult::ErrorRuntime(Dynamic::from(Raised { error, place, failure: None, origin: None }), position)
}

/// Calls a closure as a step does: its error goes on as the host's own, with the first as its origin.
fn enter(context: &NativeCallContext, body: &FnPtr) -> RhaiResultOf<Dynamic> {
    body.call_within_context(context, ()).map_err(|error| {
        let told = failure::to_error(&error, &HostApi::of(context.engine()));
        let sources = context.tag().and_then(|tag| tag.clone().try_cast::<SourceMap>()).unwrap_or_default();
        let start = sources.main().map_or("", |file| file.name());
        let place = failure::place_of(&error, start, &sources);
        let raised = Raised { error: told, place, failure: None, origin: Some(Arc::new(error)) };
        Box::new(EvalAltResult::ErrorRuntime(Dynamic::from(raised), context.call_position()))
    })
}

#[export_module]
#[expect(unreachable_pub, clippy::unwrap_used, reason = "the macro exports what is `pub`, and unwraps receivers")]
mod flow {
    #[rhai_fn(return_raw)]
    pub fn step(context: NativeCallContext, name: &str, body: FnPtr) -> RhaiResultOf<Dynamic> {
        let _ = name;
        enter(&context, &body)
    }

    #[rhai_fn(return_raw)]
    pub fn preflight(context: NativeCallContext, name: &str, body: FnPtr) -> RhaiResultOf<Dynamic> {
        let _ = name;
        enter(&context, &body)
    }

    #[rhai_fn(return_raw)]
    pub fn temporarily(context: NativeCallContext, name: &str, change: FnPtr, work: FnPtr) -> RhaiResultOf<Dynamic> {
        let _ = name;
        let _: Dynamic = change.call_within_context(&context, ())?;
        work.call_within_context(&context, ())
    }

    #[rhai_fn(return_raw, name = "temporarily")]
    pub fn temporarily_with(
        context: NativeCallContext,
        name: &str,
        options: Map,
        change: FnPtr,
        work: FnPtr,
    ) -> RhaiResultOf<Dynamic> {
        let _ = options;
        temporarily(context, name, change, work)
    }

    #[rhai_fn(return_raw)]
    pub fn all_or_nothing(context: NativeCallContext, name: &str, body: FnPtr) -> RhaiResultOf<Dynamic> {
        let _ = name;
        enter(&context, &body)
    }

    #[rhai_fn(return_raw)]
    pub fn wait_until(context: NativeCallContext, what: &str, options: Map, test: FnPtr) -> RhaiResultOf<Dynamic> {
        let _ = (what, options);
        test.call_within_context(&context, ())
    }

    #[rhai_fn(return_raw)]
    pub fn retry(context: NativeCallContext, body: FnPtr) -> RhaiResultOf<Dynamic> {
        body.call_within_context(&context, ())
    }

    #[rhai_fn(return_raw)]
    pub fn fail(context: NativeCallContext, message: &str) -> RhaiResultOf<()> {
        Err(raise(&context, Error::new("FAILED", message)).into())
    }

    pub fn param(name: &str) -> Dynamic {
        Dynamic::from(format!("the value of {name}"))
    }

    #[rhai_fn(global, pure)]
    pub fn brokers(cluster: &mut Cluster) -> Array {
        let _ = cluster;
        vec![Dynamic::from_int(1), Dynamic::from_int(2)]
    }

    #[rhai_fn(global, pure)]
    pub fn alter_configs(cluster: &mut Cluster, topic: &str, configs: Map) {
        let _ = (cluster, topic, configs);
    }

    #[rhai_fn(global, pure)]
    pub fn delete_topic(cluster: &mut Cluster, name: &str) {
        let _ = (cluster, name);
    }

    #[rhai_fn(return_raw, global, pure)]
    pub fn create_topic(context: NativeCallContext, cluster: &mut Cluster, name: &str) -> RhaiResultOf<()> {
        let _ = cluster;
        let error = Error::new("TOPIC_ALREADY_EXISTS", format!("topic {name} exists already"));
        Err(raise(&context, error.hint("`cluster.topic(name)` reads it")).into())
    }

    #[rhai_fn(global, get = "id", pure)]
    pub fn id(cluster: &mut Cluster) -> String {
        let _ = cluster;
        "c1".to_owned()
    }

    #[rhai_fn(global, get = "message", pure)]
    pub fn message(error: &mut Raised) -> String {
        error.error.message.clone()
    }
}

#[export_module]
#[expect(unreachable_pub, reason = "the macro exports what is `pub`")]
mod kafka {
    pub fn connect() -> Cluster {
        Cluster
    }

    #[rhai_fn(return_raw, name = "connect")]
    pub fn connect_to(context: NativeCallContext, name: &str) -> RhaiResultOf<Cluster> {
        Err(raise(&context, Error::new("CLUSTER_NOT_FOUND", format!("there is no cluster {name}"))).into())
    }
}
