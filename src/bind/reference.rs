//! What the signatures and their sentences do not say: what a call does to the world, since when Kafka has it, how it
//! fails, and an example. One table for all pages, by the names of the functions; a test runs every example on the sandbox,
//! and holds that no function is missing.

/// What a call does to the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Asks the cluster and changes nothing.
    Read,
    /// Changes the cluster; where it is not known whether it happened, reading back decides.
    Convergent,
    /// Changes a host by a command; its receipt there tells whether it happened.
    Probed,
    /// Says in which order, how often and under which watch the rest happens.
    Flow,
    /// Talks to whoever runs it.
    Talk,
    /// Computes from what it is given.
    Pure,
}

impl Kind {
    pub fn words(self) -> &'static str {
        match self {
            Self::Read => "read: asks the cluster, changes nothing",
            Self::Convergent => "convergent effect: stands in a step; if its outcome is unknown, reading back decides",
            Self::Probed => {
                "probed effect: stands in a step; if its outcome is unknown, its receipt on the host decides"
            }
            Self::Flow => "flow: orders and guards the rest",
            Self::Talk => "talk: with whoever runs it",
            Self::Pure => "pure: asks and changes nothing",
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Convergent => "convergent",
            Self::Probed => "probed",
            Self::Flow => "flow",
            Self::Talk => "talk",
            Self::Pure => "pure",
        }
    }
}

#[derive(Debug, Clone, Copy)]
pub struct Page {
    /// `Cluster.topic`, `kafka::connect`, `step`; a field as `Cluster.id`.
    pub name: &'static str,
    pub kind: Kind,
    /// The first Kafka release whose brokers answer it; empty where every supported one (2.1 and newer) does.
    pub since: &'static str,
    /// The codes that are worth catching.
    pub errors: &'static [&'static str],
    /// What a field holds; of a function its registration says so.
    pub field: &'static str,
    /// A runbook's text; `cluster` is `kafka::connect()`.
    pub example: &'static str,
}

const fn page(name: &'static str, kind: Kind, example: &'static str) -> Page {
    Page { name, kind, since: "", errors: &[], field: "", example }
}

impl Page {
    const fn since(self, since: &'static str) -> Self {
        Self { since, ..self }
    }

    const fn errors(self, errors: &'static [&'static str]) -> Self {
        Self { errors, ..self }
    }

    const fn field(self, field: &'static str) -> Self {
        Self { field, ..self }
    }
}

/// The page of a function or a field.
pub fn page_of(name: &str) -> Option<&'static Page> {
    PAGES.iter().find(|page| page.name == name)
}

use Kind::{Convergent, Flow, Probed, Pure, Read, Talk};

