//! `krun resume --edited`: a run goes on by the runbook as it is now, after everybody could see what that means.

use crate::cli::arguments::Shared;
use crate::cli::{Complaint, screen};
use crate::error::Error;
use crate::event::{Path, Record, path_text};
use crate::run::history::{History, StepResult};
use crate::run::store::{About, RunFolder};
use crate::script::api::HostApi;
use crate::script::check::Rules;
use crate::script::edited::{self, Comparison, Fate, Recorded, RecordedKind};
use crate::script::engine::Engine;
use crate::script::params::Declared;
use crate::script::runbook::{Runbook, Unloadable};
use crate::suggestion::did_you_mean;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// So many steps that are the same are named.
const NAMED: usize = 6;

pub(crate) struct Taken {
    pub(crate) runbook: Runbook,
    /// The parameters that are new, with their defaults.
    pub(crate) params: BTreeMap<String, Value>,
    accepted: Vec<Path>,
}

/// Shows what became of the steps, and gives the edited runbook; none where nothing was edited.
pub(crate) fn take(
    shared: &Shared,
    about: &About,
    history: &History,
    old: &Runbook,
    engine: &Engine,
    accept: &[String],
) -> Result<Option<Taken>, Complaint> {
    let runbook = load(about, engine, shared)?;
    if runbook.sources() == old.sources() {
        screen::note(&format!("{} and what it imports are as this run has them", about.runbook));
        return Ok(None);
    }
    let params = new_params(about, old, &runbook)?;
    let comparison = edited::compare(old, &runbook, recorded(history), &HostApi::of(engine));
    show(shared, &comparison);
    refuse_what_vanished(&comparison)?;
    let accepted = accepted(&comparison, accept)?;
    Ok(Some(Taken { runbook, params, accepted }))
}

impl Taken {
    /// Stores the texts, and gives the record that makes them count.
    pub(crate) fn stored_in(&self, folder: &RunFolder) -> Result<Record, Error> {
        let number = folder.store_edit(self.runbook.sources())?;
        let files = self.runbook.sources().iter().map(|(name, _)| name.clone()).collect();
        Ok(Record::Edited { number, files, params: self.params.clone(), accepted: self.accepted.clone() })
    }
}

/// The runbook as it is now; it must check.
fn load(about: &About, engine: &Engine, shared: &Shared) -> Result<Runbook, Complaint> {
    let path = std::path::Path::new(&about.runbook);
    let runbook = Runbook::load(path, engine).map_err(|unloadable| match unloadable {
        Unloadable::Unreadable(error) => {
            let hint = "the run names it as it was typed: go to the folder where the run was begun";
            Complaint::usage(error.hint(hint))
        }
        Unloadable::Broken(report) => Complaint::Unchecked(report),
    })?;
    let report = runbook.check(engine, &Rules { effects: crate::bind::change::EFFECTS });
    if report.has_errors() {
        return Err(Complaint::Unchecked(Box::new(report)));
    }
    if !report.problems.is_empty() {
        screen::problems(shared, &report);
    }
    Ok(runbook)
}

/// What the journal knows by a name.
fn recorded(history: &History) -> Vec<Recorded> {
    let steps = history.steps.iter().filter_map(|(path, attempts)| {
        let last = attempts.last()?;
        let is_item = path.split_last().is_some_and(|(_, around)| history.parallels.contains(around));
        let kind = if is_item { RecordedKind::Item } else { RecordedKind::Step };
        let is_over = matches!(last.result, StepResult::Finished(_)) || !history.is_unfinished(last);
        Some((last.begun, Recorded { path: path.clone(), kind, is_finished: is_over }))
    });
    let mut steps: Vec<(u64, Recorded)> = steps.collect();
    steps.sort_by_key(|(begun, _)| *begun);
    let open = history.open_temporaries().map(|open| Recorded {
        path: open.path.clone(),
        kind: RecordedKind::Temporary,
        is_finished: false,
    });
    steps.into_iter().map(|(_, step)| step).chain(open).collect()
}

