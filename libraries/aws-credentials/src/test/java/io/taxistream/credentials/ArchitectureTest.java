package io.taxistream.credentials;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import org.junit.jupiter.api.Test;

/** Credentials know the AWS SDK alone; nothing of what uses them. */
class ArchitectureTest {

    private final JavaClasses classes = new ClassFileImporter()
            .withImportOption(new DoNotIncludeTests())
            .importPackages("io.taxistream.credentials");

    @Test
    void dependsOnlyOnTheSdk() {
        classes()
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "",
                        "io.taxistream.credentials..",
                        "java..",
                        "org.jspecify.annotations",
                        "software.amazon.awssdk..")
                .check(classes);
    }
}
