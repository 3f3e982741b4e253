//! What other runs left in place on the same cluster: nobody else may change it meanwhile.

use crate::error::Error;
use crate::run::history::History;
use crate::run::store::{About, StateRoot};
use crate::run::trouble::Halt;
use std::collections::BTreeMap;

#[derive(Debug, Default)]
pub(crate) struct Holders {
    /// By resource: the run that holds it.
    held: BTreeMap<String, Holding>,
    /// Runs of which nobody knows what they hold, and why.
    pub(crate) unreadable: Vec<(String, String)>,
}

#[derive(Debug)]
struct Holding {
    run: String,
    what: String,
    /// It was typed: nothing goes on with it.
    typed: bool,
}

impl Holders {
    pub(crate) fn of_other_runs(root: &StateRoot, about: &About) -> Result<Self, Error> {
        let mut holders = Self::default();
        for (run, folder) in root.all()? {
            // A folder that cannot be read holds nothing that this krun could name; `krun runs` shows it.
            let Ok(folder) = folder else { continue };
            let Ok(other) = folder.about() else { continue };
            if run == about.run || other.cluster_id != about.cluster_id {
                continue;
            }
            let entries = match folder.entries() {
                Ok(entries) => entries,
                Err(error) => {
                    holders.unreadable.push((run, error.message));
                    continue;
                }
            };
            let history = History::of(&entries);
            if !history.is_open() {
                continue;
            }
            for number in history.to_put_back() {
                let Some(effect) = history.effects.get(&number) else { continue };
                for resource in &effect.intent.resources {
                    let (run, what) = (run.clone(), effect.intent.summary.clone());
                    holders.held.insert(resource.clone(), Holding { run, what, typed: other.typed });
                }
            }
        }
        Ok(holders)
    }

    pub(crate) fn blocking(&self, resources: &[String]) -> Option<Halt> {
        let (resource, Holding { run, what, typed }) =
            resources.iter().find_map(|resource| self.held.get_key_value(resource))?;
        let text = format!("{resource} is held by run {run}, which left this in place: {what}");
        let resume = if *typed { String::new() } else { format!("`krun resume {run}` goes on with it, ") };
        let hint = format!("{resume}`krun abort {run}` puts it back");
        Some(Halt::Blocked(Error::new("HELD_BY_A_RUN", text).hint(hint)))
    }
}
