//! The rows as people read them: what the plans are like, what they cost, Apache's beside krun's, and what was missed.

use crate::goals::{Figure, ratio};
use crate::row::{Outcome, Planned, Planner, Row};

/// A column: its heading, what it says of a plan, and the goals that it is about.
type Column = (&'static str, fn(&Planned) -> String, &'static [Figure]);

const PLANS: &[Column] = &[
    ("moved ÷ bound", moved, &[Figure::Moved]),
    ("replicas", |p| range(p.score.replicas.most, p.score.replicas.least), &[Figure::Replicas]),
    ("bytes ÷ bound", |p| three(ratio(p.score.moved_bytes, p.score.bytes_bound_at_reached)), &[]),
    ("bytes ÷ mean", bytes, &[Figure::Bytes]),
    ("leaders", |p| range(p.score.leaders.most, p.score.leaders.least), &[Figure::Leaders]),
    ("changes ÷ bound", leader_changes, &[Figure::LeaderChanges]),
    ("racks worse", |p| p.score.racks_made_worse.to_string(), &[Figure::Racks]),
    ("old→old", old_to_old, &[Figure::OldToOld]),
    ("topics above", topics_above, &[]),
    ("left", |p| (p.score.left_on_leaving + p.score.factor_changed).to_string(), &[Figure::Left]),
];

const COSTS: &[Column] = &[
    ("seconds", |p| format!("{:.2}", p.cost.wall_seconds), &[Figure::Wall]),
    ("CPU s", |p| format!("{:.2}", p.cost.cpu_seconds), &[]),
    ("peak MB", megabytes, &[Figure::Peak]),
    ("same bytes", |p| p.repeated.map_or_else(String::new, |it| yes(it.same_bytes)), &[Figure::Same]),
    ("again", |p| p.repeated.map_or_else(String::new, |it| it.touched_again.to_string()), &[Figure::Again]),
    ("across ÷ bound", |p| p.schedule.map_or_else(String::new, |it| three(it.across_topics)), &[Figure::AcrossTopics]),
    ("one topic ÷ bound", |p| p.schedule.map_or_else(String::new, |it| three(it.one_topic)), &[]),
];

const BESIDE: &[Column] = &[
    ("moved ÷ bound", moved, &[]),
    ("changes ÷ bound", leader_changes, &[]),
    ("bytes ÷ mean", bytes, &[]),
    ("replicas", |p| range(p.score.replicas.most, p.score.replicas.least), &[]),
    ("old→old", |p| p.score.old_to_old.map_or_else(String::new, |moves| moves.to_string()), &[]),
    ("racks worse", |p| p.score.racks_made_worse.to_string(), &[]),
    ("planning s", |p| p.planning_seconds.map_or_else(String::new, |seconds| format!("{seconds:.2}")), &[]),
    ("seconds", |p| format!("{:.2}", p.cost.wall_seconds), &[]),
    ("CPU s", |p| format!("{:.2}", p.cost.cpu_seconds), &[]),
    ("peak MB", megabytes, &[]),
];

/// All of it, for the given version of Apache's tool.
pub(crate) fn of(rows: &[Row], apache: &str) -> String {
    let ours: Vec<&Row> = rows.iter().filter(|row| row.planner != Planner::Apache).collect();
    let mut text = section("krun plan: the moves", PLANS, &ours);
    text += &section("krun plan: what it costs, and the schedule at 5 moves a broker", COSTS, &ours);
    if rows.iter().any(|row| row.planner == Planner::Apache) {
        let title = format!("beside kafka-reassign-partitions --generate of Kafka {apache}");
        text += &section(&title, BESIDE, &rows.iter().collect::<Vec<_>>());
    }
    text.push_str(&missed(&ours));
    text
}

fn section(title: &str, columns: &[Column], rows: &[&Row]) -> String {
    let mut lines = vec![["case", "seed", ""].map(str::to_owned).to_vec()];
    lines[0].extend(columns.iter().map(|(heading, ..)| (*heading).to_owned()));
    let mut failures = String::new();
    for row in rows {
        let mut line = vec![row.case.to_owned(), row.seed.to_string(), row.planner.name().to_owned()];
        match &row.outcome {
            Outcome::Planned(planned) => line.extend(columns.iter().map(|column| cell(column, planned))),
            Outcome::Failed { failed } => {
                line.push("no plan".to_owned());
                failures += &format!("{} seed {}, {}: {failed}\n", row.case, row.seed, row.planner.name());
            }
        }
        lines.push(line);
    }
    format!("\n{title}\n\n{}{failures}", aligned(&lines))
}

fn cell((_, text, about): &Column, planned: &Planned) -> String {
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

fn yes(it: bool) -> String {
    if it { "yes" } else { "no" }.to_owned()
}
