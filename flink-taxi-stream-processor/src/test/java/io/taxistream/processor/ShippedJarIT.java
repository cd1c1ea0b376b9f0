package io.taxistream.processor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;

/** Tests the contents of the jar that users submit. */
class ShippedJarIT {

    private static final Path JAR = Path.of("target", "flink-taxi-stream-processor-1.0.jar");

    @Test
    void namesItsMainClass() throws IOException {
        try (JarFile jar = new JarFile(JAR.toFile())) {
            assertThat(jar.getManifest().getMainAttributes().getValue(Attributes.Name.MAIN_CLASS))
                    .isEqualTo(TaxiStreamProcessor.class.getName());
        }
    }

    @Test
    void leavesFlinkToTheCluster() throws IOException {
        assertThat(entries()).noneMatch(name -> name.startsWith("org/apache/flink/"));
    }

    @Test
    void containsNoLoggingLibrary() throws IOException {
        assertThat(entries())
                .noneMatch(name -> name.startsWith("org/slf4j/"))
                .noneMatch(name -> name.startsWith("org/apache/logging/"))
                .noneMatch(name -> name.startsWith("ch/qos/logback/"));
    }

    @Test
    void relocatesLibrariesThatHadoopProvidesToo() throws IOException {
        assertThat(entries())
                .noneMatch(name -> name.startsWith("com/fasterxml/jackson/"))
                .noneMatch(name -> name.startsWith("org/apache/hc/"))
                .noneMatch(name -> name.startsWith("org/apache/commons/codec/"))
                .noneMatch(name -> name.startsWith("io/netty/"))
                .anyMatch(name -> name.startsWith("io/taxistream/shaded/netty/handler/codec/http2/"))
                .anyMatch(name -> name.startsWith("io/taxistream/shaded/jackson/core/"));
    }

    @Test
    void containsTheEventsAndAllOtherDependenciesOfTheJob() throws IOException {
        assertThat(entries())
                .contains(
                        "io/taxistream/events/EventReader.class",
                        "ch/hsr/geohash/GeoHash.class",
                        "software/amazon/awssdk/services/kinesis/KinesisClient.class",
                        // loaded by name when a pod has a role
                        "software/amazon/awssdk/services/sts/internal/StsWebIdentityCredentialsProviderFactory.class",
                        "META-INF/LICENSE");
    }

    private static List<String> entries() throws IOException {
        try (JarFile jar = new JarFile(JAR.toFile())) {
            return jar.stream().map(ZipEntry::getName).toList();
        }
    }
}
