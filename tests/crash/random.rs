//! Random runbooks, killed at a random point: resumed they end as if nothing had happened, aborted only finished steps stay.

use super::model::{self, Configs};
use super::runbook::{self, FLAG, Node};
use crate::support::{Command, Ended, Scene};
use krun::event::{Ending, Entry, Path, Record};
use krun::kafka::configs::Resource;
use proptest::prelude::*;
use proptest::test_runner::{Config, FileFailurePersistence, RngSeed};
use serde_json::Value;
use std::collections::BTreeMap;

fn config() -> Config {
    let cases = std::env::var("KRUN_RUNBOOKS").ok().and_then(|cases| cases.parse().ok());
    // CI runs the same sample each time; whoever asks for a number of runbooks gets new ones.
    let rng_seed = if cases.is_some() { RngSeed::Random } else { RngSeed::Fixed(20) };
    // A case is a whole run: what a small runbook shows is worth some patience, a hundred shrinks are not.
    let failure_persistence = Some(Box::new(FileFailurePersistence::Off) as _);
    Config { cases: cases.unwrap_or(30), max_shrink_iters: 60, failure_persistence, rng_seed, ..Config::default() }
}

/// A sandbox with a runbook.
pub(super) struct Desk {
    pub(super) scene: Scene,
    pub(super) before: Configs,
}

impl Desk {
    fn with(nodes: &[Node]) -> Self {
        Self::of(&runbook::render(nodes))
    }

    pub(super) fn of(text: &str) -> Self {
        let scene = Scene::tiny();
        std::fs::write(scene.path("random.rhai"), text).expect("the scratch folder takes a file");
        let before = model::configs(&scene.dump());
        Self { scene, before }
    }

    pub(super) fn run(&self) -> Command {
        let runbook = self.scene.path("random.rhai");
        self.scene.krun(&[&runbook.to_string_lossy(), "--cluster", "sandbox"])
    }

    fn resume(&self) -> Ended {
        self.scene.krun(&["resume"]).run()
    }

    fn mend(&self) {
        self.scene.operator().set(&Resource::Topic(FLAG.0.to_owned()), &[(FLAG.1, Some("0.25"))]);
    }

    pub(super) fn entries(&self) -> Vec<Entry> {
        self.scene.journal().map(|journal| journal.entries).unwrap_or_default()
    }

    /// How often each change was made.
    pub(super) fn applied(&self) -> BTreeMap<String, usize> {
        let counters = self.scene.control().counters().expect("the sandbox counts");
        let mut times = BTreeMap::new();
        for one in counters.applied {
            *times.entry(format!("{} {}", one.api, one.text)).or_default() += 1;
        }
        times
    }

    pub(super) fn configs(&self) -> Configs {
        model::configs(&self.scene.dump())
    }
}

/// How it ended, for good.
#[derive(Debug, PartialEq)]
pub(super) struct End {
    code: Option<i32>,
    configs: Configs,
    pub(super) finished: BTreeMap<Path, Value>,
}

/// Everybody's way to the end: mend what can be mended, and resume, unless all is done.
pub(super) fn to_the_end(desk: &Desk, ended: Ended) -> (End, Ended) {
    desk.mend();
    let entries = desk.entries();
    let last = if entries.is_empty() {
        desk.run().run()
    } else if is_over(&entries) {
        ended
    } else {
        desk.resume()
    };
    let code = if is_over(&desk.entries()) { Some(0) } else { last.code() };
    (End { code, configs: desk.configs(), finished: model::finished(&desk.entries()) }, last)
}

pub(super) fn is_over(entries: &[Entry]) -> bool {
    let last = entries.last().map(|entry| &entry.record);
    matches!(last, Some(Record::SessionEnded { ending: Ending::Done | Ending::Aborted }))
}

pub(super) fn points(ended: &Ended) -> Option<u64> {
    let told = ended.stderr.lines().find_map(|line| line.split_once("kill points passed: "))?;
    told.1.trim().parse().ok()
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_killed_run_ends_like_any_other(
        nodes in runbook::nodes(),
        at in any::<prop::sample::Index>(),
        again in prop::option::of(0u64..40),
    ) {
        let whole = Desk::with(&nodes);
        let ended = whole.run().killed_at(u64::MAX).run();
        let points = points(&ended).ok_or_else(|| TestCaseError::fail(format!("it counted nothing: {ended}")))?;
        let (wanted, ended) = to_the_end(&whole, ended);
        let text = runbook::render(&nodes);
        prop_assert!(matches!(wanted.code, Some(0 | 1 | 6)), "{text}\n{ended}");

        let desk = Desk::with(&nodes);
        let n = 1 + at.index(usize::try_from(points).unwrap_or(1)) as u64;
        let mut killed = desk.run().killed_at(n).run();
        prop_assert!(killed.was_killed(), "{killed}");
        if let Some(again) = again.filter(|_| !desk.entries().is_empty()) {
            killed = desk.scene.krun(&["resume"]).killed_at(again + 1).run();
        }
        let (found, ended) = to_the_end(&desk, killed);
        prop_assert_eq!(found, wanted, "killed at {} of {}, again at {:?}:\n{}\n{}", n, points, again, text, ended);
    }

    #[test]
    fn an_aborted_run_leaves_what_finished_steps_did(
        nodes in runbook::nodes(),
        at in any::<prop::sample::Index>(),
        again in prop::option::of(0u64..20),
    ) {
        let text = runbook::render(&nodes);
        let counted = Desk::with(&nodes).run().killed_at(u64::MAX).run();
        let points = points(&counted).ok_or_else(|| TestCaseError::fail(format!("it counted nothing: {counted}")))?;

        let desk = Desk::with(&nodes);
        let n = 1 + at.index(usize::try_from(points).unwrap_or(1)) as u64;
        let killed = desk.run().killed_at(n).run();
        prop_assert!(killed.was_killed(), "{killed}");
        let entries = desk.entries();
        let over = entries.is_empty() || is_over(&entries);
        let wanted = if over { desk.configs() } else { model::after_abort(&desk.before, &entries) };
        if let Some(again) = again.filter(|_| !over) {
            desk.scene.krun(&["abort"]).killed_at(again + 1).run();
        }
        let ended = desk.scene.krun(&["abort"]).run();
        let over = over || (is_over(&desk.entries()) && ended.mentions("NO_OPEN_RUN"));
        prop_assert_eq!(ended.code(), Some(if over { 2 } else { 0 }), "{}\n{}", text, ended);
        prop_assert_eq!(desk.configs(), wanted, "killed at {} of {}, {:?}:\n{}\n{}", n, points, again, text, ended);
    }
}
