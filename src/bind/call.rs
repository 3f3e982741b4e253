//! What an embedder's own function knows of the run that it is called from.

use crate::bind::host::Host;
use crate::bind::raised::{leave, raise};
use crate::bind::value::decode;
use crate::error::Error;
use crate::event::Progress;
use crate::kafka::Client;
use rhai::{Dynamic, EvalAltResult, NativeCallContext};
use serde_json::Value;
use std::future::Future;

/// The call of a function of yours by a script, and the way from there to the run.
///
/// Rhai gives a function its context where it is the first parameter:
///
/// ```
/// use krun::rhai::{EvalAltResult, NativeCallContext};
/// use krun::{Call, Error};
///
/// // `owner_of("orders")` in a script.
/// fn owner_of(context: NativeCallContext, topic: &str) -> Result<String, Box<EvalAltResult>> {
///     let call = Call::of(&context)?;
///     match topic {
///         "orders" => Ok("team-shop".to_owned()),
///         // A script can catch it: `e.code` is "NO_OWNER". Uncaught, it ends the run, and is shown at the place of the call.
///         _ => Err(call.raise(Error::new("NO_OWNER", format!("nobody owns {topic}")).hint("ask the platform team"))),
///     }
/// }
///
/// let krun = krun::Krun::builder().register(|engine| {
///     engine.register_fn("owner_of", owner_of);
/// });
/// # let _ = krun;
/// ```
#[derive(Clone)]
pub struct Call<'c, 'e> {
    context: &'c NativeCallContext<'e>,
}

impl<'c, 'e> Call<'c, 'e> {
    /// `NO_RUN`: no run is at work, such as while a runbook is only checked.
    pub fn of(context: &'c NativeCallContext<'e>) -> Result<Self, Box<EvalAltResult>> {
        Host::of(context).map(|_| Self { context })
    }

    fn host(&self) -> Result<Host, Box<EvalAltResult>> {
        Host::of(self.context)
    }

    /// Has an effect: notes it in the journal, acts, and notes what came of it. `kind` is the name of a kind of effect that the
    /// [`Krun`](crate::Krun) was built with, or of krun's own; `args` is what it takes. Gives what its `act` gave.
    ///
    /// Met again after a kill, an effect that has happened is not repeated; where that is not known, its `settle` decides.
    ///
    /// `EFFECT_OUTSIDE_STEP`, where the script has not begun a step; `UNKNOWN_EFFECT`; and whatever the effect raises. Return
    /// the error as it is: it may be no error but the run's being told to stop.
    pub fn perform(&self, kind: &str, args: &Value) -> Result<Dynamic, Box<EvalAltResult>> {
        let given = self.host()?.session.perform(kind, args).map_err(|trouble| leave(self.context, trouble))?;
        decode(&given).map_err(|error| raise(self.context, error))
    }

    /// Waits for something that changes nothing, on the run's own threads. Left at once where the run is told to stop at once.
    pub fn read<T>(&self, call: impl Future<Output = Result<T, Error>>) -> Result<T, Box<EvalAltResult>> {
        self.host()?.connection.read(call).map_err(|error| raise(self.context, error))
    }

    /// An error at the place of the call.
    pub fn raise(&self, error: Error) -> Box<EvalAltResult> {
        raise(self.context, error)
    }

    /// One line for whoever reads what the run says: a [`Progress::Log`].
    pub fn say(&self, text: impl Into<String>) -> Result<(), Box<EvalAltResult>> {
        self.host()?.session.note(Progress::Log { text: text.into() });
        Ok(())
    }

    /// The value of a parameter of the runbook; none where there is no such parameter, `null` where it was left out.
    pub fn param(&self, name: &str) -> Result<Option<Value>, Box<EvalAltResult>> {
        Ok(self.host()?.params.get(name).cloned())
    }

    /// The run's name, as `krun runs` lists it.
    pub fn run(&self) -> Result<String, Box<EvalAltResult>> {
        Ok(self.host()?.session.about().run.clone())
    }

    /// The name of the cluster that the run is about.
    pub fn cluster(&self) -> Result<String, Box<EvalAltResult>> {
        Ok(self.host()?.session.about().cluster.clone())
    }

    /// The run's own client of the cluster, for [`read`](Self::read).
    pub fn client(&self) -> Result<Client, Box<EvalAltResult>> {
        Ok(self.host()?.connection.client.clone())
    }
}
