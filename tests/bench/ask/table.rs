//! The medians side by side, and how many times as much Kafka's own tool needs.

use crate::measured::Cost;

/// How many times as long, and how many times as much of the processors, the other should need at least.
const WALL_GOAL: f64 = 20.0;
const CPU_GOAL: f64 = 50.0;

fn median(costs: &[Cost], of: fn(&Cost) -> f64) -> f64 {
    let mut values: Vec<f64> = costs.iter().map(of).collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

fn wall(cost: &Cost) -> f64 {
    cost.wall_seconds
}

fn cpu(cost: &Cost) -> f64 {
    cost.cpu_seconds
}

#[expect(clippy::cast_precision_loss, reason = "megabytes for people")]
fn megabytes(cost: &Cost) -> f64 {
    cost.peak_bytes as f64 / 1e6
}

/// How many times as much the other needs.
fn times(krun: &[Cost], apache: &[Cost], of: fn(&Cost) -> f64) -> f64 {
    median(apache, of) / median(krun, of)
}

pub(crate) fn is_reached(krun: &[Cost], apache: &[Cost]) -> bool {
    times(krun, apache, wall) >= WALL_GOAL && times(krun, apache, cpu) >= CPU_GOAL
}

pub(crate) fn of(krun: &[Cost], apache: &[Cost], version: &str) -> String {
    let row = |name: &str, costs: &[Cost]| {
        let range = |of: fn(&Cost) -> f64| {
            let least = costs.iter().map(of).fold(f64::INFINITY, f64::min);
            let most = costs.iter().map(of).fold(0.0, f64::max);
            format!("{:.3} ({least:.3}–{most:.3})", median(costs, of))
        };
        format!("{name:<28} {:>22} {:>22} {:>9.0}\n", range(wall), range(cpu), median(costs, megabytes))
    };
    let verdict = |goal: f64, reached: f64| if reached >= goal { "reached" } else { "MISSED" };
    let (by_wall, by_cpu) = (times(krun, apache, wall), times(krun, apache, cpu));
    format!(
        "describing 1000 partitions of 20 topics, medians of {} turns\n\n{:<28} {:>22} {:>22} {:>9}\n{}{}\n\
         kafka-topics ÷ krun: wall {by_wall:.1} × (goal {WALL_GOAL}: {}), CPU {by_cpu:.1} × (goal {CPU_GOAL}: {})\n",
        krun.len(),
        "",
        "wall s",
        "CPU s",
        "peak MB",
        row("krun -e", krun),
        row(&format!("kafka-topics {version}"), apache),
        verdict(WALL_GOAL, by_wall),
        verdict(CPU_GOAL, by_cpu),
    )
}
