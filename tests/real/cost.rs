//! What a phase of a test costs: wall seconds, and CPU seconds of the brokers and of the processes that were run.

use std::fs;
use std::time::Instant;

/// Clock ticks a second in `/proc`; fixed on Linux.
const TICKS: f64 = 100.0;

/// CPU seconds of a living process, 0 where there is no `/proc` or no such process.
pub(crate) fn of_process(pid: u32) -> f64 {
    let own = |stat: &str| ticks(stat).map(|[user, system, _, _]| user + system);
    fs::read_to_string(format!("/proc/{pid}/stat")).ok().and_then(|stat| own(&stat)).unwrap_or(0.0) / TICKS
}

/// CPU seconds of all children that this process has waited for: the tools, a killed broker.
fn of_ended_children() -> f64 {
    let children = |stat: &str| ticks(stat).map(|[_, _, user, system]| user + system);
    fs::read_to_string("/proc/self/stat").ok().and_then(|stat| children(&stat)).unwrap_or(0.0) / TICKS
}

/// User, system, children's user, children's system time. The name in the second field may hold spaces and brackets.
fn ticks(stat: &str) -> Option<[f64; 4]> {
    let (_, fields) = stat.rsplit_once(')')?;
    let mut times = fields.split_whitespace().skip(11).map(|field| field.parse::<f64>().ok());
    Some([times.next()??, times.next()??, times.next()??, times.next()??])
}

/// Says on stderr what each phase took, for whoever watches CI.
pub(crate) struct Phases {
    begun: Instant,
    brokers: f64,
    others: f64,
}

impl Phases {
    pub(crate) fn start() -> Self {
        Self { begun: Instant::now(), brokers: 0.0, others: of_ended_children() }
    }

    /// Ends a phase and begins the next one. `brokers`: CPU seconds of all of them since they began.
    pub(crate) fn end(&mut self, name: &str, brokers: f64) {
        let others = of_ended_children();
        super::say(&format!(
            "{name}: {:.1} s, {:.1} CPU s brokers, {:.1} CPU s ended processes",
            self.begun.elapsed().as_secs_f64(),
            brokers - self.brokers,
            others - self.others,
        ));
        *self = Self { begun: Instant::now(), brokers, others };
    }
}

#[test]
fn times_are_found_behind_an_awkward_name() {
    let stat = "4711 (a) b (c)) S 1 2 3 4 5 6 7 8 9 10 250 50 7 3 20 0 1";
    assert_eq!(ticks(stat), Some([250.0, 50.0, 7.0, 3.0]));
    assert_eq!(ticks("4711 (x) S 1"), None);
}