pub const PAGES: &[Page] = &[
    page("kafka::connect", Read, "let cluster = kafka::connect();\nlog(cluster.name);"),
    page("Cluster.name", Read, "log(`on ${cluster.name}`);").field("What `krun.toml` calls the cluster."),
    page("Cluster.id", Read, "log(cluster.id);").field("Kafka's own id of the cluster."),
    page("Cluster.brokers", Read, "table(cluster.brokers());"),
    page("Cluster.broker_ids", Read, "let ids = step(\"list the brokers\", || cluster.broker_ids());"),
    page("Cluster.topics", Read, "let internal = cluster.topics().filter(|topic| topic.internal);"),
    page("Cluster.topic", Read, "let partitions = cluster.topic(\"orders\").partitions;\ntable(partitions.filter(|one| one.isr.len() < one.replicas.len()));").errors(&["UNKNOWN_TOPIC_OR_PARTITION"]),
    page("Cluster.configs", Read, "let retention = cluster.configs(\"topic\", \"payments\")[\"retention.ms\"];\nlog(`${retention.value} from ${retention.source}`);\nlet broker = cluster.configs(\"broker\", 1);").errors(&["UNKNOWN_TOPIC_OR_PARTITION", "BROKER_NOT_AVAILABLE", "INVALID_RESOURCE"]),
    page("Cluster.log_dirs", Read, "for dir in cluster.log_dirs(1) {\n    log(`${dir.path}: ${dir.replicas.len()} replicas, ${dir.usable_bytes} bytes free`);\n}").errors(&["BROKER_NOT_AVAILABLE"]),
    page("Cluster.partition_reassignments", Read, "let foreign = cluster.partition_reassignments().filter(|one| !one.by_this_run);").since("2.4").errors(&["UNSUPPORTED_VERSION"]),
    page("Cluster.controller", Read, "log(`the controller is ${cluster.controller()}`);"),
    page("Cluster.config", Read, "let retention = cluster.config(\"topic\", \"payments\", \"retention.ms\");\nlog(`${retention.value} from ${retention.source}`);").errors(&["UNKNOWN_TOPIC_OR_PARTITION", "BROKER_NOT_AVAILABLE", "UNKNOWN_CONFIG"]),
    page("Cluster.groups", Read, "table(cluster.groups());").errors(&["GROUP_AUTHORIZATION_FAILED", "COORDINATOR_NOT_AVAILABLE"]),
    page("Cluster.group", Read, "for one in cluster.groups() {\n    log(`${one.id}: ${cluster.group(one.id).members.len()} members`);\n}").errors(&["GROUP_ID_NOT_FOUND", "COORDINATOR_NOT_AVAILABLE"]),
    page("Cluster.offsets", Read, "for one in cluster.offsets(\"orders\", \"latest\") {\n    log(`partition ${one.partition} ends at ${one.offset}`);\n}\ntable(cluster.offsets(\"orders\", \"2026-01-01T00:00:00Z\"));").errors(&["UNKNOWN_TOPIC_OR_PARTITION", "INVALID_INSTANT", "UNSUPPORTED_VERSION"]),
    page("Cluster.sample_records", Read, "let samples = step(\"note old records\", || cluster.sample_records([\"orders\"], #{ between: 1 }));\nlog(`${samples.len()} records, the first at ${samples[0].offset}`);").errors(&["UNKNOWN_TOPIC_OR_PARTITION", "RECORDS_UNREAD", "NOT_FOR_LIBRDKAFKA"]),
    page("Cluster.read_samples", Read, "let samples = step(\"note old records\", || cluster.sample_records([\"orders\"]));\nlet again = cluster.read_samples(samples);\nfor (one, nth) in samples {\n    if again[nth].hash != one.hash { warn(`partition ${one.partition} at ${one.offset} is not what it was`); }\n}").errors(&["RECORDS_UNREAD", "NOT_FOR_LIBRDKAFKA", "INVALID_ARGUMENT"]),
    page("Cluster.features", Read, "let level = cluster.features().finalized[\"metadata.version\"];\nlog(level);").since("2.7").errors(&["UNSUPPORTED_VERSION"]),
    page("Cluster.release", Read, "let release = cluster.release(1);\nlog(`broker 1 offers what Kafka ${release.text} offers`);"),
    page("Cluster.quorum", Read, "let quorum = cluster.quorum();\nlog(`controller ${quorum.leader} leads`);\ntable(quorum.voters);").since("3.3").errors(&["UNSUPPORTED_VERSION"]),
    page("Cluster.acls", Read, "try {\n    table(cluster.acls().filter(|acl| acl.principal == \"User:alice\"));\n} catch (error) {\n    if error.code != \"SECURITY_DISABLED\" { throw error; } // the cluster has no authorizer\n}").errors(&["SECURITY_DISABLED", "CLUSTER_AUTHORIZATION_FAILED"]),
    page("Cluster.ask_another_broker", Read, "cluster.ask_another_broker();\nlet topics = cluster.topics();"),
    page("Cluster.changed_by_others", Read, "for change in cluster.changed_by_others() {\n    warn(`somebody changed it, and it is left so: ${change}`);\n}"),
    page("Cluster.state", Read, "let moves = step(\"plan\", || plan::level(cluster.state()));"),
    page("Cluster.progress", Read, "let moves = step(\"plan\", || plan::level(cluster.state()));\nlet seen = cluster.progress(moves.partitions(moves.topics[0]));\nlog(`${seen.arrived.len()} arrived, ${seen.under_way.len()} under way`);").errors(&["INVALID_ARGUMENT"]),
    page("Cluster.submitted_before", Read, "step(\"move\", || {\n    for group in cluster.submitted_before() { log(`${group.topic} again`); }\n});"),
    page("Cluster.alter_configs", Convergent, "step(\"keep a week\", || cluster.alter_configs(\"topic\", \"orders\", #{ \"retention.ms\": 604800000 }));\nstep(\"take the override away\", || cluster.alter_configs(\"topic\", \"orders\", #{ \"retention.ms\": () }));").since("2.3").errors(&["INVALID_CONFIG", "UNKNOWN_TOPIC_OR_PARTITION", "UNSUPPORTED_VERSION", "RESOURCE_HELD"]),
    page("Cluster.alter_partition_reassignments", Convergent, "step(\"put it on three brokers\", || {\n    cluster.alter_partition_reassignments(\"orders\", [#{ partition: 0, to: [4, 1, 2] }]);\n    wait_until(\"the move\", || cluster.partition_reassignments().is_empty());\n});").since("2.4").errors(&["REASSIGNMENT_REFUSED", "INVALID_REPLICA_ASSIGNMENT", "UNSUPPORTED_VERSION"]),
    page("Cluster.elect_leaders", Convergent, "step(\"give leadership back\", || cluster.elect_leaders(\"preferred\", \"orders\"));").since("2.2").errors(&["PREFERRED_LEADER_NOT_AVAILABLE", "UNSUPPORTED_VERSION"]),
    page("Cluster.create_acls", Convergent, "let acl = #{ resource: \"TOPIC\", name: \"orders\", principal: \"User:alice\", operation: \"READ\" };\ntry {\n    step(\"let alice read\", || cluster.create_acls([acl]));\n} catch (error) {\n    if error.code != \"SECURITY_DISABLED\" { throw error; }\n}").errors(&["ACL_REFUSED", "INVALID_ACL", "SECURITY_DISABLED"]),
    page("Cluster.delete_acls", Convergent, "try {\n    let old = cluster.acls().filter(|acl| acl.principal == \"User:bob\");\n    step(\"bob left\", || cluster.delete_acls(old));\n} catch (error) {\n    if error.code != \"SECURITY_DISABLED\" { throw error; }\n}").errors(&["ACL_REFUSED", "INVALID_ACL", "SECURITY_DISABLED"]),
    page("Cluster.create_topic", Convergent, "step(\"make it\", || cluster.create_topic(\"audit\", #{ partitions: 6, replication: 3, configs: #{ \"retention.ms\": 604800000 } }));").errors(&["TOPIC_ALREADY_EXISTS", "INVALID_TOPIC_EXCEPTION", "INVALID_REPLICATION_FACTOR", "INVALID_CONFIG", "POLICY_VIOLATION"]),
    page("Cluster.delete_topic", Convergent, "step(\"make it\", || cluster.create_topic(\"scratch\", #{ partitions: 1, replication: 1 }));\nconfirm(\"delete it with its data?\");\nstep(\"delete it\", || cluster.delete_topic(\"scratch\"));").errors(&["UNKNOWN_TOPIC_OR_PARTITION", "TOPIC_DELETION_DISABLED"]),
    page("Cluster.create_partitions", Convergent, "step(\"make it\", || cluster.create_topic(\"events\", #{ partitions: 3, replication: 3 }));\nstep(\"give it more\", || cluster.create_partitions(\"events\", 6));").errors(&["INVALID_PARTITIONS", "INVALID_REPLICA_ASSIGNMENT", "UNKNOWN_TOPIC_OR_PARTITION"]),
    page("Cluster.delete_records", Convergent, "let below = cluster.offsets(\"orders\", \"latest\");\nstep(\"empty it\", || cluster.delete_records(\"orders\", below));").errors(&["OFFSET_OUT_OF_RANGE", "POLICY_VIOLATION", "LEADER_NOT_AVAILABLE"]),
    page("Group.lag", Read, "for group in cluster.groups() { table(cluster.group(group.id).lag()); }"),
    page("Group.offsets", Read, "for group in cluster.groups() { table(cluster.group(group.id).offsets()); }"),
    page("Group.id", Read, "for group in cluster.groups() { log(cluster.group(group.id).id); }").field("Its name."),
    page("Group.state", Read, "for group in cluster.groups() { log(cluster.group(group.id).state); }").field("`Stable`, `Empty`, `PreparingRebalance` … in Kafka's words."),
    page("Group.kind", Read, "for group in cluster.groups() { log(cluster.group(group.id).kind); }").field("`classic`, `consumer`, `share` … from Kafka 3.8, else empty."),
    page("Group.protocol_type", Read, "for group in cluster.groups() { log(cluster.group(group.id).protocol_type); }").field("`consumer` for consumers, `connect` for Kafka Connect's workers."),
    page("Group.assignor", Read, "for group in cluster.groups() { log(cluster.group(group.id).assignor); }").field("How its partitions are shared out, such as `range`."),
    page("Group.coordinator", Read, "for group in cluster.groups() { log(cluster.group(group.id).coordinator); }").field("The id of the broker that looks after it."),
    page("Group.members", Read, "for group in cluster.groups() { log(cluster.group(group.id).members); }").field("Who is in it, and what is `assigned` to each."),
    page("Cluster.copies", Read, "let moves = step(\"plan\", || plan::level(cluster.state()));\ntable(cluster.copies(moves.partitions(moves.topics[0])));").errors(&["INVALID_ARGUMENT"]),
    page("Cluster.left_behind", Read, "let moves = step(\"plan\", || plan::level(cluster.state()));\ntable(cluster.left_behind(moves.partitions(moves.topics[0])));").errors(&["INVALID_ARGUMENT"]),
    page("Cluster.inbound_rate", Read, "let moves = step(\"plan\", || plan::level(cluster.state()));\nlog(cluster.inbound_rate(moves.partitions(moves.topics[0]), 5, \"200ms\"));").errors(&["INVALID_ARGUMENT", "INVALID_DURATION"]),
    page("Cluster.moved_by", Read, "try {\n    table(cluster.moved_by(\"20260101-010000-scaleout-1234\"));\n} catch (error) {\n    if error.code != \"NO_SUCH_RUN\" { throw error; }\n}").errors(&["NO_SUCH_RUN", "OTHER_CLUSTER", "RUN_OPEN"]),
    page("Cluster.silent_brokers", Read, "if !cluster.silent_brokers().is_empty() { fail(\"a broker hangs\"); }"),
    page("Cluster.throttles", Read, "table(cluster.throttles());"),
    page("Cluster.topic_names", Read, "log(listed(cluster.topic_names()));"),
    page("Cluster.partitions", Read, "table(cluster.partitions().filter(|one| one.topic == \"orders\"));"),
    page("Cluster.under_replicated_partitions", Read, "table(cluster.under_replicated_partitions());"),
    page("Plan.destinations", Pure, "let moves = step(\"plan\", || plan::level(cluster.state()));\nlog(listed(moves.destinations));").field("The ids of the brokers that get a replica."),
    page("Plan.has", Pure, "let moves = step(\"plan\", || plan::level(cluster.state()));\nlog(moves.has(\"orders\", 0));"),
    page("Plan.leaves", Pure, "let moves = step(\"plan\", || plan::level(cluster.state(), #{ drain: [3] }));\nlog(moves.leaves(\"orders\", 0, 3));"),
    page("Plan.leader_changes", Pure, "let moves = step(\"plan\", || plan::level(cluster.state(), #{ leaders_only: true }));\nlog(moves.leader_changes);").field("Of how many partitions the preferred leader changes."),
    page("Plan.only", Pure, "let moves = step(\"plan\", || plan::level(cluster.state()));\nlog(moves.only([moves.topics[0]]).replicas);").errors(&["NOT_IN_THE_PLAN"]),
    page("clock", Pure, "let began = clock();\nlog(`it took ${clock() - began} s`);"),
    page("seconds", Pure, "log(seconds(\"1h30m\"));").errors(&["INVALID_DURATION"]),
    page("size", Pure, "log(size(700000000000));").errors(&["INVALID_SIZE"]),
    page("ago", Read, "let since = step(\"decide from when on\", || ago(\"1d\"));\ntable(cluster.offsets(\"orders\", since));").errors(&["INVALID_DURATION"]),
    page("ahead", Read, "log(ahead(\"1h\"));").errors(&["INVALID_DURATION"]),
    page("rate", Pure, "log(rate(20000000));").errors(&["INVALID_RATE"]),
    page("plan::given", Pure, "let moves = step(\"plan\", || plan::given(cluster.state(), [#{ topic: \"orders\", partition: 0, to: [4, 1, 2] }]));\nlog(moves.replicas);").errors(&["INVALID_ARGUMENT", "INVALID_REPLICA_ASSIGNMENT", "UNKNOWN_TOPIC_OR_PARTITION"]),
    page("Plan.certificate", Pure, "let moves = step(\"plan\", || plan::level(cluster.state()));\nfor line in moves.certificate() { log(line); }"),
    page("Plan.estimates", Pure, "let moves = step(\"plan\", || plan::level(cluster.state()));\nlet times = moves.estimates(\"20MB/s\", 5);\nlog(times.across_topics);"),
    page("Plan.brokers", Pure, "let moves = step(\"plan\", || plan::level(cluster.state()));\nlog(listed(moves.brokers));").field("The ids of the brokers that copy something, in or out."),
    page("Plan.bytes", Pure, "let moves = step(\"plan\", || plan::level(cluster.state()));\nlog(moves.bytes);").field("How many bytes are copied."),
    page("Plan.is_empty", Pure, "let moves = step(\"plan\", || plan::level(cluster.state()));\nif moves.is_empty { log(\"nothing to move\"); }").field("Whether nothing moves."),
    page("Plan.is_level", Pure, "let moves = step(\"plan\", || plan::level(cluster.state()));\nif !moves.is_level { warn(\"brokers stay uneven\"); }").field("Whether the brokers are as level after it as they can be; a budget or a narrow scope may keep a plan from it."),
    page("Plan.replicas", Pure, "let moves = step(\"plan\", || plan::level(cluster.state()));\nconfirm(`move ${moves.replicas} replicas?`);").field("How many replicas are copied."),
    page("Plan.topics", Pure, "let moves = step(\"plan\", || plan::level(cluster.state()));\nlog(listed(moves.topics));").field("The names of the topics that have moves, in their order."),
    page("Plan.lead_away", Pure, "let moves = step(\"plan\", || plan::level(cluster.state()));\nfor group in moves.lead_away() { log(`${group.topic}: ${group.moves.len()}`); }"),
    page("Plan.partitions", Pure, "let moves = step(\"plan\", || plan::level(cluster.state()));\ntable(moves.partitions(moves.topics[0]));").errors(&["NOT_IN_THE_PLAN"]),
    page("Plan.schedule", Pure, "let moves = step(\"plan\", || plan::level(cluster.state()));\nlet schedule = moves.schedule(moves.topics, 5);\nlog(schedule.left);").errors(&["NOT_IN_THE_PLAN", "INVALID_ARGUMENT"]),
    page("Plan.shares", Pure, "let moves = step(\"plan\", || plan::level(cluster.state()));\ntable(moves.shares());"),
    page("Plan.throttled", Pure, "let moves = step(\"plan\", || plan::level(cluster.state()));\nlog(moves.throttled(moves.topics[0]).leaders);").errors(&["NOT_IN_THE_PLAN"]),
    page("Schedule.begin", Pure, "let moves = step(\"plan\", || plan::level(cluster.state()));\nlet schedule = moves.schedule(moves.topics, 5);\nfor one in moves.partitions(moves.topics[0]) { schedule.begin(one); }"),
    page("Schedule.end", Pure, "let moves = step(\"plan\", || plan::level(cluster.state()));\nlet schedule = moves.schedule(moves.topics, 5);\nfor group in schedule.next() {\n    for one in group.moves { schedule.end(one); }\n}"),
    page("Schedule.next", Pure, "let moves = step(\"plan\", || plan::level(cluster.state()));\nlet schedule = moves.schedule(moves.topics, 5);\nfor group in schedule.next() { log(`${group.topic}: ${group.moves.len()} moves`); }"),
    page("Schedule.is_over", Pure, "let moves = step(\"plan\", || plan::level(cluster.state()));\nlet schedule = moves.schedule(moves.topics, 5);\nlog(schedule.is_over(moves.topics[0]));"),
    page("Schedule.bytes_left", Pure, "let moves = step(\"plan\", || plan::level(cluster.state()));\nlet schedule = moves.schedule(moves.topics, 5);\nlog(schedule.bytes_left);").field("Bytes of the moves that have not ended."),
    page("Schedule.left", Pure, "let moves = step(\"plan\", || plan::level(cluster.state()));\nlet schedule = moves.schedule(moves.topics, 5);\nlog(schedule.left);").field("How many moves have not ended."),
    page("Schedule.to_come", Pure, "let moves = step(\"plan\", || plan::level(cluster.state()));\nlet schedule = moves.schedule(moves.topics, 5);\nlog(schedule.to_come.len());").field("The moves that were not given out yet."),
    page("Schedule.under_way", Pure, "let moves = step(\"plan\", || plan::level(cluster.state()));\nlet schedule = moves.schedule(moves.topics, 5);\nlog(schedule.under_way.len());").field("The moves that were given out and have not ended."),
    page("Schedule.waiting", Pure, "let moves = step(\"plan\", || plan::level(cluster.state()));\nlet schedule = moves.schedule(moves.topics, 5);\nlog(schedule.waiting);").field("How many moves were not given out yet."),
    page("Error.code", Pure, "try { fail(\"no\", #{ code: \"TOO_FULL\", hint: \"make room\" }); } catch (error) { log(error.code); }").field("Kafka's own name of the error, or krun's in the same style."),
    page("Error.hint", Pure, "try { fail(\"no\", #{ code: \"TOO_FULL\", hint: \"make room\" }); } catch (error) { log(error.hint); }").field("What to do; empty where nothing is known."),
    page("Error.message", Pure, "try { fail(\"no\", #{ code: \"TOO_FULL\", hint: \"make room\" }); } catch (error) { log(error.message); }").field("What was wrong, and where."),
    page("Error.retriable", Pure, "try { fail(\"no\", #{ code: \"TOO_FULL\", hint: \"make room\" }); } catch (error) { log(error.retriable); }").field("Whether the same may succeed a little later."),
    page("Host.facts", Read, "try {\n    let facts = cluster.host(1).facts();\n    log(`${facts.running_version} runs, and a restart would run ${facts.link_version}`);\n} catch (error) {\n    warn(error.message); // its host cannot be reached from here\n}").errors(&["SSH_UNREACHABLE", "SUDO_REFUSED", "UNKNOWN_HOST"]),
    page("Host.run", Probed, "try {\n    step(\"make room\", || cluster.host(1).run(\"rm -f /var/tmp/old.hprof\", #{ unless: \"test ! -e /var/tmp/old.hprof\" }));\n} catch (error) {\n    warn(error.message); // a host of the sandbox runs nothing\n}").errors(&["COMMAND_FAILED", "NO_RECEIPT", "OTHER_BROKER", "UNSUPPORTED"]),
    page("Host.try_run", Probed, "try {\n    let ended = step(\"drop caches\", || cluster.host(1).try_run(\"sysctl vm.drop_caches=1\", #{ limit: \"1m\" }));\n    log(ended.status);\n} catch (error) {\n    warn(error.message); // a host of the sandbox runs nothing\n}").errors(&["NO_RECEIPT", "OTHER_BROKER", "UNSUPPORTED"]),
    page("all_or_nothing", Flow, "step(\"set both or none\", || all_or_nothing(\"both topics\", || {\n    cluster.alter_configs(\"topic\", \"orders\", #{ \"retention.ms\": 86400000 });\n    cluster.alter_configs(\"topic\", \"clicks\", #{ \"retention.ms\": 86400000 });\n}));").errors(&["EFFECT_OUTSIDE_STEP"]),
    page("begun", Flow, "if !begun(\"move it\") { confirm(\"move it?\"); }\nstep(\"move it\", || 1);"),
    page("bytes_per_second", Pure, "log(bytes_per_second(\"20MB/s\"));").errors(&["INVALID_RATE"]),
    page("canary", Flow, "let seen = canary(\"messages flow\", #{ rate: 50, max_gap: \"1m\" }, || step(\"wait a little\", || sleep(\"1s\")));\nlog(`${seen.acked} records, ${seen.lost} lost, at most ${seen.longest_gap} s without an acknowledgement`);").errors(&["CANARY_LOST", "CANARY_UNREAD", "CANARY_COMMIT_LOST", "CANARY_GAP", "CANARY_SILENT", "CANARY_TOPIC_GONE", "CANARY_LEDGER", "NOT_FOR_LIBRDKAFKA"]),
    page("guard", Flow, "let most = 500;\nguard(\"the disks keep room\", #{ every: \"1s\", on_break: \"cancel_moves\" }, |cluster| {\n    let wrong = [];\n    for broker in cluster.log_dirs() {\n        for dir in broker.log_dirs {\n            if dir.replicas.len() > most { wrong.push(`broker ${broker.broker} has ${dir.replicas.len()} replicas in ${dir.path}`); }\n        }\n    }\n    wrong\n}, || step(\"wait a little\", || sleep(\"1s\")));").errors(&["GUARD_FAILED", "GUARD_MISPLACED", "GUARD_NAME_TWICE", "GUARD_TEST", "GUARD_CHANGED_A_CAPTURE", "CAPTURED_HANDLE"]),
    page("finished", Flow, "step(\"look\", || 1);\nif finished(\"look\") { log(\"somebody has looked\"); }"),
    page("Cluster.missing_replicas", Read, "for one in cluster.missing_replicas() { warn(`${one.topic}-${one.partition} lacks broker ${listed(one.lacking)}`); }"),
    page("Cluster.load", Read, "let now = cluster.load(\"1s\");\nlog(`${now.records_per_second} records and ${now.bytes_per_second} bytes a second`);").errors(&["INVALID_DURATION"]),
    page("confirm", Talk, "confirm(\"are the consumers back?\");"),
    page("fail", Talk, "try {\n    fail(\"the disk is full\", #{ code: \"TOO_FULL\", hint: \"make room\" });\n} catch (error) {\n    log(error.hint);\n}"),
    page("listed", Pure, "log(listed(cluster.broker_ids()));"),
    page("log", Talk, "log(cluster.broker_ids());"),
    page("param", Talk, "const PARAMS = #{ topic: #{ kind: \"string\", help: \"the topic to look at\", value: \"orders\" } };\nlog(cluster.topic(param(\"topic\")).partitions.len());").errors(&["UNDECLARED_PARAMETER"]),
    page("pause", Talk, "step(\"note the brokers\", || cluster.broker_ids());\npause(\"look at the dashboards\");"),
    page("plan::level", Pure, "let moves = step(\"plan\", || plan::level(cluster.state(), #{ topics: [\"orders\"] }));").errors(&["BROKER_DOWN", "NO_PLACE", "UNKNOWN_BROKER", "UNKNOWN_OPTION"]),
    page("plan::resized", Pure, "let state = cluster.state();\nlet smaller = plan::resized(state, #{ \"payments\": [100, 100, 100] });\nlog(plan::level(smaller).bytes);").errors(&["INVALID_ARGUMENT"]),
    page("plan::merged", Pure, "log(plan::merged(\"0:1\", [\"1:2\"]));"),
    page("point_of_no_return", Talk, "point_of_no_return(\"unpin the protocol\");"),
    page("preflight", Flow, "preflight(\"nothing moves\", || {\n    if !cluster.partition_reassignments().is_empty() { fail(\"something moves\"); }\n});"),
    page("parallel", Flow, "let brokers = cluster.broker_ids();\nlet free = all_ok(parallel(\"look at the disks\", brokers, #{ at_once: 3 }, |broker, cluster| {\n    cluster.host(broker).disk(\"/var/lib/kafka\").free_bytes\n}));\nlog(listed(free));").errors(&["ITEM_TWICE", "CAPTURED_HANDLE", "CHANGED_BY_ANOTHER_ITEM", "STEP_MISPLACED"]),
    page("all_ok", Flow, "let outcomes = parallel(\"look at the topics\", [\"orders\", \"clicks\"], |topic, cluster| cluster.topic(topic).partitions.len());\nlog(listed(all_ok(outcomes)));").errors(&["ITEMS_FAILED"]),
    page("retry", Flow, "let topics = retry(#{ times: 5, pause: \"100ms\" }, || cluster.topics());"),
    page("sleep", Flow, "sleep(\"100ms\");").errors(&["INVALID_DURATION"]),
    page("step", Flow, "let before = step(\"note the retention\", || cluster.configs(\"topic\", \"payments\")[\"retention.ms\"].value);").errors(&["STEP_NAME_TWICE", "NOT_PLAIN_DATA", "STEP_CHANGED_A_CAPTURE"]),
    page("stop_if_held", Flow, "stop_if_held([\"topic/orders/retention.ms\"]);"),
    page("table", Talk, "table([#{ topic: \"orders\", partitions: 6 }]);"),
    page("temporarily", Flow, "temporarily(\"keep the records\", || cluster.alter_configs(\"topic\", \"orders\", #{ \"retention.ms\": 604800000 }), || {\n    confirm(\"are the consumers back?\");\n});").errors(&["RESOURCE_HELD"]),
    page("wait_until", Flow, "wait_until(\"every replica in sync\", #{ every: \"100ms\", timeout: \"10s\" }, || {\n    let sick = cluster.topic(\"orders\").partitions.filter(|one| one.isr.len() < one.replicas.len());\n    #{ done: sick.is_empty(), text: `${sick.len()} are not` }\n});").errors(&["WAIT_TIMEOUT", "WAIT_STALLED"]),
    page("warn", Talk, "warn(\"a broker is slow\");"),
    page("within", Flow, "const PARAMS = #{ window: #{ kind: \"window\", help: \"only work inside\", optional: true } };\nwithin(param(\"window\"), || step(\"work at night\", || 1));").errors(&["INVALID_WINDOW"]),
    page("ssh::host", Read, "try {\n    log(ssh::host(\"peter-kafka01\").exists(\"/usr/local/kafka\"));\n} catch (error) {\n    if error.code != \"UNSUPPORTED\" { throw error; } // a run on the sandbox reaches no real host\n}").errors(&["UNSUPPORTED", "SSH_UNREACHABLE", "SSH_AUTH"]),
    page("local::host", Read, "try {\n    log(local::host().exists(\"/etc/hosts\"));\n} catch (error) {\n    if error.code != \"UNSUPPORTED\" { throw error; } // a run on the sandbox reaches no real host\n}").errors(&["UNSUPPORTED"]),
    page("Cluster.host", Read, "let host = cluster.host(1);\nlog(host.read_link(host.home.link));").errors(&["UNKNOWN_HOST"]),
    page("Host.read", Read, "let host = cluster.host(1);\ntry {\n    log(host.read(\"uptime\"));\n} catch (error) {\n    if error.code != \"UNSUPPORTED\" { throw error; } // a host of the sandbox runs no commands\n}").errors(&["COMMAND_FAILED", "UNSUPPORTED"]),
    page("Host.exists", Read, "let host = cluster.host(1);\nif !host.exists(host.home.config) { fail(\"where is its configuration?\"); }"),
    page("Host.kind", Read, "let host = cluster.host(1);\nif host.kind(host.home.link) != \"link\" { fail(\"krun swaps versions by a link\"); }"),
    page("Host.read_file", Read, "let host = cluster.host(1);\nlog(host.read_file(\"/var/lib/kafka/meta.properties\"));").errors(&["NO_SUCH_FILE", "IS_A_FOLDER", "NOT_TEXT"]),
    page("Host.read_link", Read, "let host = cluster.host(1);\nlog(host.read_link(host.home.link));").errors(&["NOT_A_LINK"]),
    page("Host.checksum", Read, "let host = cluster.host(1);\nlet before = step(\"note its configuration\", || host.checksum(host.home.config));").errors(&["IS_A_FOLDER"]),
    page("Host.glob", Read, "let host = cluster.host(1);\nlog(listed(host.glob(host.home.install_root + \"/kafka_*\")));"),
    page("Host.files", Read, "let host = cluster.host(1);\nlet jars = host.files(host.home.link + \"/libs\");\nlog(`${jars.len()} jars`);").errors(&["NOT_A_FOLDER"]),
    page("Host.disk", Read, "let host = cluster.host(1);\nlet disk = host.disk(\"/var/lib/kafka\");\nlog(`${disk.free_bytes} of ${disk.total_bytes} bytes are free`);").errors(&["NO_SUCH_FILE"]),
    page("Host.service", Read, "let host = cluster.host(1);\nlet unit = host.service(host.home.service);\nlog(`${unit.active} as process ${unit.main_pid}`);").errors(&["NO_SYSTEMD"]),
    page("Host.service_log", Read, "let host = cluster.host(1);\nlog(host.service_log(host.home.service, 5));"),
    page("Host.process", Read, "let host = cluster.host(1);\nlet process = host.process(host.service(host.home.service).main_pid);\nlog(`${listed(process.jars)} at ${listed(process.ports)}`);").errors(&["NO_SUCH_PROCESS"]),
    page("Host.clock", Read, "let host = cluster.host(1);\nlog(host.clock());"),
    page("Host.write_file", Convergent, "let host = cluster.host(1);\nstep(\"leave a note\", || host.write_file(\"/etc/motd\", \"krun was here\\n\"));").errors(&["DISK_FULL", "NO_SUCH_FOLDER", "IS_A_FOLDER"]),
    page("Host.upload", Convergent, "let host = cluster.host(1);\ntry {\n    step(\"bring the agent's settings\", || host.upload(\"jmx.yml\", \"/etc/jmx.yml\"));\n} catch (error) {\n    warn(error.message); // it is not on this machine\n}").errors(&["DISK_FULL", "NO_SUCH_FILE", "NO_SUCH_FOLDER", "TOO_LARGE"]),
    page("Host.copy", Convergent, "let host = cluster.host(1);\nstep(\"keep its configuration\", || host.copy(host.home.config, host.home.config + \".before\"));").errors(&["NO_SUCH_FILE", "NO_SUCH_FOLDER", "IS_A_FOLDER", "DISK_FULL"]),
    page("Host.link", Convergent, "let host = cluster.host(1);\nlet now = host.read_link(host.home.link);\nstep(\"name the running one\", || host.link(\"/usr/local/kafka-running\", now));").errors(&["NOT_A_LINK", "NO_SUCH_FOLDER"]),
    page("kafka::distribution", Read, "try {\n    let release = kafka::distribution(\"downloads/kafka_2.13-3.9.2.tgz\");\n    log(`${release.name}: ${release.files.len()} files`);\n} catch (error) {\n    if error.code != \"NO_SUCH_FILE\" { throw error; }\n}").errors(&["NO_SUCH_FILE", "ARCHIVE_DAMAGED", "CHECKSUM_DIFFERS", "NOT_A_RELEASE"]),
    page("Host.install", Convergent, "let host = cluster.host(1);\nstep(\"install\", || {\n    try {\n        host.install(\"downloads/kafka_2.13-3.9.2.tgz\");\n    } catch (error) {\n        if error.code != \"NO_SUCH_FILE\" { throw error; }\n    }\n});").errors(&["NO_SUCH_FILE", "ARCHIVE_DAMAGED", "CHECKSUM_DIFFERS", "NOT_A_RELEASE", "OTHER_RELEASE", "DISK_FULL", "NOT_WRITTEN"]),
    page("Host.owner", Read, "let host = cluster.host(1);\nlog(host.owner(\"/var/lib/kafka\").user);"),
    page("Host.has_user", Read, "if !cluster.host(1).has_user(\"kafka\") { warn(\"who runs it?\"); }"),
    page("Host.make_folder", Convergent, "let host = cluster.host(1);\nstep(\"a place for more data\", || host.make_folder(\"/var/lib/kafka-2\", host.owner(\"/var/lib/kafka\")));").errors(&["NO_SUCH_FOLDER", "IS_THERE"]),
    page("Host.give", Convergent, "let host = cluster.host(1);\nstep(\"only its user reads it\", || host.give(host.home.config, #{ user: \"kafka\", group: \"kafka\", mode: \"600\" }));").errors(&["NO_SUCH_FILE"]),
    page("Host.add_user", Convergent, "step(\"who runs it\", || cluster.host(1).add_user(\"kafka\"));"),
    page("Host.write_unit", Convergent, "let host = cluster.host(1);\nstep(\"a note in its unit\", || {\n    let unit = host.service(host.home.service);\n    host.write_unit(host.home.service, \"# krun was here\\n\" + host.read_file(unit.unit_file));\n});").errors(&["DISK_FULL", "NO_SUCH_FOLDER"]),
    page("Host.stop_service", Convergent, "let host = cluster.host(1);\nstep(\"restart broker 1\", || all_or_nothing(\"stop and start\", || {\n    host.stop_service(host.home.service);\n    host.start_service(host.home.service, #{ steady: \"200ms\" });\n}));").errors(&["NO_SUCH_SERVICE", "SERVICE_RUNS_ON"]),
    page("Host.start_service", Convergent, "let host = cluster.host(1);\nstep(\"see that it runs\", || host.start_service(host.home.service, #{ steady: \"200ms\" }));").errors(&["NO_SUCH_SERVICE", "SERVICE_DIED"]),
    page("Host.properties", Read, "let host = cluster.host(1);\nlog(host.properties(host.home.config).get(\"log.dirs\"));").errors(&["NO_SUCH_FILE", "MALFORMED_PROPERTIES"]),
    page("Properties.get", Read, "let file = cluster.host(1).properties(cluster.host(1).home.config);\nlog(file.get(\"log.dirs\"));"),
    page("Properties.keys", Read, "let file = cluster.host(1).properties(cluster.host(1).home.config);\nlog(listed(file.keys()));"),
    page("Properties.duplicates", Read, "let file = cluster.host(1).properties(cluster.host(1).home.config);\nfor one in file.duplicates() { warn(`${one.key} stands in lines ${listed(one.lines)}`); }"),
    page("Properties.note", Pure, "let file = cluster.host(1).properties(cluster.host(1).home.config);\nfile.note(\"krun: until all brokers are across\");\nfile.set(\"num.io.threads\", \"16\");\ntable(file.diff());"),
    page("Properties.is_noted", Read, "let file = cluster.host(1).properties(cluster.host(1).home.config);\nif file.is_noted(\"num.io.threads\") { log(\"krun set it\"); }"),
    page("Properties.set", Pure, "let file = cluster.host(1).properties(cluster.host(1).home.config);\nfile.set(\"num.io.threads\", \"16\");\ntable(file.diff());"),
    page("Properties.remove", Pure, "let file = cluster.host(1).properties(cluster.host(1).home.config);\nfile.remove(\"num.io.threads\");\ntable(file.diff());"),
    page("Properties.diff", Pure, "let file = cluster.host(1).properties(cluster.host(1).home.config);\nfile.set(\"num.io.threads\", \"16\");\nfor one in file.diff() { log(`${one.key}: ${one.before} -> ${one.after}`); }"),
    page("Properties.save", Convergent, "step(\"more threads\", || {\n    let file = cluster.host(1).properties(cluster.host(1).home.config);\n    file.set(\"num.io.threads\", \"16\");\n    file.save();\n});").errors(&["NO_SUCH_FILE", "DISK_FULL", "TEXT_GONE"]),
    page("Host.lines", Read, "let host = cluster.host(1);\nlog(host.lines(host.home.config).get(\"broker.id=\"));").errors(&["NO_SUCH_FILE"]),
    page("Lines.texts", Read, "let host = cluster.host(1);\nlet file = host.lines(host.home.config);\nlog(`${file.texts().len()} lines`);"),
    page("Lines.get", Read, "let host = cluster.host(1);\nlet file = host.lines(host.home.config);\nlog(file.get(\"broker.id=\"));").errors(&["AMBIGUOUS_LINE"]),
    page("Lines.duplicates", Read, "let host = cluster.host(1);\nlet file = host.lines(host.home.config);\nfor one in file.duplicates() { warn(`${one.line} stands in lines ${listed(one.lines)}`); }"),
    page("Lines.set", Pure, "let host = cluster.host(1);\nlet file = host.lines(host.home.config);\nfile.set(\"num.io.threads=\", \"num.io.threads=16\");\nfile.set(\"# looked after by krun\");\ntable(file.diff());").errors(&["AMBIGUOUS_LINE", "INVALID_ARGUMENT"]),
    page("Lines.replace", Pure, "let host = cluster.host(1);\nlet file = host.lines(host.home.config);\nfile.replace(\"broker.id=1\", \"broker.id = 1\");\ntable(file.diff());").errors(&["NO_SUCH_LINE"]),
    page("Lines.remove", Pure, "let host = cluster.host(1);\nlet file = host.lines(host.home.config);\nfile.remove(\"num.io.threads=\");\ntable(file.diff());").errors(&["AMBIGUOUS_LINE"]),
    page("Lines.diff", Pure, "let host = cluster.host(1);\nlet file = host.lines(host.home.config);\nfile.set(\"# looked after by krun\");\nfor one in file.diff() { log(`${one.before} -> ${one.after}`); }"),
    page("Lines.save", Convergent, "step(\"say who looks after it\", || {\n    let host = cluster.host(1);\n    let file = host.lines(host.home.config);\n    file.set(\"# looked after by krun\");\n    file.save();\n});").errors(&["NO_SUCH_FILE", "NO_SUCH_LINE", "AMBIGUOUS_LINE", "DISK_FULL", "TEXT_GONE"]),
    page("Host.json", Read, "let host = cluster.host(1);\nstep(\"a file to edit\", || host.write_file(\"/etc/exporter.json\", \"{ \\\"port\\\": 9404 }\\n\"));\nlet file = host.json(\"/etc/exporter.json\");\nlog(file.get(\"/port\"));").errors(&["NO_SUCH_FILE", "MALFORMED_JSON"]),
    page("Json.get", Read, "let host = cluster.host(1);\nstep(\"a file to edit\", || host.write_file(\"/etc/exporter.json\", \"{ \\\"port\\\": 9404 }\\n\"));\nlet file = host.json(\"/etc/exporter.json\");\nlog(file.get(\"/port\"));"),
    page("Json.keys", Read, "let host = cluster.host(1);\nstep(\"a file to edit\", || host.write_file(\"/etc/exporter.json\", \"{ \\\"port\\\": 9404 }\\n\"));\nlet file = host.json(\"/etc/exporter.json\");\nlog(listed(file.keys(\"\")));"),
    page("Json.duplicates", Read, "let host = cluster.host(1);\nstep(\"a file to edit\", || host.write_file(\"/etc/exporter.json\", \"{ \\\"port\\\": 9404 }\\n\"));\nlet file = host.json(\"/etc/exporter.json\");\nfor one in file.duplicates() { warn(`${one.pointer} stands in lines ${listed(one.lines)}`); }"),
    page("Json.set", Pure, "let host = cluster.host(1);\nstep(\"a file to edit\", || host.write_file(\"/etc/exporter.json\", \"{ \\\"port\\\": 9404 }\\n\"));\nlet file = host.json(\"/etc/exporter.json\");\nfile.set(\"/rules/first\", #{ pattern: \"kafka.*\" });\ntable(file.diff());").errors(&["NO_SUCH_PLACE"]),
    page("Json.remove", Pure, "let host = cluster.host(1);\nstep(\"a file to edit\", || host.write_file(\"/etc/exporter.json\", \"{ \\\"port\\\": 9404 }\\n\"));\nlet file = host.json(\"/etc/exporter.json\");\nfile.remove(\"/port\");\ntable(file.diff());"),
    page("Json.diff", Pure, "let host = cluster.host(1);\nstep(\"a file to edit\", || host.write_file(\"/etc/exporter.json\", \"{ \\\"port\\\": 9404 }\\n\"));\nlet file = host.json(\"/etc/exporter.json\");\nfile.set(\"/port\", 9405);\nfor one in file.diff() { log(`${one.pointer}: ${one.before} -> ${one.after}`); }"),
    page("Json.save", Convergent, "let host = cluster.host(1);\nstep(\"a file to edit\", || host.write_file(\"/etc/exporter.json\", \"{ \\\"port\\\": 9404 }\\n\"));\nlet file = host.json(\"/etc/exporter.json\");\nstep(\"another port\", || {\n    let file = cluster.host(1).json(\"/etc/exporter.json\");\n    file.set(\"/port\", 9405);\n    file.save();\n});").errors(&["NO_SUCH_FILE", "NO_SUCH_PLACE", "DISK_FULL", "TEXT_GONE"]),
    page("Host.name", Read, "log(cluster.host(1).name);").field("For people: `the host of broker 1`, `peter-kafka01`, `this machine`."),
    page("Host.home", Read, "let home = cluster.host(1).home;\nlog(`${home.service} starts what is behind ${home.link}`);").field("Where the broker lives: `destination`, `service`, `install_root`, `link`, `config`; () of another machine."),
    page("versions::way", Pure, "table(versions::way(\"2.1.1\", \"2.6.3\"));"),
    page("versions::removed_keys", Pure, "table(versions::removed_keys(#{ port: \"9092\" }, \"2.8.2\", \"3.0.2\"));"),
    page("versions::topic_overrides", Pure, "table(versions::topic_overrides(\"orders\", #{ \"message.format.version\": \"0.9.0\" }, \"2.6.3\"));"),
    page("versions::runs_on", Pure, "table(versions::runs_on(\"4.0.1\", \"11.0.25\"));"),
    page("versions::line", Pure, "log(versions::line(\"2.6.3\"));"),
    page("versions::is_kafkas", Pure, "if !versions::is_kafkas(\"our-authorizer-1.0.jar\") { log(\"somebody has put it there\"); }"),
    page("versions::is_older", Pure, "if versions::is_older(\"2.1.1\", \"2.6.3\") { log(\"there is a way up\"); }"),
    page("versions::of_jars", Pure, "log(versions::of_jars([\"/usr/local/kafka_2.12-2.6.3/libs/kafka_2.12-2.6.3.jar\"]));"),
];
