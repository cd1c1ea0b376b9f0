package io.taxistream.eventtime.sender;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import org.junit.jupiter.api.Test;

/** The sender knows the AWS SDK, the KPL and watermark records; nothing of taxis, of files or of the launcher. */
class ArchitectureTest {

    private final JavaClasses classes = new ClassFileImporter()
            .withImportOption(new DoNotIncludeTests())
            .importPackages("io.taxistream.eventtime.sender");

    @Test
    void dependsOnlyOnItsLibraries() {
        classes()
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "io.taxistream.eventtime.sender..",
                        "io.taxistream.eventtime",
                        "java..",
                        "software.amazon.awssdk..",
                        "software.amazon.kinesis..",
                        "com.google.common.util.concurrent..",
                        "org.jspecify.annotations",
                        "org.slf4j..")
                .check(classes);
    }

    @Test
    void watermarkLogicDoesNotDependOnAwsLibraries() {
        noClasses()
                .that()
                .haveNameNotMatching(".*\\.(Sdk|Kpl|Stream|EventSenderBuilder)[^.]*")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("software.amazon..")
                .check(classes);
    }
}
