//! The JSON lines of a session as a text for people who review goldens: what happened, without times and numbers.

use serde_json::Value;

/// One line each; nothing for what depends on the clock.
pub(super) fn lines(out: &[String]) -> Vec<String> {
    let events = out.iter().map(|line| serde_json::from_str(line).unwrap_or(Value::String(line.clone())));
    events.flat_map(|event: Value| told(&event)).collect()
}

/// The names of the runs that were opened.
pub(super) fn runs(out: &[String]) -> Vec<String> {
    let events = out.iter().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let opened = events.filter(|event| event["kind"] == "run_opened");
    opened.filter_map(|event| event["run"].as_str().map(str::to_owned)).collect()
}

fn told(event: &Value) -> Vec<String> {
    let text = |key: &str| event[key].as_str().unwrap_or_default().to_owned();
    let one = |text: String| vec![text];
    match event["kind"].as_str().unwrap_or_default() {
        // What is said beside the script comes before or after what the script does.
        "run_opened" | "session_started" | "preflight" | "waiting" | "stopping" => Vec::new(),
        "step_begun" => one(format!("begin    {}", step(event))),
        "step_finished" => one(format!("finish   {} → {}", step(event), value(&event["value"]))),
        "step_failed" => {
            one(format!("fail     {} → {}{}", step(event), error(&event["error"]), place(&event["place"])))
        }
        "step_replayed" => one(format!("recorded {}", step(event))),
        "preflight_passed" => one(format!("passed   {}", step(event))),
        "edited" => one(format!(
            "edited   text {}, accepted {}, new parameters {}",
            event["number"], event["accepted"], event["params"]
        )),
        "edited_step" => one(format!(
            "{:<8} {}{}",
            text("fate"),
            step(event),
            if event["finished"] == true { " (finished)" } else { "" }
        )),
        "parallel_begun" => one(format!("parallel {} {} ({} at once)", step(event), event["items"], event["at_once"])),
        "parallel_ended" => one(format!("over     {} {}", step(event), counts(event))),
        "temporary_opened" => {
            one(format!("open     {}{}", step(event), if event["keep"] == true { " (keep)" } else { "" }))
        }
        "temporary_closed" => {
            one(format!("close    {}{}", step(event), if event["finished"] == true { "" } else { " (unfinished)" }))
        }
        "temporary_work_done" => one(format!("worked   {}", step(event))),
        "abort_plan" => one(format!("would    {}", text("text"))),
        "effect_intent" => {
            let verb = if event["undoes"].is_null() { "change   " } else { "put back " };
            one(format!("{verb}{}", text("summary")))
        }
        "effect_outcome" => one(format!("         {}", outcome(&event["outcome"]))),
        "asking" => one(format!("ask      {}", text("question"))),
        "answered" => one(format!("answer   {}: {}", text("question"), text("answer"))),
        "paused" => one(format!("pause    {}", text("text"))),
        "declined" => one(format!("decline  {}", text("question"))),
        "log" => one(format!("log      {}", text("text"))),
        "warning" => one(format!("warn     {}", text("text"))),
        "table" => one(format!("table    {} {}", event["columns"], event["rows"])),
        "wait_over" => one(format!("over     {}", text("what"))),
        "left_in_place" => one(format!("left     {}", text("what"))),
        "session_ended" => ended(&event["ending"]),
        "error" => with_hint(format!("error    {}", error(event)), event),
        // A finding of the check, and what else there may be.
        _ if event["message"].is_string() => with_hint(format!("finding  {}", error(event)), event),
        _ => one(event.to_string()),
    }
}

/// A recorded value; of krun's own types only the name, since theirs are long.
fn value(recorded: &Value) -> Value {
    match recorded {
        Value::Object(members) => match members.get("$krun") {
            Some(name) => Value::String(format!("the {}", name.as_str().unwrap_or("?"))),
            None => members.iter().map(|(key, member)| (key.clone(), value(member))).collect(),
        },
        Value::Array(items) => items.iter().map(value).collect(),
        other => other.clone(),
    }
}

/// How many items of a `parallel` ended how.
fn counts(event: &Value) -> String {
    let kinds = ["ok", "failed", "unreachable", "not_started"];
    let counts = kinds.iter().filter(|kind| event[*kind] != 0).map(|kind| format!("{kind} {}", event[*kind]));
    counts.collect::<Vec<_>>().join(", ")
}

fn step(event: &Value) -> String {
    let names: Vec<&str> = event["path"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    match event["attempt"].as_u64() {
        Some(attempt) if attempt > 1 => format!("{} (attempt {attempt})", names.join(" › ")),
        _ => names.join(" › "),
    }
}

fn error(error: &Value) -> String {
    let retriable = if error["retriable"] == true { " (retriable)" } else { "" };
    format!("{}: {}{retriable}", error["code"].as_str().unwrap_or("?"), error["message"].as_str().unwrap_or("?"))
}

fn place(place: &Value) -> String {
    if place.is_null() {
        return String::new();
    }
    format!(" @ {}:{}:{}", place["file"].as_str().unwrap_or("?"), place["line"], place["column"])
}

fn outcome(outcome: &Value) -> String {
    match outcome["result"].as_str().unwrap_or_default() {
        "done" if outcome["acted"] == true => "done".to_owned(),
        "done" => "nothing to do".to_owned(),
        "refused" => format!("refused: {}", error(&outcome["error"])),
        other => format!("{other}: {}", outcome["evidence"].as_str().unwrap_or("?")),
    }
}

fn ended(ending: &Value) -> Vec<String> {
    let how = ending["as"].as_str().unwrap_or("?");
    let line = match how {
        "failed" => format!("{how}: {}{}", error(&ending["error"]), place(&ending["place"])),
        "broken" | "blocked" => format!("{how}: {}", error(&ending["error"])),
        "outstanding" => format!("{how}: {}", ending["what"]),
        "paused" => format!("{how}: {}", ending["text"].as_str().unwrap_or("?")),
        "window_closed" => format!("{how}: {}", ending["window"].as_str().unwrap_or("?")),
        "question" => format!("{how}: {}", ending["question"].as_str().unwrap_or("?")),
        _ => how.to_owned(),
    };
    with_hint(format!("end      {line}"), &ending["error"])
}

fn with_hint(line: String, error: &Value) -> Vec<String> {
    let hint = error["hint"].as_str().map(|hint| format!("         ({hint})"));
    std::iter::once(line).chain(hint).collect()
}
