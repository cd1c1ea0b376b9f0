package io.taxistream.producer;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class ArchitectureTest {

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.taxistream.producer");

    @Test
    void arrowsGoOneWay() {
        layeredArchitecture()
                .consideringOnlyDependenciesInLayers()
                .layer("main")
                .definedBy("io.taxistream.producer")
                .layer("kinesis")
                .definedBy("io.taxistream.producer.kinesis")
                .layer("replay")
                .definedBy("io.taxistream.producer.replay")
                .layer("trips")
                .definedBy("io.taxistream.producer.trips")
                .whereLayer("main")
                .mayNotBeAccessedByAnyLayer()
                .whereLayer("kinesis")
                .mayOnlyBeAccessedByLayers("main")
                .whereLayer("replay")
                .mayOnlyBeAccessedByLayers("main", "kinesis")
                .whereLayer("trips")
                .mayOnlyBeAccessedByLayers("main", "replay")
                .check(CLASSES);
    }

    @Test
    void theStreamIsMetInItsPackageAndWhereItIsOpenedOnly() {
        noClasses()
                .that()
                .resideInAnyPackage("io.taxistream.producer.replay", "io.taxistream.producer.trips")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.taxistream.eventtime.sender..",
                        "software.amazon.kinesis..",
                        "software.amazon.awssdk.services.kinesis..")
                .check(CLASSES);
    }
}
