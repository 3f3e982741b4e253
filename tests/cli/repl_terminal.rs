//! `krun repl` at a terminal: what a person sees, and what becomes of it when the terminal goes away.

use super::child::{Live, PATIENCE, plain};
use super::place::{Place, until};
use rustix::process::Signal;
use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

const READ_ONLY: &str = "sandbox (read-only) ";

/// A terminal made by script(1) that answers when it is asked where its cursor stands.
struct Screen {
    live: Live,
    typescript: PathBuf,
    answered: usize,
    /// The process id of krun, which it says itself.
    pid: PathBuf,
}

impl Screen {
    fn of(place: &Place) -> Self {
        let krun = place.command(&["repl", "--cluster", "sandbox"]);
        let line: Vec<String> = std::iter::once(krun.get_program())
            .chain(krun.get_args())
            .map(|word| format!("'{}'", word.to_string_lossy()))
            .collect();
        let tag = uuid::Uuid::new_v4().simple().to_string();
        let typescript = place.scratch().join(format!("{tag}.typescript"));
        let pid = place.scratch().join(format!("{tag}.pid"));
        let mut command = plain("script");
        command.args(["--quiet", "--return", "--flush", "--command"]);
        let line = line.join(" ");
        command.arg(format!("stty cols 100 rows 50; echo $$ > '{}'; exec {line}", pid.display())).arg(&typescript);
        command.env("HOME", place.scratch()).env("NO_COLOR", "1").stdin(Stdio::piped());
        Self { live: Live::start(command, place.scratch()), typescript, answered: 0, pid }
    }

    /// All that was ever written to the screen, without what moves the cursor.
    fn text(&self) -> String {
        let raw = String::from_utf8_lossy(&fs::read(&self.typescript).unwrap_or_default()).into_owned();
        let mut text = String::new();
        let mut chars = raw.chars().peekable();
        while let Some(c) = chars.next() {
            if c != '\u{1b}' {
                text.push(c);
            } else if chars.next_if_eq(&'[').is_some() {
                while chars.next().is_some_and(|c| !c.is_ascii_alphabetic()) {}
            } else {
                chars.next();
            }
        }
        text.replace('\r', "")
    }

    fn answer(&mut self) {
        let raw = String::from_utf8_lossy(&fs::read(&self.typescript).unwrap_or_default()).into_owned();
        let asked = raw.matches("\u{1b}[6n").count();
        for _ in self.answered..asked {
            self.types("\u{1b}[10;1R");
        }
        self.answered = asked;
    }

