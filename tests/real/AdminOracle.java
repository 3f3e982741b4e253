// What Kafka's own Admin client sees of a cluster, a fact a line: an opinion that owes nothing to krun's code.
// java -cp 'libs/*' AdminOracle.java BOOTSTRAP TOPIC GROUP MILLIS, and "" as GROUP asks of no group

import java.util.*;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.common.*;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.config.ConfigResource;

public class AdminOracle {
    static void say(Object... words) {
        System.out.println(Arrays.stream(words).map(String::valueOf).collect(Collectors.joining(" ")));
    }

    interface Ask {
        void ask() throws Exception;
    }

    /** A refusal is a fact too. */
    static void facts(String what, Ask ask) throws Exception {
        try {
            ask.ask();
        } catch (ExecutionException e) {
            say(what, "refused", e.getCause().getClass().getSimpleName());
        }
    }

    static List<Integer> ids(Collection<Node> nodes) {
        return nodes.stream().map(Node::id).collect(Collectors.toList());
    }

    public static void main(String[] args) throws Exception {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", args[0]);
        properties.put("default.api.timeout.ms", "30000");
        String topic = args[1], group = args[2];
        try (Admin admin = Admin.create(properties)) {
            Collection<Node> brokers = admin.describeCluster().nodes().get();
            say("cluster", admin.describeCluster().clusterId().get());
            for (Node node : brokers) say("broker", node.id(), node.host() + ":" + node.port(), node.rack());
            TopicDescription described = admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic);
            for (TopicPartitionInfo one : described.partitions()) {
                String leader = one.leader() == null ? "none" : String.valueOf(one.leader().id());
                say("partition", topic + "-" + one.partition(), leader, ids(one.replicas()), ids(one.isr()).stream().sorted().collect(Collectors.toList()));
            }
            configs(admin, topic, brokers);
            logDirs(admin, topic, brokers);
            for (OffsetSpec spec : List.of(OffsetSpec.earliest(), OffsetSpec.latest(), OffsetSpec.forTimestamp(Long.parseLong(args[3])))) {
                offsets(admin, described, spec);
            }
            facts("offsets MaxTimestampSpec", () -> offsets(admin, described, OffsetSpec.maxTimestamp()));
            if (!group.isEmpty()) groups(admin, group);
            facts("features", () -> features(admin, brokers));
            facts("quorum", () -> quorum(admin));
            facts("acls", () -> admin.describeAcls(AclBindingFilter.ANY).values().get().forEach(acl -> say(
                "acl", acl.pattern().resourceType(), acl.pattern().name(), acl.pattern().patternType(),
                acl.entry().principal(), acl.entry().host(), acl.entry().operation(), acl.entry().permissionType())));
        }
    }

    static void configs(Admin admin, String topic, Collection<Node> brokers) throws Exception {
        List<ConfigResource> resources = new ArrayList<>();
        resources.add(new ConfigResource(ConfigResource.Type.TOPIC, topic));
        for (Node node : brokers) resources.add(new ConfigResource(ConfigResource.Type.BROKER, node.idString()));
        var options = new DescribeConfigsOptions().includeSynonyms(true);
        for (var found : admin.describeConfigs(resources, options).all().get().entrySet()) {
            for (ConfigEntry entry : found.getValue().entries()) {
                String synonyms = entry.synonyms().stream()
                    .map(one -> one.name() + "=" + one.value() + "@" + one.source()).collect(Collectors.joining(","));
                say("config", found.getKey().type().toString().toLowerCase(), found.getKey().name(),
                    entry.name() + "=" + entry.value(), entry.source(), entry.isSensitive(), entry.isReadOnly(), synonyms);
            }
        }
    }

    static void logDirs(Admin admin, String topic, Collection<Node> brokers) throws Exception {
        var all = admin.describeLogDirs(ids(brokers)).allDescriptions().get();
        for (var broker : all.entrySet()) {
            for (var dir : broker.getValue().entrySet()) {
                say("log_dir", broker.getKey(), dir.getKey(), dir.getValue().totalBytes().orElse(-1), dir.getValue().usableBytes().isPresent());
                for (var replica : dir.getValue().replicaInfos().entrySet()) {
                    if (replica.getKey().topic().equals(topic)) {
                        say("replica", broker.getKey(), replica.getKey(), replica.getValue().size(), replica.getValue().isFuture());
                    }
                }
            }
        }
    }

    static void offsets(Admin admin, TopicDescription topic, OffsetSpec spec) throws Exception {
        Map<TopicPartition, OffsetSpec> wanted = new HashMap<>();
        for (TopicPartitionInfo one : topic.partitions()) wanted.put(new TopicPartition(topic.name(), one.partition()), spec);
        for (var found : admin.listOffsets(wanted).all().get().entrySet()) {
            say("offset", spec.getClass().getSimpleName(), found.getKey(), found.getValue().offset());
        }
    }

    static void groups(Admin admin, String group) throws Exception {
        for (ConsumerGroupListing one : admin.listConsumerGroups().all().get()) {
            say("group", one.groupId(), one.state().map(String::valueOf).orElse("unknown"));
        }
        ConsumerGroupDescription described = admin.describeConsumerGroups(List.of(group)).all().get().get(group);
        say("described", group, described.state(), described.type(), described.partitionAssignor(), described.coordinator().id());
        for (MemberDescription member : described.members()) {
            String assigned = member.assignment().topicPartitions().stream().map(String::valueOf).sorted().collect(Collectors.joining(","));
            say("member", member.consumerId(), member.clientId(), member.host(), member.groupInstanceId().orElse("none"), assigned);
        }
        var committed = admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get();
        for (var one : committed.entrySet()) say("committed", one.getKey(), one.getValue().offset());
    }

    static void features(Admin admin, Collection<Node> brokers) throws Exception {
        FeatureMetadata found = admin.describeFeatures().featureMetadata().get();
        for (var one : found.finalizedFeatures().entrySet()) {
            say("finalized", one.getKey(), one.getValue().minVersionLevel(), one.getValue().maxVersionLevel());
        }
        for (var one : found.supportedFeatures().entrySet()) {
            say("supported", one.getKey(), one.getValue().minVersion(), one.getValue().maxVersion());
        }
    }

    static void quorum(Admin admin) throws Exception {
        QuorumInfo found = admin.describeMetadataQuorum().quorumInfo().get();
        say("quorum", found.leaderId(), found.leaderEpoch());
        for (var one : found.voters()) say("voter", one.replicaId());
        for (var one : found.observers()) say("observer", one.replicaId());
    }
}
