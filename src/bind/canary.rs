//! `canary`: records are written and read beside a body, and at its end all of them are accounted for.

mod watch;

use crate::bind::flow::call;
use crate::bind::host::Host;
use crate::bind::options::Options;
use crate::bind::raised::{RhaiResultOf, leave, raise};
use crate::bind::signature::function;
use crate::effect::create_topic;
use crate::error::Error;
use crate::event::canary::{Gap, Verdict};
use crate::run::trouble::{Halt, Trouble};
use rhai::{Array, Dynamic, Engine, FnPtr, INT, Map, NativeCallContext};
use std::cell::RefCell;
use std::time::Duration;
use watch::Watch;

const RATE: u32 = 200;
const MOST: u32 = 100_000;
const PATIENCE: Duration = Duration::from_mins(1);

pub(crate) fn register(engine: &mut Engine) {
    let doc = "Writes and reads records while `body` runs, to a topic that every broker leads a partition of, and fails where an acknowledged one is lost. Gives what it saw: `sent`, `acked`, `read`, `lost`, `unread`, `expired`, `duplicates`, `failed`, `longest_gap` and `p99` in seconds, `not_watched`, and the body's `value`. Options: `rate` (200 records a second; 0: only the body runs), `max_gap` (none: how long a partition may be without an acknowledgement), `patience` (\"1m\": how long nothing may come while it starts and ends).";
    function("canary(name: string, body: closure) -> map", doc)
        .register_into_engine(engine, |context: NativeCallContext, name: &str, body: FnPtr| {
            canary(context, name, Map::new(), body)
        });
    function("canary(name: string, options: map, body: closure) -> map", doc).register_into_engine(engine, canary);
}

/// What is asked of one.
#[derive(Clone, Copy)]
struct Asked {
    rate: u32,
    max_gap: Option<Duration>,
    patience: Duration,
}

fn asked(given: Map) -> Result<Asked, Error> {
    let mut options = Options::new("canary", given);
    let read =
        |value: &Dynamic| value.as_int().ok().and_then(|rate| u32::try_from(rate).ok()).filter(|rate| *rate <= MOST);
    let rate = options.read_by("rate", read, "records per second, a whole number from 0 to 100000")?;
    let max_gap = options.duration("max_gap")?;
    let patience = options.duration("patience")?.unwrap_or(PATIENCE);
    options.finish()?;
    Ok(Asked { rate: rate.unwrap_or(RATE), max_gap, patience })
}

fn canary(context: NativeCallContext, name: &str, options: Map, body: FnPtr) -> RhaiResultOf<Map> {
    let host = Host::of(&context)?;
    let asked = asked(options).map_err(|error| raise(&context, error))?;
    let body = || call(&host, &context, &body, ());
    let judged = if asked.rate == 0 {
        host.session.without_canary(name, body).map(|value| (value, Verdict::default()))
    } else {
        watched(&host, name, asked, body)
    };
    let (value, verdict) = judged.map_err(|trouble| leave(&context, trouble))?;
    Ok(as_map(&verdict, value))
}

fn watched(
    host: &Host,
    name: &str,
    asked: Asked,
    body: impl FnOnce() -> Result<Dynamic, Trouble>,
) -> Result<(Dynamic, Verdict), Trouble> {
    let session = &host.session;
    let standing = session.canary_standing(name, create_topic::NAME);
    let watch = RefCell::new(None);
    let change = || {
        let made = watch::make_topic(host, &standing)?;
        if standing.verdict.is_none() {
            *watch.borrow_mut() = Some(Watch::start(host, &standing, &made, asked)?);
        }
        Ok(())
    };
    let work = || match (watch.take(), &standing.verdict) {
        (Some(watch), _) => {
            let result = body();
            watch.end(&host.session, result)
        }
        // An earlier session has judged it.
        (None, Some(verdict)) => body().map(|value| (value, verdict.clone())),
        (None, None) => Err(Halt::Broken(Error::new("RUN_BROKEN", format!("canary `{name}` has no verdict"))).into()),
    };
    // What was written must be there for the session that goes on.
    let (value, verdict) = session.temporarily(name, true, change, work)?;
    match (verdict.longest_gap, asked.max_gap) {
        (Some(gap), Some(most)) if Duration::from_millis(gap.ms) > most => Err(too_long(name, &gap, most).into()),
        _ => Ok((value, verdict)),
    }
}

fn too_long(name: &str, gap: &Gap, most: Duration) -> Error {
    let most = crate::quantity::duration::text(most);
    let long = crate::quantity::duration::text(Duration::from_millis(gap.ms));
    let text = format!(
        "canary `{name}`: partition {} acknowledged nothing for {long} from {}, and max_gap is {most}",
        gap.partition,
        gap.from.strftime("%Y-%m-%dT%H:%M:%SZ")
    );
    Error::new("CANARY_GAP", text)
        .hint("nothing acknowledged was lost; what led that partition then, and what was done to it?")
}

#[expect(clippy::cast_precision_loss, reason = "milliseconds of less than a million years")]
fn seconds(milliseconds: u64) -> Dynamic {
    Dynamic::from_float(milliseconds as f64 / 1000.0)
}

fn as_map(verdict: &Verdict, value: Dynamic) -> Map {
    let number = |count: u64| Dynamic::from_int(INT::try_from(count).unwrap_or(INT::MAX));
    let mut map = Map::new();
    for (key, count) in [
        ("sent", verdict.sent),
        ("acked", verdict.acked),
        ("read", verdict.read),
        ("lost", verdict.lost),
        ("unread", verdict.unread),
        ("expired", verdict.expired),
        ("duplicates", verdict.duplicates),
        ("failed", verdict.failed),
    ] {
        map.insert(key.into(), number(count));
    }
    let not_watched = verdict.not_watched.iter().map(|period| {
        let members = [("from", period.from.to_string()), ("to", period.to.to_string())];
        Dynamic::from_map(members.into_iter().map(|(key, at)| (key.into(), at.into())).collect())
    });
    map.insert("topic".into(), verdict.topic.clone().into());
    map.insert("not_watched".into(), Dynamic::from_array(not_watched.collect::<Array>()));
    map.insert("longest_gap".into(), seconds(verdict.longest_gap.map_or(0, |gap| gap.ms)));
    map.insert("p99".into(), seconds(verdict.p99_ms));
    map.insert("value".into(), value);
    map
}
