//! What can be written behind `cargo bench --bench planner --`.

use crate::cluster::cases::{self, Case};
use clap::Parser;
use std::path::PathBuf;

/// krun's planner measured: one table, and an exit status that is not 0 where a goal is missed
#[derive(Debug, Parser)]
pub(crate) struct Options {
    /// Only these cases, with commas between
    #[arg(long, value_name = "CASES", value_delimiter = ',', value_parser = case)]
    cases: Option<Vec<&'static Case>>,
    /// Only these seeds: 2, or 1-3
    #[arg(long, value_name = "SEEDS", default_value = "1-3", value_parser = seeds)]
    seeds: (u64, u64),
    /// JSON lines instead of a table
    #[arg(long)]
    pub(crate) json: bool,
    /// Keep the states (CASE-SEED.json) and the plans (CASE-SEED.PLANNER.json), for another judge
    #[arg(long, value_name = "DIR")]
    pub(crate) keep: Option<PathBuf>,
    /// Take the states from there instead of making them
    #[arg(long, value_name = "DIR")]
    pub(crate) from: Option<PathBuf>,
    /// Leave Apache's tool out
    #[arg(long)]
    pub(crate) without_apache: bool,
    /// Given by cargo
    #[arg(long, hide = true)]
    pub(crate) bench: bool,
}

impl Options {
    /// Case by case, each with its seeds.
    pub(crate) fn chosen(&self) -> impl Iterator<Item = (&'static Case, u64)> {
        let cases = self.cases.clone().unwrap_or_else(|| cases::ALL.iter().collect());
        let (first, last) = self.seeds;
        cases.into_iter().flat_map(move |case| (first..=last).map(move |seed| (case, seed)))
    }
}

fn case(name: &str) -> Result<&'static Case, String> {
    let known = || cases::ALL.map(|case| case.name).join(", ");
    cases::named(name).ok_or_else(|| format!("the cases are {}", known()))
}

fn seeds(text: &str) -> Result<(u64, u64), String> {
    let number = |text: &str| text.parse::<u64>().map_err(|_| "2, or 1-3".to_owned());
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let seeds = (number(first)?, number(last)?);
    if seeds.0 <= seeds.1 { Ok(seeds) } else { Err("the first seed is above the last".to_owned()) }
}
