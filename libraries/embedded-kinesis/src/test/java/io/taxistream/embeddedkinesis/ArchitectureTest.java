package io.taxistream.embeddedkinesis;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import org.junit.jupiter.api.Test;

/** The embedded Kinesis needs the JDK and Jackson; nothing of Flink, of the AWS SDK, of taxis or of the launcher. */
class ArchitectureTest {

    private final JavaClasses classes = new ClassFileImporter()
            .withImportOption(new DoNotIncludeTests())
            .importPackages("io.taxistream.embeddedkinesis");

    @Test
    void dependsOnlyOnItsLibraries() {
        classes()
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "",
                        "io.taxistream.embeddedkinesis..",
                        "java..",
                        "javax.net.ssl..",
                        "javax.security..",
                        "com.fasterxml.jackson..",
                        "org.eclipse.jetty..",
                        "org.jspecify.annotations",
                        "org.slf4j..")
                .check(classes);
    }
}
