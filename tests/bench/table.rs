//! The rows as people read them: what the plans are like, what they cost, Apache's beside krun's, and what was missed.

use crate::goals::{Figure, ratio};
use crate::row::{Outcome, Planned, Planner, Row};
use crate::schedule::Schedule;

/// A column: its heading, the goal in short, what it says of a plan, and the goals that it is about.
type Column = (&'static str, &'static str, fn(&Planned) -> String, &'static [Figure]);

const PLANS: &[Column] = &[
    ("moved ÷ bound", "1.000", moved, &[Figure::Moved]),
    ("replicas", "±1", |p| range(p.score.replicas.most, p.score.replicas.least), &[Figure::Replicas]),
    ("bytes ÷ bound", "", |p| three(ratio(p.score.moved_bytes, p.score.bytes_bound_at_reached)), &[]),
    ("bytes ÷ mean", "≤1.01/≥.99*", bytes, &[Figure::Bytes]),
    ("leaders", "±1", |p| range(p.score.leaders.most, p.score.leaders.least), &[Figure::Leaders]),
    ("changes ÷ bound", "≤1.02*", leader_changes, &[Figure::LeaderChanges]),
    ("racks worse", "0", |p| p.score.racks_made_worse.to_string(), &[Figure::Racks]),
    ("old→old", "as needed", old_to_old, &[Figure::OldToOld]),
    ("topics above", "", topics_above, &[]),
    ("left", "0", |p| (p.score.left_on_leaving + p.score.factor_changed).to_string(), &[Figure::Left]),
];

const ABOUT_PLANS: &str = "\
±1: within one of the level that the racks allow, and at --forced-only no level is asked for.
* S3 and S4. D1: bytes ≤1.085, changes ≤1.10. bytes ÷ bound: beside the least for the levels that the plan reaches.
topics above: pairs of a topic and a broker with more than the topic's share plus one, by replicas and by leaders.
";

const COSTS: &[Column] = &[
    ("seconds", "≤.5/3/30†", |p| format!("{:.2}", p.cost.wall_seconds), &[Figure::Wall]),
    ("CPU s", "", |p| format!("{:.2}", p.cost.cpu_seconds), &[]),
    ("peak MB", "≤50/150/500†", megabytes, &[Figure::Peak]),
    ("same bytes", "yes", |p| p.repeated.map_or_else(String::new, |it| yes(it.same_bytes)), &[Figure::Same]),
    ("again", "0", |p| p.repeated.map_or_else(String::new, |it| it.touched_again.to_string()), &[Figure::Again]),
    ("across ÷ bound", "≤1.02", |p| scheduled(p, |it| it.across_topics), &[Figure::AcrossTopics]),
    ("one topic ÷ bound", "", |p| scheduled(p, |it| it.one_topic), &[]),
];

const ABOUT_COSTS: &str = "\
† up to 10,000, 100,000 and 1,000,000 partitions; the whole command, the better of two runs.
again: partitions that a plan for the result would change. ÷ bound: the time of the schedule beside what the bandwidth allows.
";

const BESIDE: &[Column] = &[
    ("moved ÷ bound", "", moved, &[]),
    ("changes ÷ bound", "", leader_changes, &[]),
    ("bytes ÷ mean", "", bytes, &[]),
    ("replicas", "", |p| range(p.score.replicas.most, p.score.replicas.least), &[]),
    ("old→old", "", |p| p.score.old_to_old.map_or_else(String::new, |moves| moves.to_string()), &[]),
    ("racks worse", "", |p| p.score.racks_made_worse.to_string(), &[]),
    ("planning s", "", |p| p.planning_seconds.map_or_else(String::new, |seconds| format!("{seconds:.2}")), &[]),
    ("seconds", "", |p| format!("{:.2}", p.cost.wall_seconds), &[]),
    ("CPU s", "", |p| format!("{:.2}", p.cost.cpu_seconds), &[]),
    ("peak MB", "", megabytes, &[]),
];

const ABOUT_BESIDE: &str = "\
planning s: within the tool's algorithm, without the start of Java, the compiling of its driver and the reading.
";

/// All of it, for the given version of Apache's tool.
pub(crate) fn of(rows: &[Row], apache: &str) -> String {
    let ours: Vec<&Row> = rows.iter().filter(|row| row.planner != Planner::Apache).collect();
    let mut text = section("krun plan: the moves", PLANS, ABOUT_PLANS, &ours);
    text += &section("krun plan: what it costs, and the schedule at 5 moves a broker", COSTS, ABOUT_COSTS, &ours);
    if rows.iter().any(|row| row.planner == Planner::Apache) {
        let title = format!("beside kafka-reassign-partitions --generate of Kafka {apache}");
        text += &section(&title, BESIDE, ABOUT_BESIDE, &rows.iter().collect::<Vec<_>>());
    }
    text.push_str(&missed(&ours));
    text
}

fn section(title: &str, columns: &[Column], about: &str, rows: &[&Row]) -> String {
    let line = |names: [&str; 3], cells: &mut dyn Iterator<Item = String>| {
        names.into_iter().map(str::to_owned).chain(cells).collect::<Vec<String>>()
    };
    let mut lines = vec![line(["case", "seed", ""], &mut columns.iter().map(|(heading, ..)| (*heading).to_owned()))];
    if columns.iter().any(|(_, goal, ..)| !goal.is_empty()) {
        lines.push(line(["goal", "", ""], &mut columns.iter().map(|(_, goal, ..)| (*goal).to_owned())));
    }
    let mut failures = String::new();
    for row in rows {
        let seed = row.seed.to_string();
        let names = [row.case, &seed, row.planner.name()];
        lines.push(match &row.outcome {
            Outcome::Planned(planned) => line(names, &mut columns.iter().map(|column| cell(column, planned))),
            Outcome::Failed { failed } => {
                failures += &format!("{} seed {seed}, {}: {failed}\n", row.case, row.planner.name());
                line(names, &mut std::iter::once("no plan".to_owned()))
            }
        });
    }
    format!("\n{title}\n\n{}{failures}\n{about}", aligned(&lines))
}

fn cell((_, _, text, about): &Column, planned: &Planned) -> String {
    let missed = planned.goals.iter().any(|goal| !goal.met && about.contains(&goal.figure));
    format!("{}{}", text(planned), if missed { " ✗" } else { "" })
}

/// The names to the left, the figures to the right.
fn aligned(lines: &[Vec<String>]) -> String {
    let width = |at: usize| lines.iter().filter_map(|line| line.get(at)).map(|cell| cell.chars().count()).max();
    let mut text = String::new();
    for line in lines {
        let mut row = String::new();
        for (at, cell) in line.iter().enumerate() {
            let width = width(at).unwrap_or(0);
            row += &if at < 3 { format!("{cell:<width$}  ") } else { format!("{cell:>width$}  ") };
        }
        text += row.trim_end();
        text.push('\n');
    }
    text
}

fn missed(rows: &[&Row]) -> String {
    let mut lines = Vec::new();
    for row in rows {
        for goal in row.missed() {
            let figure = serde_json::to_string(&goal.figure).unwrap_or_default().replace('"', "");
            let (case, seed, planner) = (row.case, row.seed, row.planner.name());
            lines
                .push(format!("✗ {case} seed {seed}, {planner}: {figure} is {}, wanted {}", goal.reached, goal.wanted));
        }
        if !row.holds() && row.missed().next().is_none() {
            lines.push(format!("✗ {} seed {}, {}: no plan", row.case, row.seed, row.planner.name()));
        }
    }
    match lines.len() {
        0 => "\nevery goal is met\n".to_owned(),
        missed => format!("\n{}\n{missed} of the goals missed\n", lines.join("\n")),
    }
}

fn moved(planned: &Planned) -> String {
    let bound = if planned.forced_only { planned.score.forced } else { planned.score.bound };
    format!("{} {}", planned.score.moved, three(ratio(planned.score.moved, bound)))
}

fn leader_changes(planned: &Planned) -> String {
    let score = &planned.score;
    format!("{} {}", score.leader_changes, three(ratio(score.leader_changes, score.leader_bound)))
}

fn bytes(planned: &Planned) -> String {
    let bytes = planned.score.bytes;
    format!("{}/{}", three(bytes.most_to_mean()), three(bytes.least_to_mean()))
}

fn old_to_old(planned: &Planned) -> String {
    match (planned.score.old_to_old, planned.score.old_to_old_needed) {
        (Some(moves), Some(needed)) => format!("{moves} of {needed}"),
        _ => String::new(),
    }
}

/// Pairs of a topic and a broker, by replicas and by leaders, before and afterwards.
fn topics_above(planned: &Planned) -> String {
    let (before, after) = (planned.score.excess_before, planned.score.excess);
    format!("{}→{} {}→{}", before.replicas, after.replicas, before.leaders, after.leaders)
}

fn megabytes(planned: &Planned) -> String {
    format!("{}", planned.cost.peak_bytes.div_ceil(1_000_000))
}

fn range(most: u64, least: u64) -> String {
    format!("{most}/{least}")
}

fn three(value: f64) -> String {
    format!("{value:.3}")
}

fn scheduled(planned: &Planned, figure: fn(&Schedule) -> f64) -> String {
    planned.schedule.as_ref().map_or_else(String::new, |schedule| three(figure(schedule)))
}

fn yes(it: bool) -> String {
    if it { "yes" } else { "no" }.to_owned()
}
