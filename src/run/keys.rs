//! Which effects have the same key, step path, attempt, kind and arguments: found without a look at all of them.

use crate::event::Intent;
use crate::run::history::{EffectState, History};
use serde_json::Value;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

/// The journal's numbers of the effects that undo nothing, by the hash of their key.
#[derive(Debug, Clone, Default)]
pub(super) struct Keys(HashMap<u64, Vec<u64>>);

impl Keys {
    pub(super) fn add(&mut self, number: u64, intent: &Intent) {
        if intent.undoes.is_none() {
            let key = hash_of(&intent.path, intent.attempt, &intent.effect, &intent.args);
            self.0.entry(key).or_default().push(number);
        }
    }
}

impl History {
    /// The effects of one key, in their order.
    pub fn same(
        &self,
        path: &[String],
        attempt: u32,
        effect: &str,
        args: &Value,
    ) -> impl Iterator<Item = (u64, &EffectState)> {
        let numbers = self.keys.0.get(&hash_of(path, attempt, effect, args)).into_iter().flatten();
        let found = numbers.filter_map(|number| Some((*number, self.effects.get(number)?)));
        found.filter(move |(_, one)| {
            let intent = &one.intent;
            intent.attempt == attempt && intent.effect == effect && intent.path == path && intent.args == *args
        })
    }
}

fn hash_of(path: &[String], attempt: u32, effect: &str, args: &Value) -> u64 {
    let mut hasher = DefaultHasher::new();
    (path, attempt, effect, args).hash(&mut hasher);
    hasher.finish()
}
