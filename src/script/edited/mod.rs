//! What an edited runbook makes of the steps that a run has recorded: which are the same, changed, or gone, and what is new.
//!
//! A step is known by its name, which may be written with gaps, as `move topic ${topic}`: the places in a text that can have
//! given a recorded name are those that fit it best. A step has changed when its code has: that of its closure and of every
//! function that it can reach. What cannot be told counts as changed.

mod code;
mod sites;

use super::api::HostApi;
use super::check::{Program, Rules};
use super::runbook::Runbook;
use crate::event::Path;
use sites::Site;
use std::collections::BTreeSet;

/// What a run has recorded under a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    pub path: Path,
    pub kind: RecordedKind,
    /// Nothing of it is to be done any more.
    pub is_finished: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordedKind {
    Step,
    /// A step that is an item of a `parallel`.
    Item,
    Temporary,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Same,
    Changed,
    Vanished,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// In the order in which they were given.
    pub fates: Vec<(Recorded, Fate)>,
    /// The names of steps that the edited text alone has; a gap is `…`.
    pub new: Vec<String>,
}

/// Compares the text that a run goes by now with an edited one.
pub fn compare(old: &Runbook, new: &Runbook, recorded: Vec<Recorded>, api: &HostApi) -> Comparison {
    let rules = Rules::default();
    let (old, new) = (program(old, api, &rules), program(new, api, &rules));
    let (old_sites, new_sites) = (sites::of(&old), sites::of(&new));
    let fates = recorded.into_iter().map(|one| {
        let fate = fate(&one, &old_sites, &new_sites);
        (one, fate)
    });
    let fates = fates.collect();
    let known: BTreeSet<String> = old_sites.iter().filter(|site| site.is_step()).map(Site::shown).collect();
    let mut seen = BTreeSet::new();
    let own = new_sites.iter().filter(|site| site.is_own && site.is_step()).map(Site::shown);
    let new = own.filter(|name| !known.contains(name) && seen.insert(name.clone())).collect();
    Comparison { fates, new }
}

fn program<'a>(runbook: &'a Runbook, api: &'a HostApi, rules: &'a Rules<'a>) -> Program<'a> {
    Program::new(Some(runbook.ast()), runbook.module_trees(), runbook.source_map(), api, rules)
}

fn fate(one: &Recorded, old: &[Site], new: &[Site]) -> Fate {
    let codes = |sites| sites::best(sites, one).into_iter().map(|site| site.code.clone()).collect::<BTreeSet<_>>();
    let (before, now) = (codes(old), codes(new));
    match (before, now) {
        (_, now) if now.is_empty() => Fate::Vanished,
        (before, now) if before == now => Fate::Same,
        _ => Fate::Changed,
    }
}
