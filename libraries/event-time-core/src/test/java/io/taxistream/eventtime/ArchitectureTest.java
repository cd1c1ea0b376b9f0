package io.taxistream.eventtime;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import org.junit.jupiter.api.Test;

/** The core needs a JSON parser and the JDK. */
class ArchitectureTest {

    private final JavaClasses classes =
            new ClassFileImporter().withImportOption(new DoNotIncludeTests()).importPackages("io.taxistream.eventtime");

    @Test
    void dependsOnlyOnJackson() {
        classes()
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "io.taxistream.eventtime", "java..", "com.fasterxml.jackson.core..", "org.jspecify.annotations")
                .check(classes);
    }
}
