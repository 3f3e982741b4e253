// What java.util.Properties makes of files: java Oracle.java FOLDER
// A line for each key, sorted, key and value in hexadecimal, for every file in the order of their names.

import java.io.InputStream;
import java.nio.file.*;
import java.util.*;
import java.util.stream.Collectors;

public class Oracle {
    static String hex(String text) {
        return text.chars().mapToObj(unit -> String.format("%04x", unit)).collect(Collectors.joining());
    }

    public static void main(String[] args) throws Exception {
        List<Path> files;
        try (var listing = Files.list(Path.of(args[0]))) {
            files = listing.sorted().collect(Collectors.toList());
        }
        for (Path file : files) {
            System.out.println(file.getFileName());
            Properties properties = new Properties();
            try (InputStream in = Files.newInputStream(file)) {
                properties.load(in);
            } catch (IllegalArgumentException e) {
                System.out.println("malformed");
                continue;
            }
            properties.stringPropertyNames().stream().map(key -> hex(key) + "=" + hex(properties.getProperty(key)))
                .sorted().forEach(System.out::println);
        }
    }
}
