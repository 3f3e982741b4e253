//! What a [`Krun`] is made of.

use super::answer::{Answer, Answerer, Question};
use super::extensions::Extensions;
use super::krun::{Ground, Krun};
use super::observer::{Heard, Listener};
use super::refused::Refused;
use crate::inventory::Inventory;
use crate::run::effects::Effect;
use crate::run::store::StateRoot;
use crate::sandbox::Options;
use crate::script::engine::Engine;
use std::path::PathBuf;
use std::sync::Arc;

/// Says what a [`Krun`] works on, what it adds to the language, and who hears and answers.
#[derive(Clone, Default)]
#[must_use = "nothing is there before `build`"]
pub struct Builder {
    inventory: Inventory,
    state: Option<PathBuf>,
    extensions: Extensions,
    listeners: Vec<Arc<Listener>>,
    answerer: Option<Arc<Answerer>>,
    wait: bool,
    sandbox: Options,
}

impl Builder {
    /// The clusters that there are. Without it there is but the sandbox: no `krun.toml` is looked for unless you do.
    ///
    /// ```
    /// # fn main() -> Result<(), krun::Error> {
    /// use krun::inventory::{Cluster, Inventory};
    ///
    /// // From a file …
    /// # let folder = tempfile::tempdir().expect("a folder");
    /// # let file = folder.path().join("krun.toml");
    /// # std::fs::write(&file, "[clusters.prod]\nbootstrap_servers = [\"kafka1.example.com:9092\"]\n").expect("written");
    /// let from_file = Inventory::read(&file)?;
    /// // … or by hand.
    /// let prod = Cluster { bootstrap_servers: vec!["kafka1.example.com:9092".to_owned()], ..Cluster::default() };
    /// let by_hand = Inventory { clusters: [("prod".to_owned(), prod)].into(), ..Inventory::default() };
    /// assert_eq!(from_file.clusters, by_hand.clusters);
    /// let krun = krun::Krun::builder().inventory(by_hand);
    /// # let _ = krun;
    /// # Ok(())
    /// # }
    /// ```
    pub fn inventory(self, inventory: Inventory) -> Self {
        Self { inventory, ..self }
    }

    /// The folder of runs, locks and the sandbox. By default that of the command: `/var/lib/krun` where its group may write
    /// `runs` there, else `$XDG_STATE_HOME/krun`. Runs that share it keep out of each other's way, also with those of the command,
    /// which lists, shows and aborts what an embedder began (and resumes it, unless it needs something of the embedder's own).
    pub fn state(self, folder: impl Into<PathBuf>) -> Self {
        Self { state: Some(folder.into()), ..self }
    }

    /// Adds functions for scripts. `register` is called for each engine that is built, so it may be called often.
    ///
    /// A function may read whatever it likes, by [`Call`](crate::Call) also through the run. It must change nothing but by an
    /// [effect](Self::effect): whatever else it did would be done again after a kill. While it runs the run cannot be stopped, not
    /// even [at once](crate::Stop::ask), unless it waits by [`Call::read`](crate::Call::read). One that panics ends the run as
    /// broken, resumable.
    ///
    /// The engine is krun's: 64 calls deep, expressions nested 64 deep, strict variables, no `eval`, no `exit`, and all that a
    /// script holds is bounded by memory. `register` cannot loosen that, nor take hooks, tag or module resolver: krun sets these
    /// afterwards. The name of a type in messages is what `register_type_with_name` says.
    pub fn register(mut self, register: impl Fn(&mut Engine) + Send + Sync + 'static) -> Self {
        self.extensions.functions.push(Arc::new(register));
        self
    }

