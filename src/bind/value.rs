//! Script values as JSON and back: only what comes back as it went in. Anything else is an error, never a type's name.

use crate::bind::cluster::Cluster;
use crate::bind::plan::{ClusterState, Plan};
use crate::bind::raised::Raised;
use crate::error::Error;
use rhai::{Array, Dynamic, Engine, FnPtr, INT, ImmutableString, Map, NativeCallContext};
use serde_json::{Number, Value, json};
use std::ops::{Range, RangeInclusive};
use std::sync::Arc;

/// Marks a recorded value of one of krun's own types.
const OWN: &str = "$krun";

/// The JSON of plain data and of krun's recorded types.
pub fn encode(value: &Dynamic) -> Result<Value, Error> {
    encode_at(value, "")
}

fn encode_at(value: &Dynamic, at: &str) -> Result<Value, Error> {
    let value = value.flatten_clone();
    if value.is_unit() {
        return Ok(Value::Null);
    }
    if let Ok(flag) = value.as_bool() {
        return Ok(Value::Bool(flag));
    }
    if let Ok(number) = value.as_int() {
        return Ok(json!(number));
    }
    if let Ok(number) = value.as_float() {
        return Number::from_f64(number).map(Value::Number).ok_or_else(|| not_data(at, &number.to_string()));
    }
    if value.is_string() {
        return Ok(Value::String(value.into_string().unwrap_or_default()));
    }
    if let Some(items) = value.read_lock::<Array>() {
        let items = items.iter().enumerate().map(|(index, item)| encode_at(item, &format!("{at}[{index}]")));
        return items.collect::<Result<_, _>>().map(Value::Array);
    }
    if let Some(members) = value.read_lock::<Map>() {
        if members.contains_key(OWN) {
            return Err(not_data(at, &format!("a map with the key `{OWN}`")));
        }
        let members =
            members.iter().map(|(key, member)| Ok((key.to_string(), encode_at(member, &format!("{at}.{key}"))?)));
        return members.collect::<Result<_, _>>().map(Value::Object);
    }
    if let Some(plan) = value.read_lock::<Plan>() {
        return own("plan", &*plan.0);
    }
    if let Some(state) = value.read_lock::<ClusterState>() {
        return own("cluster_state", &*state.0);
    }
    Err(not_data(at, kind_of(&value)))
}

/// What a value is that is no data, in the script's words.
fn kind_of(value: &Dynamic) -> &'static str {
    if value.is_fnptr() {
        "a closure"
    } else if value.is_char() {
        "a character"
    } else if value.is::<Cluster>() {
        "a cluster"
    } else if value.is::<Raised>() {
        "an error"
    } else if value.is::<Range<INT>>() || value.is::<RangeInclusive<INT>>() {
        "a range"
    } else {
        "no plain data"
    }
}

/// Any value as `print` shows it.
pub(crate) fn text_of(context: &NativeCallContext, value: Dynamic) -> String {
    let text = context.call_native_fn::<ImmutableString>("to_string", (value.clone(),));
    text.map_or_else(|_| value.to_string(), |text| text.to_string())
}

/// Closures have names of the engine's own, which say nothing to anybody.
pub(crate) fn register(engine: &mut Engine) {
    engine.register_fn("to_string", |_: &mut FnPtr| "closure").register_fn("to_debug", |_: &mut FnPtr| "closure");
}

fn own(name: &str, data: &impl serde::Serialize) -> Result<Value, Error> {
    let data = serde_json::to_value(data).map_err(|error| Error::new("NOT_PLAIN_DATA", error.to_string()))?;
    Ok(json!({ OWN: name, "data": data }))
}

pub fn decode(value: &Value) -> Result<Dynamic, Error> {
    Ok(match value {
        Value::Null => Dynamic::UNIT,
        Value::Bool(flag) => Dynamic::from_bool(*flag),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(number), _) => Dynamic::from_int(number),
            (None, Some(number)) => Dynamic::from_float(number),
            (None, None) => return Err(unreadable(&number.to_string())),
        },
        Value::String(text) => Dynamic::from(ImmutableString::from(text.as_str())),
        Value::Array(items) => {
            let items: Array = items.iter().map(decode).collect::<Result<_, _>>()?;
            Dynamic::from_array(items)
        }
        Value::Object(members) => {
            if let Some(name) = members.get(OWN).and_then(Value::as_str) {
                own_back(name, members.get("data").unwrap_or(&Value::Null))?
            } else {
                let members = members.iter().map(|(key, member)| Ok((key.as_str().into(), decode(member)?)));
                Dynamic::from_map(members.collect::<Result<Map, Error>>()?)
            }
        }
    })
}

fn own_back(name: &str, data: &Value) -> Result<Dynamic, Error> {
    let unreadable = |error: serde_json::Error| unreadable(&format!("{name}: {error}"));
    match name {
        "plan" => Ok(Dynamic::from(Plan(Arc::new(serde_json::from_value(data.clone()).map_err(unreadable)?)))),
        "cluster_state" => {
            Ok(Dynamic::from(ClusterState(Arc::new(serde_json::from_value(data.clone()).map_err(unreadable)?))))
        }
        other => Err(Error::new("RECORDED_VALUE", format!("this krun knows no recorded value of the kind `{other}`"))
            .hint("use the krun that recorded it, or a newer one")),
    }
}

fn unreadable(what: &str) -> Error {
    Error::new("RECORDED_VALUE", format!("the journal holds a value that cannot be read back: {what}"))
}

fn not_data(at: &str, what: &str) -> Error {
    let whole = "the value of a step".to_owned();
    let at = if at.is_empty() { whole } else { format!("{whole} at `{}`", at.trim_start_matches('.')) };
    Error::new("NOT_PLAIN_DATA", format!("{at} is {what}, which cannot be recorded"))
        .hint("return unit, bool, int, finite float, string, array, map, a plan or a cluster state")
}

/// A JSON value that krun itself made, as a script sees it.
pub(crate) fn to_script(value: &Value) -> Dynamic {
    decode(value).unwrap_or(Dynamic::UNIT)
}

pub(crate) fn ints(ids: &[i32]) -> Dynamic {
    Dynamic::from_array(ids.iter().map(|id| Dynamic::from_int(INT::from(*id))).collect())
}

pub(crate) fn ids(value: &Dynamic) -> Option<Vec<i32>> {
    let items = value.read_lock::<Array>()?;
    items.iter().map(|id| i32::try_from(id.as_int().ok()?).ok()).collect()
}