    #[track_caller]
    fn shows(&mut self, words: &str) {
        let since = Instant::now();
        while !self.text().contains(words) {
            self.answer();
            let over = self.live.is_over() && !self.text().contains(words);
            assert!(!over && since.elapsed() < PATIENCE, "`{words}` never was on the screen:\n{}", self.text());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    fn types(&mut self, keys: &str) {
        let stdin = self.live.stdin();
        stdin.write_all(keys.as_bytes()).and_then(|()| stdin.flush()).expect("the terminal takes keys");
    }

    /// Types a line once its prompt is there.
    #[track_caller]
    fn line(&mut self, number: usize, line: &str) {
        self.shows(&format!(") {number}> "));
        self.types(&format!("{line}\r"));
    }

    /// The prompt stands there, and nothing behind it.
    #[track_caller]
    fn is_at(&mut self, prompt: &str) {
        let since = Instant::now();
        while !self.text().trim_end().ends_with(prompt) {
            self.answer();
            assert!(since.elapsed() < PATIENCE, "not at `{prompt}`:\n{}", self.text());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    fn krun(&self) -> u32 {
        fs::read_to_string(&self.pid).expect("its process id").trim().parse().expect("a number")
    }

    /// The terminal goes away, and krun with it.
    fn hangs_up(self) {
        let krun = self.krun();
        self.live.signal(Signal::KILL);
        self.live.ends();
        until("krun is gone with its terminal", || !is_alive(krun));
    }

    fn ends(mut self, code: i32) -> String {
        let since = Instant::now();
        while !self.live.is_over() && since.elapsed() < PATIENCE {
            self.answer();
            std::thread::sleep(Duration::from_millis(10));
        }
        let text = self.text();
        self.live.ends().exits(code);
        text
    }
}

/// A process that was not waited for yet is not alive.
fn is_alive(pid: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit(')').next().is_some_and(|rest| !rest.is_empty() && !rest.trim_start().starts_with('Z'))
}

fn history(place: &Place) -> PathBuf {
    let entries = fs::read_dir(place.state()).expect("the state folder");
    let mut found = entries.map(|entry| entry.expect("an entry").path());
    found.find(|path| path.to_string_lossy().contains("repl_history")).expect("a history")
}

#[test]
fn a_session_at_a_terminal() {
    let place = Place::quick();
    let mut screen = Screen::of(&place);
    screen.shows("krun repl on cluster sandbox, read-only");
    screen.line(1, "let n = cluster.topics().len();");
    screen.line(2, "n +\r1000");
    screen.shows("::: ");
    screen.shows("1005");
    screen.line(3, "let password = \"geheim\";");
    screen.line(4, " cluster.id");
    screen.line(5, "loop { }");
    std::thread::sleep(Duration::from_millis(300));
    screen.types("\u{3}");
    screen.shows("INTERRUPTED: the line was stopped");
    // Tab: what begins like this, with its signature.
    screen.shows(&format!("{READ_ONLY}6> "));
    screen.types("cluster.broker_i\t");
    screen.shows("cluster.broker_ids()");
    screen.types("\u{3}");
    screen.is_at("(read-only) 6>");
    screen.types("cluster.topi\t");
    screen.shows("Cluster.topic(name: string) -> map");
    // Ctrl-C drops the line.
    screen.types("\u{3}");
    screen.is_at("(read-only) 6>");
    screen.types("40 + 2\r");
    screen.shows("42");
    screen.is_at("(read-only) 7>");
    screen.types("\u{4}");
    screen.ends(0);

    let path = history(&place);
    let kept = fs::read_to_string(&path).expect("a history");
    assert_eq!(fs::metadata(&path).expect("a file").permissions().mode() & 0o777, 0o600);
    assert_eq!(kept, "let n = cluster.topics().len();\nn +<\\n>1000\nloop { }\n40 + 2\n");
    assert!(place.runs().is_empty());

    // The next session has it: the arrow up gives the last line.
    let mut screen = Screen::of(&place);
    screen.shows(&format!("{READ_ONLY}1> "));
    screen.types("\u{1b}[A\r");
    screen.shows("42");
    screen.line(2, ":quit");
    screen.ends(0);
}

#[test]
fn changes_are_asked_about_and_shown() {
    let place = Place::quick();
    let mut screen = Screen::of(&place);
    screen.line(1, ":rw");
    screen.shows("sandbox (read-write) 1> ");
    screen
        .types("confirm(\"shorten it?\"); cluster.alter_configs(\"topic\", \"orders\", #{ \"retention.ms\": 1000 })\r");
    screen.shows("[y/N] ");
    screen.types("y\r");
    screen.shows("retention.ms = 1000 (was unset) — done");
    // The answer has ended the question, and the next line is a line.
    screen.line(2, "6 * 7");
    screen.shows("42");
    screen.line(3, "confirm(\"and now?\")");
    screen.shows("? and now?");
    screen.shows("[y/N] ");
    std::thread::sleep(Duration::from_millis(300));
    screen.types("n\r");
    screen.shows("DECLINED: declined: and now?");
    screen.line(4, "log(\"asleep\"); sleep(\"10m\")");
    screen.shows("asleep\n");
    screen.types("\u{3}");
    screen.shows("stopping at the next safe point");
    screen.line(5, ":ro");
    screen.shows("done: 2 steps, 1 effect");
    screen.shows(&format!("{READ_ONLY}5> "));
    screen.types("\u{4}");
    screen.ends(0);
}

#[test]
fn without_its_terminal_it_is_gone() {
    let place = Place::quick();
    let mut screen = Screen::of(&place);
    screen.line(1, "1 + 1");
    screen.shows(&format!("{READ_ONLY}2> "));
    screen.hangs_up();

    let mut screen = Screen::of(&place);
    screen.line(1, "log(\"here\"); loop { }");
    screen.shows("here\n");
    screen.hangs_up();

    let mut screen = Screen::of(&place);
    screen.line(1, ":rw");
    screen.shows("(read-write) 1> ");
    screen.types("log(\"here\"); sleep(\"10m\")\r");
    screen.shows("here\n");
    screen.hangs_up();
    place.krun(&["runs"]).exits(0).shows(&["krun repl", "done"]);
}

#[test]
fn told_to_end_at_its_prompt_it_ends_its_run() {
    let place = Place::quick();
    let mut screen = Screen::of(&place);
    screen.line(1, ":rw");
    screen.line(1, "1");
    screen.shows("(read-write) 2> ");
    let pid = i32::try_from(screen.krun()).ok().and_then(rustix::process::Pid::from_raw).expect("a process");
    rustix::process::kill_process(pid, Signal::TERM).expect("it is there");
    assert!(screen.ends(0).contains("done: 1 step"));
}
