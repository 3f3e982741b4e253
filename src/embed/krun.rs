//! What an embedder does with runs.

use super::answer::{self, Answerer};
use super::beginning::Beginning;
use super::builder::Builder;
use super::extensions::Extensions;
use super::known::Known;
use super::listing::Runs;
use super::observer::{Listener, Observer};
use super::outcome::Outcome;
use super::params::Params;
use super::refused::Refused;
use super::stop::Stop;
use super::work::Work;
use crate::error::Error;
use crate::event::{Ending, Verb};
use crate::inventory::{ChosenCluster, Inventory};
use crate::report::RunView;
use crate::run::history::History;
use crate::run::store::StateRoot;
use crate::sandbox::{Options, Within};
use crate::script::engine::Engine;
use crate::script::problem::{Problem, Report};
use crate::script::runbook::Runbook;
use std::cell::RefCell;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// krun, to be used from inside another program. Cheap to clone; made by [`Krun::builder`].
///
/// Nothing here prints, hears signals or ends the process, and nothing is global: several of these, and several runs of one,
/// work at the same time, each on the thread of its caller and a few of its own. All calls block; in async code, call
/// them where blocking is allowed. What a call would do on a terminal comes back as a value: an [`Outcome`] where a run was at
/// work, else a [`Refused`].
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let folder = tempfile::tempdir()?;
/// let runbook = folder.path().join("keep.rhai");
/// std::fs::write(&runbook, r#"
///     const PARAMS = #{ topic: #{ kind: "string", help: "the topic that must lose nothing" } };
///     let cluster = kafka::connect();
///     step("keep its records", || {
///         cluster.alter_configs("topic", param("topic"), #{ "retention.ms": "604800000" });
///     });
/// "#)?;
/// let krun = krun::Krun::builder().state(folder.path().join("state")).build()?;
/// let outcome = krun.on("sandbox").run(&runbook, [("topic", "orders")])?;
/// assert!(outcome.is_over());
/// assert_eq!(outcome.exit_code(), 0);
/// assert_eq!(krun.runs()?.runs[0].run, outcome.run);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Krun {
    ground: Arc<Ground>,
    cluster: Option<String>,
    stop: Stop,
}

pub(super) struct Ground {
    pub(super) inventory: Inventory,
    pub(super) root: StateRoot,
    pub(super) extensions: Extensions,
    pub(super) listeners: Vec<Arc<Listener>>,
    pub(super) answerer: Option<Arc<Answerer>>,
    pub(super) wait: bool,
    pub(super) sandbox: Options,
    pub(super) own_sandbox: Mutex<Option<Within>>,
}

impl Krun {
    pub fn builder() -> Builder {
        Builder::default()
    }

    pub(super) fn on_ground(ground: Ground) -> Self {
        Self { ground: Arc::new(ground), cluster: None, stop: Stop::default() }
    }

    /// The same, whose new runs are on this cluster of the inventory, or on `sandbox`. Otherwise they are on the inventory's
    /// default, and the first change there is a [question](crate::QuestionKind::FirstChange).
    #[must_use]
    pub fn on(&self, cluster: &str) -> Self {
        Self { cluster: Some(cluster.to_owned()), ..self.clone() }
    }

    /// The same, whose runs stop when the handle is asked.
    #[must_use]
    pub fn stopped_by(&self, stop: &Stop) -> Self {
        Self { stop: stop.clone(), ..self.clone() }
    }

    /// Runs a runbook from its first line to the run's end.
    ///
    /// What is refused has changed nothing, and leaves no run: a parameter or cluster that there is not ([`Refused::Usage`]), a
    /// runbook that does not check ([`Refused::Unchecked`]), a cluster that another run is changing ([`Refused::Blocked`], `LOCKED`),
    /// or that cannot be reached ([`Refused::Failed`]).
    pub fn run(&self, runbook: impl AsRef<Path>, params: impl Into<Params>) -> Result<Outcome, Refused> {
        let (path, params) = (runbook.as_ref(), params.into());
        apart(|| {
            let extensions = &self.ground.extensions;
            let engine = extensions.engine();
            let (runbook, report) = self.load(path, &engine)?;
            let warnings: Vec<String> = report.warnings().map(in_words).collect();
            let beginning = Beginning {
                root: self.ground.root.clone(),
                chosen: self.choose()?,
                path,
                runbook: &runbook,
                params: runbook.params().resolve(&params.0)?,
                extensions: extensions.clone(),
            };
            let notes = RefCell::new(warnings);
            let work = beginning.work(self.stop.0.clone(), &|note| notes.borrow_mut().push(note.to_owned()))?;
            let known = RunView::default();
            self.at_work(work, known, notes.into_inner(), |work, watch| work.play(engine, &runbook, watch))
        })
    }

