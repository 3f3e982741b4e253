//! What other runs left in place on the same cluster: nobody else may change it meanwhile.

use crate::error::Error;
use crate::run::history::History;
use crate::run::store::{About, StateRoot};
use crate::run::trouble::Halt;
use std::collections::BTreeMap;

/// By resource: the run that holds it, and what it did.
#[derive(Debug, Default)]
pub(crate) struct Holders(BTreeMap<String, (String, String)>);

impl Holders {
    pub(crate) fn of_other_runs(root: &StateRoot, about: &About) -> Result<Self, Error> {
        let mut held = BTreeMap::new();
        for (run, folder) in root.all()? {
            // A folder that cannot be read holds nothing that this krun could name; `krun runs` shows it.
            let Ok(folder) = folder else { continue };
            let Ok(other) = folder.about() else { continue };
            if run == about.run || other.cluster_id != about.cluster_id {
                continue;
            }
            let Ok(entries) = folder.entries() else { continue };
            let history = History::of(&entries);
            if !history.is_open() {
                continue;
            }
            for number in history.to_put_back() {
                let Some(effect) = history.effects.get(&number) else { continue };
                for resource in &effect.intent.resources {
                    held.insert(resource.clone(), (run.clone(), effect.intent.summary.clone()));
                }
            }
        }
        Ok(Self(held))
    }

    pub(crate) fn blocking(&self, resources: &[String]) -> Option<Halt> {
        let (resource, (run, what)) = resources.iter().find_map(|resource| self.0.get_key_value(resource))?;
        let text = format!("{resource} is held by run {run}, which left this in place: {what}");
        let hint = format!("`krun resume {run}` goes on with it, `krun abort {run}` puts it back");
        Some(Halt::Blocked(Error::new("HELD_BY_A_RUN", text).hint(hint)))
    }
}
