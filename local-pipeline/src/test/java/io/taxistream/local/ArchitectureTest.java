package io.taxistream.local;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Checks that module dependencies go one way: producer → events ← processor, and nothing → local-pipeline. */
class ArchitectureTest {

    private static final String EVENTS = "io.taxistream.events..";
    private static final String PRODUCER = "io.taxistream.producer..";
    private static final String PROCESSOR = "io.taxistream.processor..";
    private static final String LOCAL = "io.taxistream.local..";
    private static final String LOCAL_PREFIX = "io.taxistream.local.";

    private final JavaClasses classes = new ClassFileImporter()
            .importPaths(
                    Path.of("..", "taxi-stream-events", "target", "classes"),
                    Path.of("..", "kinesis-taxi-stream-producer", "target", "classes"),
                    Path.of("..", "flink-taxi-stream-processor", "target", "classes"),
                    Path.of("target", "classes"));

    @Test
    void eventsDependOnNoOtherModuleOrInfrastructure() {
        noClasses()
                .that()
                .resideInAPackage(EVENTS)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(PRODUCER, PROCESSOR, LOCAL, "software.amazon..", "org.apache.flink..", "java.net..")
                .check(classes);
    }

    @Test
    void producerDependsOnNeitherProcessorNorFlink() {
        noClasses()
                .that()
                .resideInAPackage(PRODUCER)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(PROCESSOR, LOCAL, "org.apache.flink..")
                .check(classes);
    }

    @Test
    void processorDoesNotDependOnTheProducer() {
        noClasses()
                .that()
                .resideInAPackage(PROCESSOR)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(PRODUCER, LOCAL)
                .check(classes);
    }

    @Test
    void localPipelineRunsTheShippedJarsNotTheirClasses() {
        noClasses()
                .that()
                .resideInAPackage(LOCAL)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(PRODUCER, PROCESSOR)
                .check(classes);
    }

    @Test
    void pageDependsOnNoService() {
        requireDependsOnlyOn("page", "page", "http", "guard");
    }

    @Test
    void statusDependsOnNoOtherPackage() {
        requireDependsOnlyOn("status", "status");
    }

    @Test
    void terminalDependsOnlyOnTheStatus() {
        requireDependsOnlyOn("terminal", "terminal", "status");
    }

    @Test
    void servicesDependOnlyOnStatusAndGuard() {
        requireDependsOnlyOn("services", "services", "status", "guard");
    }

    @Test
    void launcherDoesNotDependOnChaosFaultsOrBatch() {
        requireDependsOnlyOn("launcher", "launcher", "services", "status", "terminal", "page", "data");
    }

    @Test
    void faultProxyDependsOnlyOnHttpAndGuard() {
        requireDependsOnlyOn("faults", "faults", "http", "guard");
    }

    @Test
    void chaosDependsOnlyOnLauncherServicesAndFaults() {
        requireDependsOnlyOn("chaos", "chaos", "launcher", "services", "status", "faults", "batch");
    }

    @Test
    void httpServersAreCreatedInOnePlace() {
        noClasses()
                .that()
                .resideInAPackage(LOCAL)
                .and()
                .resideOutsideOfPackage(LOCAL_PREFIX + "http..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.eclipse.jetty..", "com.sun.net.httpserver..")
                .check(classes);
    }

    @Test
    void batchComputationSharesNothingWithTheAnalysis() {
        noClasses()
                .that()
                .resideInAPackage("io.taxistream.local.batch..")
                .should()
                .dependOnClassesThat()
                .resideOutsideOfPackages("io.taxistream.local.batch..", "java..", "org.jspecify.annotations")
                .check(classes);
    }

    /** Checks that the classes of a package of the local pipeline depend on no other packages of it than these. */
    private void requireDependsOnlyOn(String name, String... others) {
        DescribedPredicate<JavaClass> known = resideInAnyPackage(
                Stream.of(others).map(other -> LOCAL_PREFIX + other + "..").toArray(String[]::new));
        noClasses()
                .that()
                .resideInAPackage(LOCAL_PREFIX + name + "..")
                .should()
                .dependOnClassesThat(resideInAPackage(LOCAL).and(not(known)))
                .check(classes);
    }
}