    /// Goes on with a run where it stands: after a stop, a question, a failure, or because its process was killed. It
    /// runs the text that it was begun with.
    ///
    /// `NO_SUCH_RUN`, `RUN_IS_OVER`, `SANDBOX_GONE` (its cluster was a sandbox that has ended), and what [`run`](Self::run) refuses.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use krun::event::Ending;
    /// use krun::{Answer, Krun};
    ///
    /// let folder = tempfile::tempdir()?;
    /// let runbook = folder.path().join("ask.rhai");
    /// std::fs::write(&runbook, r#"confirm("shall it be?");"#)?;
    /// let krun = Krun::builder().state(folder.path().join("state"));
    /// let nobody = krun.clone().build()?.on("sandbox");
    /// let outcome = nobody.run(&runbook, ())?;
    /// assert!(matches!(outcome.ending, Ending::Question { declined: false, .. }));
    /// assert_eq!(outcome.exit_code(), 4);
    ///
    /// let somebody = krun.on_question(|_| Answer::YES.by("alice")).build()?;
    /// assert_eq!(somebody.resume(&outcome.run)?.ending, Ending::Done);
    /// # Ok(())
    /// # }
    /// ```
    pub fn resume(&self, run: &str) -> Result<Outcome, Refused> {
        apart(|| {
            let known = Known::find(self.ground.root.clone(), Some(run))?;
            known.refuse_what_was_typed()?;
            let engine = self.ground.extensions.engine();
            let runbook = known.runbook(&known.sources()?, &engine)?;
            self.again(known, Verb::Resume, |work, watch| work.play(engine, &runbook, watch))
        })
    }

    /// Gives a run up: settles what is unknown, and puts back what is temporary or half done. Finished steps stay.
    ///
    /// Ends as [`Ending::Aborted`], or as [`Ending::Outstanding`] with what could not be put back; then abort it again.
    /// Refuses what [`resume`](Self::resume) refuses.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use krun::event::Ending;
    ///
    /// # let folder = tempfile::tempdir()?;
    /// # let runbook = folder.path().join("fail.rhai");
    /// std::fs::write(&runbook, r#"
    ///     let cluster = kafka::connect();
    ///     step("half of it", || {
    ///         cluster.alter_configs("topic", "orders", #{ "retention.ms": "1000" });
    ///         fail("no further");
    ///     });
    /// "#)?;
    /// let krun = krun::Krun::builder().state(folder.path().join("state")).build()?;
    /// let outcome = krun.on("sandbox").run(&runbook, ())?;
    /// assert!(matches!(&outcome.ending, Ending::Failed { error, .. } if error.message == "no further"));
    ///
    /// assert_eq!(krun.abort_plan(&outcome.run)?, ["topic orders: remove retention.ms (was 1000)"]);
    /// assert_eq!(krun.abort(&outcome.run)?.ending, Ending::Aborted);
    /// # Ok(())
    /// # }
    /// ```
    pub fn abort(&self, run: &str) -> Result<Outcome, Refused> {
        apart(|| {
            let known = Known::find(self.ground.root.clone(), Some(run))?;
            self.again(known, Verb::Abort, |work, watch| work.abort(watch))
        })
    }

    /// What [`abort`](Self::abort) would put back, one line each, in its order. Changes nothing.
    pub fn abort_plan(&self, run: &str) -> Result<Vec<String>, Refused> {
        apart(|| {
            let known = Known::find(self.ground.root.clone(), Some(run))?;
            let history = History::of(&known.entries);
            let extensions = self.ground.extensions.clone();
            let work = known.work(Verb::Abort, extensions, self.stop.0.clone(), &|_| ())?;
            Ok(work.abort_plan(&history)?)
        })
    }

