package io.taxistream.processor;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaFieldAccess;
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

    /** One jar runs on Flink 1.20 and 2, whose classes have different fields. Both have the output of an operator. */
    @Test
    void noFieldIsInheritedFromFlinkButTheOutputOfAnOperator() {
        noClasses().should().accessFieldWhere(isInheritedButNotTheOutput()).check(classes);
    }

    @Test
    void packagesHaveNoCycles() {
        slices().matching("io.taxistream.processor.(*)..")
                .should()
                .beFreeOfCycles()
                .check(classes);
    }

    private DescribedPredicate<JavaFieldAccess> isInheritedButNotTheOutput() {
        return DescribedPredicate.describe(
                "the field is inherited from a class outside this project, and is not the output of an operator",
                access -> classes.contain(access.getTargetOwner().getName())
                        && access.getTarget().resolveMember().isEmpty()
                        && !access.getTarget().getName().equals("output"));
    }
}