/// Values for parameters that the run was not begun with. What it was begun with must still mean the same.
fn new_params(about: &About, old: &Runbook, new: &Runbook) -> Result<BTreeMap<String, Value>, Complaint> {
    let (mut values, mut wrong) = (BTreeMap::new(), Vec::new());
    for param in new.params().declared() {
        let before = old.params().declared().iter().find(|before| before.name == param.name);
        match before {
            Some(before) if about.params.contains_key(&param.name) => {
                let words = |one: &Declared| (one.kind, one.choices.clone(), one.words.clone());
                if words(before) != words(param) {
                    let text = format!(
                        "the parameter `{}` is not of the kind any more that this run was begun with",
                        param.name
                    );
                    wrong.push(
                        Error::new("PARAMETER_CHANGED", text).hint("give it its kind back, or a new one another name"),
                    );
                }
            }
            _ if param.is_required() => {
                let text =
                    format!("the edited runbook wants the parameter `{}`, which this run was not given", param.name);
                wrong.push(
                    Error::new("PARAMETER_MISSING", text).hint("give it a `value: …` in PARAMS, or `optional: true`"),
                );
            }
            _ => drop(values.insert(param.name.clone(), param.default.clone().unwrap_or(Value::Null))),
        }
    }
    if wrong.is_empty() { Ok(values) } else { Err(Complaint::Usage(wrong)) }
}

fn show(shared: &Shared, comparison: &Comparison) {
    if shared.json {
        for (one, fate) in &comparison.fates {
            let fate = match fate {
                Fate::Same => "same",
                Fate::Changed => "changed",
                Fate::Vanished => "vanished",
            };
            let path = &one.path;
            screen::json_line(
                &json!({ "kind": "edited_step", "path": path, "fate": fate, "finished": one.is_finished }),
            );
        }
        for name in &comparison.new {
            screen::json_line(&json!({ "kind": "edited_step", "path": [name], "fate": "new", "finished": false }));
        }
        return;
    }
    let of = |wanted: Fate| comparison.fates.iter().filter(move |(_, fate)| *fate == wanted).map(|(one, _)| one);
    let same: Vec<String> = of(Fate::Same).map(|one| path_text(&one.path)).collect();
    let more = if same.len() > NAMED { format!(" and {} more", same.len() - NAMED) } else { String::new() };
    let named = same.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    let colon = if same.is_empty() { "" } else { ": " };
    screen::note(&format!("the edited runbook, step by step: {} as before{colon}{named}{more}", same.len()));
    for one in of(Fate::Changed) {
        let what =
            if one.is_finished { "finished, keeps what it gave" } else { "not finished, goes on by the new text" };
        screen::note(&format!("changed:  {}  ({what})", path_text(&one.path)));
    }
    for one in of(Fate::Vanished) {
        let what = if one.is_finished { "finished, what it did stays" } else { "not finished" };
        screen::note(&format!("vanished: {}  ({what})", path_text(&one.path)));
    }
    for name in &comparison.new {
        screen::note(&format!("new:      {name}"));
    }
}

/// What was begun must be gone on with, or given up.
fn refuse_what_vanished(comparison: &Comparison) -> Result<(), Complaint> {
    let gone = comparison.fates.iter().filter(|(one, fate)| *fate == Fate::Vanished && !one.is_finished);
    let errors: Vec<Error> = gone
        .map(|(one, _)| {
            let what = if one.kind == RecordedKind::Temporary { "temporarily" } else { "step" };
            let text = format!(
                "the {what} `{}` was begun and is not finished, and the edited runbook has it no more",
                path_text(&one.path)
            );
            Error::new("STEP_VANISHED", text).hint(
                "put it back under its name; or `krun abort` puts back what it did, and the edited runbook begins anew",
            )
        })
        .collect();
    if errors.is_empty() { Ok(()) } else { Err(Complaint::Usage(errors)) }
}

/// The finished steps that changed, all of them accepted by name.
fn accepted(comparison: &Comparison, accept: &[String]) -> Result<Vec<Path>, Complaint> {
    let changed = comparison.fates.iter().filter(|(one, fate)| *fate == Fate::Changed && one.is_finished);
    let changed: Vec<&Path> = changed.map(|(one, _)| &one.path).collect();
    let is_accepted = |path: &Path| accept.iter().any(|name| *name == path_text(path) || path.last() == Some(name));
    let missing: Vec<&Path> = changed.iter().copied().filter(|path| !is_accepted(path)).collect();
    if missing.is_empty() {
        return Ok(changed.into_iter().cloned().collect());
    }
    let names: Vec<String> = missing.iter().map(|path| path_text(path)).collect();
    let flags: Vec<String> = names.iter().map(|name| format!("--accept '{}'", name.replace('\'', "'\\''"))).collect();
    let text = format!("finished by another text than the edited one: {}", names.join(", "));
    let meant = accept.iter().find_map(|given| did_you_mean(given, names.iter().map(String::as_str)));
    let hint = format!(
        "{}if what they gave still holds: {}",
        meant.map(|meant| format!("{meant}; ")).unwrap_or_default(),
        flags.join(" ")
    );
    Err(Complaint::usage(Error::new("STEPS_CHANGED", text).hint(hint)))
}
