package dev.sluice.e2e.arrows;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The arrows of ARCHITECTURE.md, read off the class files.
class ArrowsTest {
    private static final String[] CORE = {
        "dev.sluice.analysis..",
        "dev.sluice.cluster..",
        "dev.sluice.explain..",
        "dev.sluice.expression..",
        "dev.sluice.format..",
        "dev.sluice.json..",
        "dev.sluice.rollout..",
        "dev.sluice.spi..",
        "dev.sluice.strategy..",
        "dev.sluice.traffic.."
    };

    private static final JavaClasses SLUICE = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("dev.sluice");

    private static ArchRule needsNothingButItselfAndJava(String... packages) {
        return noClasses()
                .that()
                .resideInAnyPackage(packages)
                .should()
                .dependOnClassesThat()
                .resideOutsideOfPackages(with(packages, "java.."))
                .because("the core decides; whoever needs a library belongs to the edge");
    }

    private static String[] with(String[] packages, String more) {
        var all = new java.util.ArrayList<>(List.of(packages));
        all.add(more);
        return all.toArray(String[]::new);
    }

    @Test
    void theCoreNeedsNothing() {
        needsNothingButItselfAndJava(CORE).check(SLUICE);
    }

    @Test
    void theThreeEdgesDoNotSeeEachOther() {
        for (var edge : List.of("kube", "providers", "local")) {
            var others = List.of("kube", "providers", "local", "app", "e2e").stream()
                    .filter(other -> !other.equals(edge))
                    .map(other -> "dev.sluice." + other + "..")
                    .toArray(String[]::new);
            noClasses()
                    .that()
                    .resideInAPackage("dev.sluice." + edge + "..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(others)
                    .because("each edge may be depended on alone")
                    .check(SLUICE);
        }
    }

    @Test
    void anImportOfTheClientInTheCoreIsCaught() {
        var planted = new ClassFileImporter().importPackages("dev.sluice.e2e.arrows.planted");
        var report =
                needsNothingButItselfAndJava("dev.sluice.e2e.arrows.planted..").evaluate(planted);
        assertThat(report.hasViolation()).isTrue();
        assertThat(report.getFailureReport().toString())
                .contains("CoreThatReachesOut")
                .contains("io.fabric8.kubernetes.client.Config");
    }
}
