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
    void dependenciesPointOneWay() {
        layeredArchitecture()
                .consideringOnlyDependenciesInLayers()
                .layer("main")
                .definedBy("io.taxistream.producer")
                .layer("kinesis")
                .definedBy("io.taxistream.producer.kinesis")
                .layer("replay")
                .definedBy("io.taxistream.producer.replay")
                .layer("order")
                .definedBy("io.taxistream.producer.order")
                .layer("trips")
                .definedBy("io.taxistream.producer.trips")
                .layer("records")
                .definedBy("io.taxistream.producer.records")
                .layer("reading")
                .definedBy("io.taxistream.producer.reading")
                .layer("parquet")
                .definedBy("io.taxistream.producer.parquet")
                .layer("archives")
                .definedBy("io.taxistream.producer.archives")
                .layer("text")
                .definedBy("io.taxistream.producer.text")
                .layer("events")
                .definedBy("io.taxistream.producer.events")
                .layer("input")
                .definedBy("io.taxistream.producer.input")
                .whereLayer("main")
                .mayNotBeAccessedByAnyLayer()
                .whereLayer("kinesis")
                .mayOnlyBeAccessedByLayers("main")
                .whereLayer("replay")
                .mayOnlyBeAccessedByLayers("main", "kinesis")
                .whereLayer("order")
                .mayOnlyBeAccessedByLayers("main")
                .whereLayer("trips")
                .mayOnlyBeAccessedByLayers("main")
                .whereLayer("records")
                .mayOnlyBeAccessedByLayers("main")
                .whereLayer("reading")
                .mayOnlyBeAccessedByLayers("main", "trips", "records")
                .whereLayer("parquet")
                .mayOnlyBeAccessedByLayers("trips", "records")
                .whereLayer("archives")
                .mayOnlyBeAccessedByLayers("reading", "trips", "records")
                .whereLayer("text")
                .mayOnlyBeAccessedByLayers("reading", "trips", "records", "parquet")
                .whereLayer("events")
                .mayOnlyBeAccessedByLayers("main", "kinesis", "replay", "order", "trips", "records", "reading")
                .whereLayer("input")
                .mayOnlyBeAccessedByLayers(
                        "main", "replay", "order", "trips", "records", "reading", "parquet", "archives", "text")
                .check(CLASSES);
    }

    @Test
    void onlyTheKinesisPackageAndTheEntryPointUseTheStream() {
        noClasses()
                .that()
                .resideInAPackage("io.taxistream.producer.*")
                .and()
                .resideOutsideOfPackage("io.taxistream.producer.kinesis")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.taxistream.eventtime.sender..",
                        "software.amazon.kinesis..",
                        "software.amazon.awssdk.services.kinesis..")
                .check(CLASSES);
    }
}
