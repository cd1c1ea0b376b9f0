package io.taxistream.clusters;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;

/** Checks the shipped jar against the jars in Flink's lib folder, with which it shares a process. */
class ShippedJarAndFlinkIT {

    @Test
    void noClassIsInJarAndFlink() throws IOException {
        Set<String> ofFlink = new TreeSet<>();
        try (Stream<Path> jars = Files.list(BuildOutput.FLINK_LIB)) {
            for (Path jar : jars.toList()) {
                ofFlink.addAll(classes(jar));
            }
        }
        assertThat(ofFlink).contains("org/apache/flink/client/cli/CliFrontend.class", "org/slf4j/Logger.class");

        assertThat(classes(BuildOutput.PROCESSOR)).isNotEmpty().doesNotContainAnyElementsOf(ofFlink);
    }

    private static Set<String> classes(Path jar) throws IOException {
        try (JarFile file = new JarFile(jar.toFile())) {
            return file.stream()
                    .map(ZipEntry::getName)
                    .filter(name -> name.endsWith(".class") && !name.startsWith("META-INF/"))
                    .filter(name -> !name.equals("module-info.class"))
                    .collect(Collectors.toSet());
        }
    }
}
