//! A run measured on sandboxes: `cargo bench --bench scale`.
//!
//! ```text
//! cluster    makes the state files
//! run        a sandbox that is their twin, and krun on it as an operator starts it
//! carried    what the journal tells: what was moved, how long it took, and the least that the throttle allows
//! measured   a command and what it cost
//! ```
//!
//! It ends with 1 where a goal is missed: 300 MB of memory on 100,000 partitions, and 1.1 of the time that the throttle allows
//! when moves go across topics.

mod carried;
mod cluster;
#[path = "../measured.rs"]
#[expect(dead_code, reason = "the other benchmark looks at what a command says, too")]
mod measured;
mod run;

use clap::{Parser, ValueEnum};
use run::Wish;
use std::process::ExitCode;

/// krun's runs measured on sandboxes
#[derive(Debug, Parser)]
struct Options {
    /// Only these cases, with commas between
    #[arg(long, value_delimiter = ',')]
    cases: Vec<Case>,
    /// Given by cargo
    #[arg(long, hide = true)]
    bench: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Case {
    /// Memory, on 100,000 partitions
    Wide,
    /// Time, on a few hundred
    AcrossTopics,
    OneTopic,
}

const MOST_BYTES: u64 = 300_000_000;
const MOST_TIMES: f64 = 1.1;

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next().is_some_and(|first| first == measured::MEASURE) {
        return measured::measure(arguments);
    }
    let options = Options::parse();
    if !options.bench {
        println!("nothing is measured here; the figures are made by `cargo bench --bench scale`");
        return ExitCode::SUCCESS;
    }
    let is_chosen = |case: Case| options.cases.is_empty() || options.cases.contains(&case);
    let mut holds = true;
    println!("case           partitions   moves   peak memory   seconds   bound   times   CPU s");
    for case in [Case::Wide, Case::AcrossTopics, Case::OneTopic].into_iter().filter(|case| is_chosen(*case)) {
        match one(case) {
            Ok(well) => holds &= well,
            Err(error) => {
                eprintln!("{case:?}: {error}");
                holds = false;
            }
        }
    }
    if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// One line; tells whether its goal is met.
fn one(case: Case) -> Result<bool, String> {
    let (state, wish) = match case {
        Case::Wide => (cluster::wide(), Wish { order: "across-topics", only: Some("topic-07"), throttle: 50_000_000 }),
        Case::AcrossTopics => (cluster::uneven(), Wish { order: "across-topics", only: None, throttle: 20_000_000 }),
        Case::OneTopic => (cluster::uneven(), Wish { order: "one-topic", only: None, throttle: 20_000_000 }),
    };
    let told = run::scale_out(&state, &wish)?;
    let carried = &told.carried;
    let times = carried.seconds / carried.bound_seconds;
    println!(
        "{:<14} {:>10} {:>7} {:>10} MB {:>9.1} {:>7.1} {times:>7.3} {:>7.1}",
        format!("{case:?}"),
        state.partitions(),
        carried.moves,
        told.cost.peak_bytes / 1_000_000,
        carried.seconds,
        carried.bound_seconds,
        told.cost.cpu_seconds,
    );
    let memory = told.cost.peak_bytes <= MOST_BYTES;
    if !memory {
        println!("  missed: the goal is {} MB at most", MOST_BYTES / 1_000_000);
    }
    let time = case != Case::AcrossTopics || times <= MOST_TIMES;
    if !time {
        println!("  missed: the goal is {MOST_TIMES} times the bound at most");
    }
    Ok(memory && time)
}
