package io.taxistream.local;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Arrows between the modules go one way: producer → events ← processor, and nothing → local-pipeline. */
class ArrowsTest {

    private static final String EVENTS = "io.taxistream.events..";
    private static final String PRODUCER = "io.taxistream.producer..";
    private static final String PROCESSOR = "io.taxistream.processor..";
    private static final String LOCAL = "io.taxistream.local..";

    private final JavaClasses classes = new ClassFileImporter()
            .importPaths(
                    Path.of("..", "taxi-stream-events", "target", "classes"),
                    Path.of("..", "kinesis-taxi-stream-producer", "target", "classes"),
                    Path.of("..", "flink-taxi-stream-processor", "target", "classes"),
                    Path.of("target", "classes"));

    @Test
    void theEventsKnowNobodyAndNoInfrastructure() {
        noClasses()
                .that()
                .resideInAPackage(EVENTS)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(PRODUCER, PROCESSOR, LOCAL, "software.amazon..", "org.apache.flink..", "java.net..")
                .check(classes);
    }

    @Test
    void theProducerKnowsTheEventsOnly() {
        noClasses()
                .that()
                .resideInAPackage(PRODUCER)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(PROCESSOR, LOCAL, "org.apache.flink..")
                .check(classes);
    }

    @Test
    void theProcessorKnowsTheEventsOnly() {
        noClasses()
                .that()
                .resideInAPackage(PROCESSOR)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(PRODUCER, LOCAL)
                .check(classes);
    }

    @Test
    void theLocalPipelineRunsTheShippedJarsAndNotTheirClasses() {
        noClasses()
                .that()
                .resideInAPackage(LOCAL)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(PRODUCER, PROCESSOR)
                .check(classes);
    }

    @Test
    void thePageKnowsNoService() {
        noClasses()
                .that()
                .resideInAPackage("io.taxistream.local.page..")
                .should()
                .dependOnClassesThat()
                .resideOutsideOfPackages(
                        "io.taxistream.local.page..", "java..", "com.sun.net.httpserver..", "com.fasterxml.jackson..")
                .check(classes);
    }

    @Test
    void theJudgeSharesNothingWithTheAnalysis() {
        noClasses()
                .that()
                .resideInAPackage("io.taxistream.local.batch..")
                .should()
                .dependOnClassesThat()
                .resideOutsideOfPackages("io.taxistream.local.batch..", "java..")
                .check(classes);
    }
}
