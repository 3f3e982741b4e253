//! Whole screens of the scale-out, as an operator reads them: with a terminal of 80 and of 120 columns, and in a log.

use super::place::{Place, SCALE_OUT};
use super::terminal::{Pty, Screen};

/// Times, ids, ports and names of this very run, so that two runs look alike.
fn same(place: &Place, text: &str) -> String {
    let mut text = text.replace(&place.state().display().to_string(), "STATE");
    for run in place.runs() {
        text = text.replace(&run, "RUN");
    }
    let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
    text = text.replace(&format!("by ops on {host}"), "by ops on HOST");
    let text = blank(&text, "00:00:00", "HH:MM:SS");
    let text = blank(&text, "0000-00-00 HH:MM:SS UTC", "DATE");
    durations(&text)
}

/// Replaces what looks like `shape`, where a 0 is any digit.
fn blank(text: &str, shape: &str, with: &str) -> String {
    let (shape, chars): (Vec<char>, Vec<char>) = (shape.chars().collect(), text.chars().collect());
    let mut out = String::new();
    let mut at = 0;
    while at < chars.len() {
        let part = chars.get(at..at + shape.len());
        let fits = part.is_some_and(|part| {
            part.iter().zip(&shape).all(|(c, s)| if *s == '0' { c.is_ascii_digit() } else { c == s })
        });
        if fits {
            out.push_str(with);
            at += shape.len();
        } else {
            out.push(chars[at]);
            at += 1;
        }
    }
    out
}

/// `0.3 s` at the end of a line, `process 123` and `, 2 s  (exit 0)`.
fn durations(text: &str) -> String {
    let line = |line: &str| {
        let mut line = line.to_owned();
        if let Some(at) = line.find("process ") {
            let end = line[at + 8..].find(',').map_or(line.len(), |end| at + 8 + end);
            line.replace_range(at + 8..end, "PID");
        }
        if let Some(short) = line.strip_suffix(" s") {
            let number = short.rsplit(' ').next().unwrap_or_default().to_owned();
            if number.parse::<f64>().is_ok() {
                line = format!("{}T s", &short[..short.len() - number.len()]);
            }
        }
        if let Some(at) = line.find(" s  (exit") {
            let start = line[..at].rfind(' ').map_or(0, |space| space + 1);
            line.replace_range(start..at, "T");
        }
        line
    };
    // On a machine with much to do some looks come before the moves are over, and some changes take a second.
    let lines = text.lines().filter(|line| !line.contains("… moves of") && !line.contains("✓ moves of"));
    let told = |line: &str| {
        let slow = line.rfind("— done  ").map(|at| at + "— done".len());
        slow.or_else(|| line.rfind("— put back  ").map(|at| at + "— put back".len()))
            .filter(|_| line.contains(" • ") || line.contains(" ↩ "))
            .map_or(line.to_owned(), |end| line[..end].to_owned())
    };
    lines.map(|text| told(&line(text))).collect::<Vec<_>>().join("\n")
}

fn at_a_terminal(columns: usize) {
    let place = Place::quick();
    let mut pty = Pty::start(&place, &[SCALE_OUT], columns);
    pty.shows("[y/N]");
    pty.types("y\n");
    let screen = pty.ends();
    screen.exits(0);
    insta::assert_snapshot!(format!("scale_out_at_{columns}_columns"), narrow(&place, &screen, columns));
}

#[test]
fn the_scale_out_at_80_columns() {
    at_a_terminal(80);
}

#[test]
fn the_scale_out_at_120_columns() {
    at_a_terminal(120);
}

#[test]
fn the_scale_out_in_a_log() {
    let place = Place::quick();
    let ended = place.krun_without_flag(&[SCALE_OUT, "--yes"]);
    ended.exits(0);
    let text = format!("── stdout ──\n{}── stderr ──\n{}", ended.stdout, ended.stderr);
    insta::assert_snapshot!(same(&place, &text));
}

#[test]
fn a_run_that_was_interrupted_and_given_up() {
    let place = Place::stuck();
    let live = place.scale_out_in_flight(&["--topics", "peter-scaleout1,clicks", "--at-once", "1"]);
    live.signal(rustix::process::Signal::INT);
    let interrupted = live.ends();
    interrupted.exits(130);
    let plan = place.krun_without_flag(&["abort", "--plan"]);
    plan.exits(0);
    let aborted = place.krun_without_flag(&["abort"]);
    aborted.exits(0);
    let text = format!("{}── abort --plan ──\n{}── abort ──\n{}", interrupted.stderr, plan.stdout, aborted.stderr);
    insta::assert_snapshot!(same(&place, &text));
}

#[test]
fn a_failure_at_80_columns() {
    let place = Place::quick();
    let text = "//! Fails in a module.\nimport \"std/reassign\" as reassign;\n\nlet cluster = kafka::connect();\n\
        let only = #{ topics: [\"ordres\"] }; let order = \"one-topic\";\nlet moves = step(\"plan it\", || plan::level(cluster.state(), only));\n\
        reassign::execute(cluster, moves, #{ order: order });\n";
    place.file("own.rhai", text);
    let screen = Pty::start_in(&place, place.scratch(), &["own.rhai", "--cluster", "sandbox"], 80).ends();
    screen.exits(1);
    insta::assert_snapshot!(narrow(&place, &screen, 80));
}

/// No row of the screen was broken by the terminal itself.
fn narrow(place: &Place, screen: &Screen, columns: usize) -> String {
    let widest = screen.text.lines().map(|line| line.chars().count()).max();
    assert!(widest <= Some(columns), "{widest:?}:\n{}", screen.text);
    same(place, &screen.text)
}