    /// Finds mistakes in a runbook without running it, as `krun check` does, and knows your functions and effects. Gives the
    /// warnings; errors are [`Refused::Unchecked`].
    pub fn check(&self, runbook: impl AsRef<Path>) -> Result<Report, Refused> {
        self.load(runbook.as_ref(), &self.ground.extensions.engine()).map(|(_, report)| report)
    }

    /// All runs of the state folder, oldest first, whoever began them.
    pub fn runs(&self) -> Result<Runs, Refused> {
        Ok(Runs::of(&self.ground.root)?)
    }

    fn load(&self, path: &Path, engine: &Engine) -> Result<(Runbook, Report), Refused> {
        let runbook = Runbook::load(path, engine)?;
        let report = self.ground.extensions.check(|rules| runbook.check(engine, rules));
        if report.has_errors() { Err(Refused::Unchecked(Box::new(report))) } else { Ok((runbook, report)) }
    }

    fn choose(&self) -> Result<ChosenCluster, Refused> {
        let ground = &self.ground;
        let chosen = ground.inventory.cluster(self.cluster.as_deref(), false).map_err(|error| {
            let is_for_a_flag = error.code == "CLUSTER_NOT_NAMED";
            Refused::usage(if is_for_a_flag { error.hint("name one: krun.on(\"sandbox\")") } else { error })
        });
        let mut chosen = chosen?;
        if chosen.sandbox {
            let mut own = ground.own_sandbox.lock().unwrap_or_else(PoisonError::into_inner);
            let (running, within) = Within::start(&ground.root.sandbox(), &ground.sandbox)?;
            if let Some(within) = within {
                *own = Some(within);
            }
            chosen.settings.bootstrap_servers = running.bootstrap;
            chosen.settings.cluster_id = Some(running.cluster_id);
        }
        Ok(chosen)
    }

    fn again(
        &self,
        known: Known,
        verb: Verb,
        work: impl FnOnce(Work, Arc<Observer>) -> Result<Ending, Refused>,
    ) -> Result<Outcome, Refused> {
        let view = RunView::of_journal(&known.entries);
        let (extensions, notes) = (self.ground.extensions.clone(), RefCell::default());
        let note = |note: &str| RefCell::<Vec<String>>::borrow_mut(&notes).push(note.to_owned());
        let begun = known.work(verb, extensions, self.stop.0.clone(), &note)?;
        self.at_work(begun, view, notes.into_inner(), work)
    }

    fn at_work(
        &self,
        mut work: Work,
        known: RunView,
        notes: Vec<String>,
        go: impl FnOnce(Work, Arc<Observer>) -> Result<Ending, Refused>,
    ) -> Result<Outcome, Refused> {
        let (about, folder) = (work.about.clone(), work.folder.path().to_owned());
        work.wait = self.ground.wait;
        let answerer = self.ground.answerer.clone();
        work.answers.person = answerer.map(|answerer| answer::person(answerer, &about));
        let observer = Arc::new(Observer::new(&about, self.ground.listeners.clone(), known, notes));
        let ending = go(work, observer.clone())?;
        let (left_in_place, report) = (observer.left_in_place(), observer.report());
        Ok(Outcome { run: about.run, cluster: about.cluster, folder, ending, left_in_place, report })
    }
}

fn in_words(problem: &Problem) -> String {
    let place = problem.place().map(|at| format!("{}:{}:{}: ", at.file, at.line, at.column));
    format!("{}{}", place.unwrap_or_default(), problem.to_error())
}

/// On a thread of its own: the caller may be one of an async runtime, which must not wait for another runtime.
fn apart<T: Send>(work: impl FnOnce() -> Result<T, Refused> + Send) -> Result<T, Refused> {
    let joined = std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().name("krun".to_owned()).spawn_scoped(scope, work);
        thread.map(std::thread::ScopedJoinHandle::join)
    });
    match joined {
        Ok(Ok(done)) => done,
        Ok(Err(panic)) => std::panic::resume_unwind(panic),
        Err(error) => Err(Error::new("NO_THREADS", format!("cannot start a thread: {error}")).into()),
    }
}
