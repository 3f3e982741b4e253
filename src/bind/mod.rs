//! The script API: one file a page of the script reference.

pub mod change;
pub mod cluster;
mod cluster_state;
mod flow;
pub mod host;
mod options;
pub mod plan;
pub mod raised;
mod say;
pub mod value;
mod wait;

use rhai::Engine;

/// Adds all host functions. They find their run through the engine's tag, so checking needs none.
pub fn register(engine: &mut Engine) {
    raised::register(engine);
    value::register(engine);
    flow::register(engine);
    wait::register(engine);
    say::register(engine);
    cluster::register(engine);
    change::register(engine);
    plan::register(engine);
}
