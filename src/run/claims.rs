//! Which item of a `parallel` changes what: items that are worked on at once must not change the same thing, since what was
//! there before would then depend on which was faster.

use crate::error::Error;
use crate::event::{Path, path_text};
use crate::run::session::Session;
use std::collections::{BTreeSet, HashMap};

/// By resource: the path of the item that changed it, while its `parallel` lasts.
#[derive(Debug, Default)]
pub(crate) struct Claims {
    owners: HashMap<String, Path>,
    /// Those that are under way, and work on several items at once.
    parallels: BTreeSet<Path>,
}

impl Session {
    /// From here on the items of this `parallel` own what they change, and what they changed in earlier sessions.
    pub(crate) fn begin_claims(&self, parallel: &Path) {
        let mut state = self.state();
        let is_inside = |path: &[String]| path.len() > parallel.len() && path.starts_with(parallel);
        let in_place = state.history.in_place(|intent| is_inside(&intent.path));
        let effects = in_place.iter().filter_map(|number| state.history.effects.get(number));
        let owned: Vec<(String, Path)> = effects
            .flat_map(|effect| {
                let item = effect.intent.path[..=parallel.len()].to_vec();
                effect.intent.resources.iter().map(move |resource| (resource.clone(), item.clone()))
            })
            .collect();
        state.claims.owners.extend(owned);
        state.claims.parallels.insert(parallel.clone());
    }

    pub(crate) fn end_claims(&self, parallel: &Path) {
        let mut state = self.state();
        state.claims.owners.retain(|_, item| !item.starts_with(parallel));
        state.claims.parallels.remove(parallel);
    }

    /// Makes an item the owner of what it is about to change; `CHANGED_BY_ANOTHER_ITEM` where another one is.
    pub(crate) fn claim(&self, item: &Path, resources: &[String]) -> Result<(), Error> {
        if item.is_empty() {
            return Ok(());
        }
        let mut state = self.state();
        for resource in resources {
            let owner = state.claims.owners.get(resource).filter(|owner| state.claims.are_at_once(owner, item));
            if let Some(owner) = owner {
                let text = format!("{resource} is changed by `{}` as well, at the same time", path_text(owner));
                return Err(Error::new("CHANGED_BY_ANOTHER_ITEM", text)
                    .hint("change it before or after the `parallel`, or work on one item at a time: at_once: 1"));
            }
        }
        state.claims.owners.extend(resources.iter().map(|resource| (resource.clone(), item.clone())));
        Ok(())
    }
}

impl Claims {
    /// Whether these are different items of one `parallel`, or lie in such.
    fn are_at_once(&self, one: &[String], other: &[String]) -> bool {
        let common = one.iter().zip(other).take_while(|(left, right)| left == right).count();
        one.len() > common && other.len() > common && self.parallels.contains(&one[..common])
    }
}
