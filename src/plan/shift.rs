//! Levelling the counts: replicas go straight from a broker that has too many to one that has too few.
//!
//! Every such move is one that the bound asks for, so as long as none is blocked the plan moves no more than it must. The
//! choice among the replicas of the giver is free, and is used to spread topics, leaders and bytes (`choice`). Where every
//! straight way is blocked (by racks, or by replicas that are there already), `reroute` looks for a way over other brokers.

use super::choice::Choice;
use super::placement::Placement;
use super::queue::Queue;
use super::reroute;

/// Which brokers give, and which take: those of the first kind as long as there are any.
struct Stage {
    gives: fn(&Load) -> bool,
    takes: &'static [fn(&Load) -> bool],
}

struct Load {
    stays: bool,
    count: u64,
    low: u64,
    high: u64,
}

/// What must go, first to brokers that need it.
const SEND_AWAY: Stage = Stage {
    gives: |load| load.count > load.high,
    takes: &[|load| load.stays && load.count < load.low, |load| load.stays && load.count < load.high],
};
/// Brokers that leave end empty, level or not: some broker that stays can take each replica.
const EMPTY_THE_LEAVING: Stage = Stage { gives: |load| !load.stays && load.count > 0, takes: &[|load| load.stays] };
/// What must still come.
const FETCH_MISSING: Stage =
    Stage { gives: |load| load.count > load.low, takes: &[|load| load.stays && load.count < load.low] };

/// Moves replicas until every count is between its marks, or nothing more can be done. Whether anything was moved.
pub(super) fn level_counts(placement: &mut Placement<'_>) -> bool {
    let mut choice = None;
    let mut moved = false;
    // A later stage can open a way that was blocked in an earlier one.
    while [SEND_AWAY, EMPTY_THE_LEAVING, FETCH_MISSING]
        .iter()
        .fold(false, |any, stage| any | stage.run(placement, &mut choice))
    {
        moved = true;
    }
    moved
}

impl Stage {
    fn run(&self, placement: &mut Placement<'_>, choice: &mut Option<Choice>) -> bool {
        let mut line = Line::new(self, placement);
        if line.givers.is_empty() || line.takers.iter().all(Queue::is_empty) {
            return false;
        }
        let choice = choice.get_or_insert_with(|| Choice::new(placement));
        let mut moved = false;
        loop {
            if let Some((slot, to)) = line.straight(placement, choice) {
                let from = placement.now[slot] as usize;
                placement.relocate(slot, to);
                choice.left(placement, slot, from);
                line.update(placement, from);
                line.update(placement, to);
            } else if line.forget_blocked() {
                continue;
            } else if !self.reroute(placement) {
                return moved;
            } else {
                line = Line::new(self, placement);
            }
            moved = true;
        }
    }

    fn reroute(&self, placement: &mut Placement<'_>) -> bool {
        let seats = |asks: fn(&Load) -> bool| -> Vec<usize> {
            (0..placement.job.seats.len()).filter(|seat| asks(&load(placement, *seat))).collect()
        };
        let (givers, takers) = (seats(self.gives), self.takes.iter().map(|takes| seats(*takes)).collect::<Vec<_>>());
        takers.iter().any(|takers| reroute::along_a_path(placement, &givers, takers))
    }
}

/// Those that give and those that take at a stage.
struct Line<'a> {
    stage: &'a Stage,
    givers: Queue,
    takers: Vec<Queue>,
    /// Giver × taker: that nothing could go from the one to the other.
    blocked: Vec<bool>,
    /// Whether something was moved since a pair was found blocked.
    outdated: bool,
}

impl<'a> Line<'a> {
    fn new(stage: &'a Stage, placement: &Placement<'_>) -> Self {
        let seats = placement.job.seats.len();
        let gives = |seat: usize| stage.giver(placement, seat);
        let takes = |kind: usize| Queue::new(seats, |seat| stage.taker(placement, kind, seat));
        Self {
            stage,
            givers: Queue::new(seats, gives),
            takers: (0..stage.takes.len()).map(takes).collect(),
            blocked: Vec::new(),
            outdated: false,
        }
    }

    /// The best single move: the neediest taker, the fullest giver.
    fn straight(&mut self, placement: &Placement<'_>, choice: &mut Choice) -> Option<(usize, usize)> {
        let seats = placement.job.seats.len();
        for to in self.takers.iter().flat_map(Queue::seats) {
            for from in self.givers.seats().filter(|from| *from != to) {
                if self.blocked.get(from * seats + to).is_some_and(|blocked| *blocked) {
                    continue;
                }
                if let Some(slot) = choice.replica(placement, from, to) {
                    return Some((slot, to));
                }
                self.blocked.resize(seats * seats, false);
                self.blocked[from * seats + to] = true;
            }
        }
        None
    }

    fn update(&mut self, placement: &Placement<'_>, seat: usize) {
        self.givers.set(seat, self.stage.giver(placement, seat));
        for (kind, takers) in self.takers.iter_mut().enumerate() {
            takers.set(seat, self.stage.taker(placement, kind, seat));
        }
        self.outdated |= !self.blocked.is_empty();
    }

    /// Whether a second look may find something.
    fn forget_blocked(&mut self) -> bool {
        self.blocked.clear();
        std::mem::take(&mut self.outdated)
    }
}

impl Stage {
    fn giver(&self, placement: &Placement<'_>, seat: usize) -> Option<(u64, i128)> {
        let load = load(placement, seat);
        (self.gives)(&load).then(|| (load.count.saturating_sub(load.low), placement.surplus(seat)))
    }

    fn taker(&self, placement: &Placement<'_>, kind: usize, seat: usize) -> Option<(u64, i128)> {
        let load = load(placement, seat);
        (self.takes[kind])(&load).then(|| (load.high.saturating_sub(load.count), -placement.surplus(seat)))
    }
}

fn load(placement: &Placement<'_>, seat: usize) -> Load {
    let seats = &placement.job.seats[seat];
    let marks = seats.replicas;
    Load { stays: seats.stays, count: placement.count(seat), low: marks.low, high: marks.high }
}
