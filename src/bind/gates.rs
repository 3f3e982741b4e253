//! `within`, `pause`: where a run stops though nothing is wrong.

use crate::bind::flow::call;
use crate::bind::host::Host;
use crate::bind::raised::{RhaiResultOf, leave, raise};
use crate::bind::signature::function;
use crate::error::Error;
use crate::quantity::Window;
use rhai::{Dynamic, Engine, FnPtr, NativeCallContext};

pub(crate) fn register(engine: &mut Engine) {
    function(
        "within(window: any value, body: closure) -> any value",
        "Does `body` only while the window is open: \"01:00-05:00 Asia/Seoul\", or () for always. Where it is closed, at first or at a safe point inside, the run is left as by a Ctrl-C; with `--wait` it goes on by itself when it opens.",
    )
    .register_into_engine(engine, within);
    function(
        "pause(text: string)",
        "Stops the run, terminal or not, `--yes` or not; `krun resume` goes on, and is recorded as the answer.",
    )
    .register_into_engine(engine, pause);
}

fn within(context: NativeCallContext, window: Dynamic, body: FnPtr) -> RhaiResultOf<Dynamic> {
    let host = Host::of(&context)?;
    let window = window_of(&window).map_err(|error| raise(&context, error))?;
    let body = || call(&host, &context, &body, ());
    let result = match window {
        Some(window) => host.session.within_window(window, body),
        None => body(),
    };
    result.map_err(|trouble| leave(&context, trouble))
}

/// None without a limit.
fn window_of(given: &Dynamic) -> Result<Option<Window>, Error> {
    if given.is_unit() {
        return Ok(None);
    }
    let text = given.read_lock::<rhai::ImmutableString>().map(|text| text.to_string());
    let text = text.ok_or_else(|| {
        Error::new("INVALID_WINDOW", format!("`{given}` is no window"))
            .hint("give a text such as \"01:00-05:00 Asia/Seoul\", or () for always")
    })?;
    text.parse().map(Some)
}

fn pause(context: NativeCallContext, text: &str) -> RhaiResultOf<()> {
    Host::of(&context)?.session.pause(text).map_err(|trouble| leave(&context, trouble))
}
