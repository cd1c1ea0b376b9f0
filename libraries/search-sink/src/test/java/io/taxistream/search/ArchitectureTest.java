package io.taxistream.search;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import org.junit.jupiter.api.Test;

/** The sink knows Flink and the search engine; nothing of taxis, of Kinesis or of the launcher. */
class ArchitectureTest {

    private final JavaClasses classes =
            new ClassFileImporter().withImportOption(new DoNotIncludeTests()).importPackages("io.taxistream.search");

    @Test
    void dependsOnlyOnItsLibraries() {
        classes()
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "",
                        "io.taxistream.search..",
                        "io.taxistream.credentials",
                        "java..",
                        "org.jspecify.annotations",
                        "javax.net.ssl..",
                        "org.jspecify.annotations",
                        "org.apache.flink..",
                        "org.apache.hc..",
                        "com.fasterxml.jackson..",
                        "io.github.acm19..",
                        "software.amazon.awssdk..",
                        "org.slf4j..")
                .check(classes);
    }
}
