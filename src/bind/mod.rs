//! The script API: one file a page of the script reference.
#![expect(clippy::needless_pass_by_value, reason = "Rhai gives a host function its context and its arguments by value")]
#![expect(clippy::unnecessary_box_returns, reason = "Rhai's own errors are boxed")]

mod acls;
mod amounts;
pub mod call;
mod canary;
pub mod change;
pub mod cluster;
mod copies;
mod distribution;
mod edited_file;
mod features;
mod flow;
mod gates;
mod groups;
mod guard;
mod health;
pub mod host;
mod host_facts;
mod host_run;
mod json;
mod lines;
mod load;
mod log_dirs;
pub mod machine;
mod machine_change;
mod moving;
mod offsets;
mod options;
mod parallel;
pub mod plan;
mod properties;
mod provision;
pub mod raised;
pub mod reference;
mod samples;
mod say;
mod schedule;
mod scope;
mod signature;
mod topic_changes;
pub mod value;
mod versions;
mod wait;

use rhai::Engine;

/// Adds all host functions. They find their run through the engine's tag, so checking needs none.
pub fn register(engine: &mut Engine) {
    raised::register(engine);
    value::register(engine);
    flow::register(engine);
    gates::register(engine);
    parallel::register(engine);
    canary::register(engine);
    guard::register(engine);
    wait::register(engine);
    say::register(engine);
    cluster::register(engine);
    log_dirs::register(engine);
    load::register(engine);
    offsets::register(engine);
    amounts::register(engine);
    samples::register(engine);
    groups::register(engine);
    features::register(engine);
    acls::register(engine);
    moving::register(engine);
    copies::register(engine);
    health::register(engine);
    change::register(engine);
    topic_changes::register(engine);
    machine::register(engine);
    host_facts::register(engine);
    host_run::register(engine);
    machine_change::register(engine);
    distribution::register(engine);
    provision::register(engine);
    properties::register(engine);
    lines::register(engine);
    json::register(engine);
    versions::register(engine);
    plan::register(engine);
    schedule::register(engine);
}