    /// Adds a kind of effect of your own. It is journaled, settled and undone as krun's are: a run that is killed in the midst of
    /// one goes on with [`resume`](crate::Krun::resume), and [`abort`](crate::Krun::abort) takes it back.
    ///
    /// A script has it by a function that you register, which calls [`Call::perform`](crate::Call::perform). Name that function
    /// as the kind, and a call of it outside a step is found before the script runs.
    ///
    /// ```
    /// use krun::event::Intent;
    /// use krun::rhai::{Dynamic, EvalAltResult, NativeCallContext};
    /// use krun::{Call, Effect, Error, Failure, Krun, Settled, Undo};
    /// use serde_json::{Value, json};
    /// use std::path::PathBuf;
    ///
    /// /// Flags of a monitoring, each a file of this folder.
    /// struct SetFlag(PathBuf);
    ///
    /// impl SetFlag {
    ///     fn file(&self, args: &Value) -> PathBuf {
    ///         self.0.join(args["name"].as_str().unwrap_or_default())
    ///     }
    /// }
    ///
    /// impl Effect for SetFlag {
    ///     fn name(&self) -> &'static str { "set_flag" }
    ///     fn target(&self, args: &Value) -> String { format!("flag/{}", args["name"]) }
    ///     fn before(&self, args: &Value) -> Result<Value, Error> { Ok(json!(self.file(args).exists())) }
    ///     fn after(&self, args: &Value, _before: &Value) -> Value { args["up"].clone() }
    ///     fn summary(&self, args: &Value, before: &Value) -> String {
    ///         format!("flag {}: up = {} (was {before})", args["name"], args["up"])
    ///     }
    ///     fn act(&self, intent: &Intent) -> Result<Value, Failure> {
    ///         let file = self.file(&intent.args);
    ///         let done = if intent.after == json!(true) { std::fs::write(file, "") } else { std::fs::remove_file(file) };
    ///         // Certainly not done; a time-out would be `Failure::Unknown`, and `settle` would be asked.
    ///         done.map_err(|error| Failure::Refused(Error::new("FLAG_NOT_SET", error.to_string())))?;
    ///         Ok(Value::Null)
    ///     }
    ///     fn settle(&self, intent: &Intent) -> Result<Settled, Error> {
    ///         let now = self.before(&intent.args)?;
    ///         Ok(if now == intent.after { Settled::Done(Value::Null) } else { Settled::NotDone })
    ///     }
    ///     fn undo(&self, intent: &Intent) -> Option<Undo> {
    ///         let args = json!({ "name": intent.args["name"], "up": intent.before });
    ///         Some(Undo { effect: "set_flag", args })
    ///     }
    /// }
    ///
    /// fn set_flag(context: NativeCallContext, name: &str, up: bool) -> Result<Dynamic, Box<EvalAltResult>> {
    ///     Call::of(&context)?.perform("set_flag", &json!({ "name": name, "up": up }))
    /// }
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// # let (flags, runbook) = (folder.path().to_owned(), folder.path().join("quiet.rhai"));
    /// std::fs::write(&runbook, r#"
    ///     temporarily("tell the monitoring", || set_flag("maintenance", true), || {
    ///         step("work", || ());
    ///         confirm("has all gone well?");
    ///     });
    /// "#)?;
    /// let krun = Krun::builder()
    ///     .state(folder.path().join("state"))
    ///     .register(|engine| { engine.register_fn("set_flag", set_flag); })
    ///     .effect(SetFlag(flags.clone()))
    ///     .build()?;
    /// let outcome = krun.on("sandbox").run(&runbook, ())?;
    /// assert_eq!(outcome.exit_code(), 4);
    /// // Nobody answered. However the work is left, the flag is taken down.
    /// assert!(outcome.left_in_place.is_empty() && !flags.join("maintenance").exists());
    /// # Ok(())
    /// # }
    /// ```
    pub fn effect(mut self, effect: impl Effect + 'static) -> Self {
        self.extensions.effects.push(Arc::new(effect));
        self
    }

    /// Hears everything that happens in a run, as it happens, and in the order of the journal: a
    /// [`Record`](crate::event::Event::Record) is on disk already. One thread at a time per run; be quick, since the run waits.
    /// A listener that panics is passed over.
    pub fn on_event(mut self, listener: impl Fn(&Heard<'_>) + Send + Sync + 'static) -> Self {
        self.listeners.push(Arc::new(listener));
        self
    }

    /// Answers the questions of runs, on the script's thread, and may take its time. Without it nobody answers, and a run that asks
    /// something stops there, resumable.
    ///
    /// ```
    /// use krun::{Answer, Krun, QuestionKind};
    ///
    /// let krun = Krun::builder().on_question(|question| match question.kind {
    ///     QuestionKind::Confirm => Answer::YES.by("the nightly job"),
    ///     // It takes a person to say that there is no way back, or what happened.
    ///     _ => Answer::NOBODY,
    /// });
    /// # let _ = krun;
    /// ```
    pub fn on_question(self, answerer: impl Fn(&Question<'_>) -> Answer + Send + Sync + 'static) -> Self {
        Self { answerer: Some(Arc::new(answerer)), ..self }
    }

    /// Where the window of a runbook is closed: waits until it opens, holding the lock, instead of ending.
    pub fn wait_for_windows(self, wait: bool) -> Self {
        Self { wait, ..self }
    }

    /// What the sandbox is made of, where a run on it finds none and begins one. It runs on a thread of this process, and ends with
    /// the last clone of the [`Krun`]. One that outlives the process is begun by `krun sandbox start --state DIR`.
    pub fn sandbox(self, options: Options) -> Self {
        Self { sandbox: options, ..self }
    }

    /// `NO_STATE_FOLDER`: none is named, and the environment names none. `EFFECT_TAKEN`, `FUNCTION_TAKEN`: something of yours
    /// would take the place of something of krun's.
    pub fn build(self) -> Result<Krun, Refused> {
        let Self { inventory, state, extensions, listeners, answerer, wait, sandbox } = self;
        extensions.refuse_what_is_taken().map_err(Refused::usage)?;
        let root = StateRoot::choose(state.as_deref(), |name| std::env::var(name).ok())?;
        Ok(Krun::on_ground(Ground {
            inventory,
            root,
            extensions,
            listeners,
            answerer,
            wait,
            sandbox,
            own_sandbox: std::sync::Mutex::default(),
        }))
    }
}
