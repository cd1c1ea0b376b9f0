package io.taxistream.processor;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import org.junit.jupiter.api.Test;

/** Tests the dependencies between packages: docs/architecture.md. */
class ArchitectureTest {

    private static final String SOURCE = "io.taxistream.eventtime..";
    private static final String ANALYSIS = "io.taxistream.processor.trips..";
    private static final String SINK = "io.taxistream.search..";

    private final JavaClasses classes =
            new ClassFileImporter().withImportOption(new DoNotIncludeTests()).importPackages("io.taxistream.processor");

    @Test
    void analysisDependsOnNeitherSourceNorSink() {
        noClasses()
                .that()
                .resideInAPackage(ANALYSIS)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(SOURCE, SINK, "io.taxistream.processor", "software.amazon..")
                .check(classes);
    }

    @Test
    void packagesHaveNoCycles() {
        slices().matching("io.taxistream.processor.(*)..")
                .should()
                .beFreeOfCycles()
                .check(classes);
    }
}
