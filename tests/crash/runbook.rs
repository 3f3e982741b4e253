//! Random runbooks: steps in steps, temporaries, all or nothing, failures that are caught, retried, mended, or not.
//!
//! Every write has a value of its own, and the configs of a temporary belong to it alone, so that what must stand there
//! afterwards follows from the journal without asking krun.

use proptest::prelude::*;
use std::fmt::Write as _;

/// The configs that steps write; few, so that they meet.
const SHARED: u8 = 4;
const KEYS: [&str; 8] = [
    "retention.ms",
    "retention.bytes",
    "flush.ms",
    "max.message.bytes",
    "segment.jitter.ms",
    "file.delete.delay.ms",
    "index.interval.bytes",
    "min.compaction.lag.ms",
];
const TOPICS: [&str; 5] = ["orders", "clicks", "payments", "peter-scaleout2", "peter-scaleout1"];

/// Configs for temporaries, one each.
const OWN_KEYS: [&str; 3] = ["segment.ms", "flush.messages", "delete.retention.ms"];

/// What the operator sets to mend a failure.
pub(super) const FLAG: (&str, &str) = ("peter-scaleout1", "min.cleanable.dirty.ratio");

#[derive(Debug, Clone)]
pub(super) enum Node {
    Step(Vec<Node>),
    /// Only inside a step.
    Write(u8),
    Temporarily {
        keep: bool,
        changes: u8,
        work: Vec<Node>,
    },
    /// Only inside a step.
    AllOrNothing {
        writes: Vec<u8>,
        end: End,
    },
    /// The steps, one that writes and fails, and the steps after it was caught.
    Caught {
        before: Vec<Node>,
        writes: Vec<u8>,
        after: Vec<Node>,
    },
    /// The last step of them fails so often.
    Retry {
        before: Vec<Node>,
        writes: Vec<u8>,
        fails: u8,
    },
    /// Only inside a step.
    Fails(End),
    /// A step that looks, and one that writes what was seen.
    Copy {
        from: u8,
        to: u8,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Well,
    /// Until the operator has mended it.
    Unmended,
    Never,
}

pub(super) fn nodes() -> impl Strategy<Value = Vec<Node>> {
    prop::collection::vec(node(), 1..4)
}

fn node() -> impl Strategy<Value = Node> {
    let end = prop_oneof![6 => Just(End::Well), 2 => Just(End::Unmended), 1 => Just(End::Never)];
    let writes = prop::collection::vec(0u8..5, 0..3);
    let leaf = prop_oneof![
        6 => (0u8..5).prop_map(Node::Write),
        2 => (writes.clone(), end.clone()).prop_map(|(writes, end)| Node::AllOrNothing { writes, end }),
        1 => end.prop_map(Node::Fails),
        1 => (0u8..4, 0u8..4).prop_map(|(from, to)| Node::Copy { from, to }),
    ];
    leaf.prop_recursive(4, 24, 4, move |inner| {
        let some = prop::collection::vec(inner, 0..4);
        prop_oneof![
            5 => some.clone().prop_map(Node::Step),
            3 => (any::<bool>(), 1u8..3, some.clone())
                .prop_map(|(keep, changes, work)| Node::Temporarily { keep, changes, work }),
            2 => (some.clone(), writes.clone(), some.clone())
                .prop_map(|(before, writes, after)| Node::Caught { before, writes, after }),
            1 => (some, writes.clone(), 0u8..3)
                .prop_map(|(before, writes, fails)| Node::Retry { before, writes, fails }),
        ]
    })
}

/// The text of a runbook.
pub(super) fn render(nodes: &[Node]) -> String {
    let mut text = Script { apart: nodes.iter().any(fails), ..Script::default() };
    text.line("let cluster = kafka::connect();");
    text.line("fn unmended(cluster) {");
    text.line(&format!("    let flag = cluster.configs(\"topic\", \"{}\")[\"{}\"];", FLAG.0, FLAG.1));
    text.line("    flag.source != \"DYNAMIC_TOPIC_CONFIG\"");
    text.line("}");
    text.nodes(nodes, Place { step: None, caught: false });
    text.text
}

/// What a step does again when it failed is done over what finished steps in it did. A design's choice, and no fault: where
/// something fails, each step has a config of its own.
fn fails(node: &Node) -> bool {
    match node {
        Node::Step(body) | Node::Temporarily { work: body, .. } => body.iter().any(fails),
        Node::AllOrNothing { end, .. } | Node::Fails(end) => *end != End::Well,
        Node::Caught { before, after, .. } => before.iter().chain(after).any(fails),
        Node::Retry { before, .. } => before.iter().any(fails),
        Node::Write(_) | Node::Copy { .. } => false,
    }
}

#[derive(Default)]
struct Script {
    text: String,
    depth: usize,
    /// Names, and values, count up.
    names: u32,
    values: u32,
    temporaries: usize,
    /// Each step has a config of its own.
    apart: bool,
}

#[derive(Clone, Copy)]
struct Place {
    /// The step around it.
    step: Option<u32>,
    /// What fails here is caught: being mended must not change the way that the run takes.
    caught: bool,
}

impl Script {
    fn line(&mut self, line: &str) {
        let _ = writeln!(self.text, "{:width$}{line}", "", width = self.depth * 4);
    }

    fn name(&mut self) -> u32 {
        self.names += 1;
        self.names
    }

    fn block(&mut self, open: &str, close: &str, body: impl FnOnce(&mut Self)) {
        self.line(open);
        self.depth += 1;
        body(self);
        self.depth -= 1;
        self.line(close);
    }

