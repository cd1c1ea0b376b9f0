package io.taxistream.eventtime.source;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import org.junit.jupiter.api.Test;

/** The source knows Flink, the AWS SDK and the records of the stream; nothing of taxis, of the sink or of the launcher. */
class ArchitectureTest {

    private final JavaClasses classes = new ClassFileImporter()
            .withImportOption(new DoNotIncludeTests())
            .importPackages("io.taxistream.eventtime.source");

    @Test
    void dependsOnlyOnItsLibraries() {
        classes()
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "",
                        "io.taxistream.eventtime.source..",
                        "io.taxistream.eventtime",
                        "io.taxistream.credentials",
                        "java..",
                        "com.fasterxml.jackson.core..",
                        "com.fasterxml.jackson.dataformat.cbor",
                        "org.jspecify.annotations",
                        "org.reactivestreams",
                        "org.apache.flink..",
                        "software.amazon.awssdk..",
                        "org.slf4j..")
                .check(classes);
    }
}
