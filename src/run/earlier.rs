//! What an earlier run did, for a run that takes it further, or back.

use crate::error::Error;
use crate::event::{Intent, Outcome};
use crate::run::history::History;
use crate::run::session::Session;

impl Session {
    /// The effects of one kind that another run on this cluster did and that nothing took back, in their order.
    ///
    /// `NO_SUCH_RUN`, `OTHER_CLUSTER`, and `RUN_OPEN` where it is not over: it knows better than anybody else what to do.
    pub fn done_by(&self, run: &str, effect: &str) -> Result<Vec<Intent>, Error> {
        let folder = self.inner().setting.root.find(run)?;
        let (about, here) = (folder.about()?, self.about());
        if about.cluster_id != here.cluster_id {
            let text = format!("run {run} was on cluster {}, this is {}", about.cluster, here.cluster);
            return Err(Error::new("OTHER_CLUSTER", text).hint("`krun runs` lists them with their clusters"));
        }
        let history = History::of(&folder.entries()?);
        if history.is_open() {
            let resume = if about.typed { String::new() } else { format!("`krun resume {run}` ends it, ") };
            return Err(Error::new("RUN_OPEN", format!("run {run} is not over"))
                .hint(format!("{resume}`krun abort {run}` gives it up; then its moves can be taken back")));
        }
        let is_done = |one: &&crate::run::history::EffectState| {
            one.intent.effect == effect && one.is_in_place() && matches!(one.outcome, Some(Outcome::Done { .. }))
        };
        Ok(history.effects.values().filter(is_done).map(|one| one.intent.clone()).collect())
    }
}