    fn nodes(&mut self, nodes: &[Node], place: Place) {
        for node in nodes {
            self.node(node, place);
        }
    }

    fn step(&mut self, place: Place, body: impl FnOnce(&mut Self, Place)) {
        let name = self.name();
        self.block(&format!("step(\"do {name}\", || {{"), "});", |text| {
            body(text, Place { step: Some(name), ..place });
            text.line(&format!("{name}"));
        });
    }

    fn in_step(&mut self, place: Place, body: impl FnOnce(&mut Self, Place)) {
        if place.step.is_some() { body(self, place) } else { self.step(place, body) }
    }

    /// The config of this number, in this step.
    fn config(&self, number: u8, step: Option<u32>) -> (&'static str, &'static str) {
        let step = step.and_then(|step| usize::try_from(step).ok()).filter(|_| self.apart);
        match step {
            Some(step) => (TOPICS[step % TOPICS.len()], KEYS[step / TOPICS.len() % KEYS.len()]),
            None => (TOPICS[0], KEYS[usize::from(number % SHARED)]),
        }
    }

    /// One config, or two in one request.
    fn write(&mut self, number: u8, place: Place) {
        self.values += 1;
        let ((topic, key), value) = (self.config(number, place.step), 1_000_000 + self.values);
        let values = match self.config(number + 1, place.step).1 {
            other if number >= SHARED && other != key => format!("#{{ \"{key}\": {value}, \"{other}\": {value} }}"),
            _ => format!("#{{ \"{key}\": {value} }}"),
        };
        self.line(&format!("cluster.alter_configs(\"topic\", \"{topic}\", {values});"));
    }

    fn writes(&mut self, numbers: &[u8], place: Place) {
        for number in numbers {
            self.write(*number, place);
        }
    }

    fn end(&mut self, end: End, place: Place) {
        match end {
            End::Well => {}
            End::Unmended if !place.caught => self.line("if unmended(cluster) { fail(\"not mended yet\"); }"),
            End::Unmended | End::Never => self.line("fail(\"it never works\");"),
        }
    }

    fn node(&mut self, node: &Node, place: Place) {
        match node {
            Node::Step(body) => self.step(place, |text, place| text.nodes(body, place)),
            Node::Write(resource) => self.in_step(place, |text, place| text.write(*resource, place)),
            Node::Fails(end) => self.in_step(place, |text, place| text.end(*end, place)),
            Node::AllOrNothing { writes, end } => self.in_step(place, |text, place| {
                let name = text.name();
                text.block(&format!("all_or_nothing(\"all of {name}\", || {{"), "});", |text| {
                    text.writes(writes, place);
                    text.end(*end, place);
                });
            }),
            Node::Temporarily { keep, changes, work } => self.temporarily(*keep, *changes, work, place),
            Node::Caught { before, writes, after } => {
                let inside = Place { caught: true, ..place };
                self.block("try {", "} catch {", |text| {
                    text.nodes(before, inside);
                    text.step(inside, |text, place| {
                        text.writes(writes, place);
                        text.end(End::Never, place);
                    });
                });
                self.line("}");
                self.nodes(after, place);
            }
            Node::Retry { before, writes, fails } => self.retry(before, writes, *fails, place),
            Node::Copy { from, to } => self.copy(*from, *to, place),
        }
    }

    fn copy(&mut self, from: u8, to: u8, place: Place) {
        let ((topic, key), name) = (self.config(from, place.step), self.name());
        let look = format!("cluster.configs(\"topic\", \"{topic}\")[\"{key}\"].value");
        self.line(&format!("let seen{name} = step(\"look {name}\", || parse_int({look}) % 1000);"));
        self.values += 1;
        let start = 2_000_000_000 + 1000 * u64::from(self.values);
        self.step(place, |text, place| {
            let (topic, key) = text.config(to, place.step);
            let values = format!("#{{ \"{key}\": {start} + seen{name} }}");
            text.line(&format!("cluster.alter_configs(\"topic\", \"{topic}\", {values});"));
        });
    }

    fn temporarily(&mut self, keep: bool, changes: u8, work: &[Node], place: Place) {
        let name = self.name();
        self.block(&format!("temporarily(\"hold {name}\", #{{ keep: {keep} }}, || {{"), "}, || {", |text| {
            for _ in 0..changes {
                let own = text.temporaries % (TOPICS.len() * OWN_KEYS.len());
                text.temporaries += 1;
                text.values += 1;
                let (topic, key) = (TOPICS[own % TOPICS.len()], OWN_KEYS[own / TOPICS.len()]);
                let value = 1_000_000 + text.values;
                text.line(&format!("cluster.alter_configs(\"topic\", \"{topic}\", #{{ \"{key}\": {value} }});"));
            }
        });
        self.depth += 1;
        self.nodes(work, place);
        self.depth -= 1;
        self.line("});");
    }

    fn retry(&mut self, before: &[Node], writes: &[u8], fails: u8, place: Place) {
        let inside = Place { caught: true, ..place };
        let tries = format!("tries{}", self.name());
        self.line(&format!("let {tries} = 0;"));
        self.block("retry(#{ times: 3, pause: \"1ms\" }, || {", "});", |text| {
            text.line(&format!("{tries} += 1;"));
            text.nodes(before, inside);
            text.step(inside, |text, place| {
                text.writes(writes, place);
                text.line(&format!("if {tries} <= {fails} {{ fail(\"not yet\"); }}"));
            });
        });
    }
}
