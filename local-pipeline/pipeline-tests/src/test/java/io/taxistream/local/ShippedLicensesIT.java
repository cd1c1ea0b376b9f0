package io.taxistream.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import java.util.zip.ZipEntry;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every library inside a shipped jar has its licence in the jar, and is listed in the bill of materials next to it. */
class ShippedLicensesIT {

    private static final String LICENSES = "META-INF/licenses/";

    @ParameterizedTest
    @ValueSource(strings = {"kinesis-taxi-stream-producer", "flink-taxi-stream-processor"})
    void everyShadedLibraryHasItsLicenceInTheJar(String module) throws IOException {
        Path target = Path.of("..", "..", module, "target");
        JsonNode libraries = new ObjectMapper()
                .readTree(target.resolve(module + "-1.0-cyclonedx.json").toFile())
                .path("components");
        try (JarFile jar = new JarFile(target.resolve(module + "-1.0.jar").toFile())) {
            assertThat(text(jar, "META-INF/LICENSE")).contains("Apache License", "Version 2.0");
            Set<String> withText = jar.stream()
                    .map(ZipEntry::getName)
                    .filter(name -> name.startsWith(LICENSES) && !name.endsWith("/"))
                    .map(name -> name.substring(LICENSES.length(), name.indexOf('/', LICENSES.length())))
                    .collect(Collectors.toSet());
            List<String> without = new ArrayList<>();
            for (JsonNode library : libraries) {
                String name = library.path("name").asText();
                if (!licenses(library).equals(List.of("Apache-2.0")) && !withText.contains(name)) {
                    without.add(name + " " + licenses(library));
                }
            }
            assertThat(libraries).hasSizeGreaterThan(20);
            // the job logs through the cluster: listed as a library of the AWS SDK, but not in the jar
            without.removeIf(library -> library.startsWith("slf4j-api") && jar.getEntry("org/slf4j/") == null);
            assertThat(without).as("libraries whose licence is not in the jar").isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"kinesis-taxi-stream-producer", "flink-taxi-stream-processor"})
    void jarContainsTheMetadataOfItsLibraries(String module) throws IOException {
        Path target = Path.of("..", "..", module, "target");
        try (JarFile jar = new JarFile(target.resolve(module + "-1.0.jar").toFile())) {
            assertThat(jar.stream().map(ZipEntry::getName))
                    .contains("META-INF/maven/software.amazon.awssdk/kinesis/pom.properties");
            assertThat(text(jar, "META-INF/NOTICE")).startsWith("\nTaxi stream\n");
        }
    }

    private static String text(JarFile jar, String entry) throws IOException {
        return new String(jar.getInputStream(jar.getEntry(entry)).readAllBytes(), StandardCharsets.UTF_8);
    }

    private static List<String> licenses(JsonNode library) {
        return StreamSupport.stream(library.path("licenses").spliterator(), false)
                .map(license -> license.path("license").path("id").asText("unknown"))
                .toList();
    }
}
