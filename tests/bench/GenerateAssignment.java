// What `kafka-reassign-partitions --generate` proposes for a state file, without a cluster: the tool's own private method on
// what it would have read from one. Prints the reassignment JSON; on stderr, the seconds within that method.
//
//   java -cp 'libs/*' GenerateAssignment.java STATE.json SEED

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedOutputStream;
import java.io.File;
import java.io.PrintStream;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.apache.kafka.admin.AdminUtils;
import org.apache.kafka.admin.BrokerMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.tools.reassign.ReassignPartitionsCommand;

public class GenerateAssignment {
    public static void main(String[] arguments) throws Exception {
        JsonNode state = new ObjectMapper().readTree(new File(arguments[0]));

        // --broker-list: those that stay. The tool looks their racks up.
        List<BrokerMetadata> brokers = new ArrayList<>();
        for (JsonNode broker : state.get("brokers")) {
            if (!broker.get("state").asText().equals("leaving")) {
                brokers.add(new BrokerMetadata(broker.get("id").asInt(), Optional.ofNullable(broker.get("rack").textValue())));
            }
        }

        Map<TopicPartition, List<Integer>> current = new HashMap<>();
        for (JsonNode topic : state.get("topics")) {
            int partition = 0;
            for (JsonNode replicas : topic.get("replicas")) {
                List<Integer> ids = new ArrayList<>(replicas.size());
                replicas.forEach(id -> ids.add(id.asInt()));
                current.put(new TopicPartition(topic.get("name").asText(), partition++), ids);
            }
        }

        // It begins anywhere; here always at the same place, so that the table can be had again.
        Field random = AdminUtils.class.getDeclaredField("RAND");
        random.setAccessible(true);
        ((Random) random.get(null)).setSeed(Long.parseLong(arguments[1]));

        Method calculate = ReassignPartitionsCommand.class.getDeclaredMethod("calculateAssignment", Map.class, List.class);
        calculate.setAccessible(true);
        long began = System.nanoTime();
        @SuppressWarnings("unchecked")
        Map<TopicPartition, List<Integer>> proposed =
                (Map<TopicPartition, List<Integer>>) calculate.invoke(null, current, brokers);
        double seconds = (System.nanoTime() - began) / 1e9;

        try (PrintStream out = new PrintStream(new BufferedOutputStream(System.out, 1 << 16), false, StandardCharsets.UTF_8)) {
            out.print("{\"version\":1,\"partitions\":[");
            String comma = "";
            for (Map.Entry<TopicPartition, List<Integer>> entry : proposed.entrySet()) {
                TopicPartition at = entry.getKey();
                out.print(comma + "{\"topic\":\"" + at.topic() + "\",\"partition\":" + at.partition()
                        + ",\"replicas\":" + entry.getValue() + "}");
                comma = ",";
            }
            out.print("]}");
        }
        System.err.println("seconds " + seconds);
    }
}
