package dev.sluice.e2e.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.e2e.Shell;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Every command that the documentation tells a reader to type is typed here, or by `.ci/run`.
///
/// A page's blocks run in order, in a folder of their own with the parts of the repository that a page may name; see
/// [Document] for what a block is.
@Timeout(900)
class CommandsInDocsTest {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final List<String> PAGES = List.of("README.md", "CONTRIBUTING.md", "docs", "bench", "examples");
    /// What pages may name; copied, so that a page cannot change it.
    private static final List<String> PARTS = List.of("deploy", "docs", "examples");

    private final Path root = Path.of(System.getProperty("sluice.root"));

    @TempDir
    Path temporary;

    private List<Document> documents() throws IOException {
        var documents = new ArrayList<Document>();
        for (var page : PAGES) {
            var path = root.resolve(page);
            if (!Files.exists(path)) continue;
            try (var files = Files.walk(path)) {
                for (var file :
                        files.filter(f -> f.toString().endsWith(".md")).sorted().toList()) {
                    documents.add(Document.parse(root.relativize(file).toString(), Files.readString(file)));
                }
            }
        }
        return documents;
    }

    @Test
    void whatIsNotRunHereIsRunByCi() throws IOException {
        var ci = Files.readString(root.resolve(".ci/run"));
        assertThat(documents())
                .isNotEmpty()
                .allSatisfy(document -> assertThat(document.missingIn(ci)).isEmpty());
    }

    @Test
    void thePagesThatANewcomerFollowsAreAmongThem() throws IOException {
        assertThat(documents().stream().filter(Document::hasScripts).map(Document::name))
                .contains("README.md", "docs/deployment-pair.md", "docs/local-cluster.md");
    }

    @TestFactory
    Stream<DynamicTest> everyPageCanBeFollowed() throws IOException {
        return documents().stream()
                .filter(Document::hasScripts)
                .map(document -> DynamicTest.dynamicTest(document.name(), () -> follow(document)));
    }

    @Test
    void aPageWithAWrongCommandIsFound() {
        var wrong =
                Document.parse("page.md", "```sh\nexport A=1\n```\n\n```sh\ntest \"$A\" = 1\nsluice lits\ntrue\n```\n");
        assertThatThrownBy(() -> follow(wrong))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("page.md:5")
                .hasMessageContaining("there is no command \"lits\"");
    }

    private void follow(Document document) throws Exception {
        if (document.needs("kubectl")) {
            boolean there = Shell.kubectl().isPresent();
            if (!there && "true".equals(System.getenv("SLUICE_REQUIRE_REAL"))) {
                throw new AssertionError("no kubectl: run e2e/controlplane/build, or put one on the PATH");
            }
            assumeTrue(there, "SKIPPED: no kubectl; e2e/controlplane/build makes one");
        }
        var place = Files.createTempDirectory(temporary, "page");
        try (var shell = new Shell(place)) {
            for (var part : PARTS) copy(root.resolve(part), shell.folder().resolve(part));
            for (var block : document.blocks()) {
                var file = block.file();
                if (file.isPresent()) {
                    Files.writeString(shell.folder().resolve(file.get()), String.join("\n", block.lines()) + "\n");
                }
            }
            // One shell for each block, so that each has its own time; what is exported goes on to the next.
            var exported = place.resolve("exported");
            Files.writeString(exported, "");
            for (var block : document.blocks()) {
                if (!block.isScript()) continue;
                var said = shell.run(
                        ". '" + exported + "'\nset -e\n" + block.script() + "\nexport -p >'" + exported + "'",
                        PATIENCE);
                assertThat(said.code())
                        .as(
                                "%s:%d%n%s%nended, and said%n%s",
                                document.name(), block.line(), block.script(), said.text())
                        .isZero();
            }
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        if (!Files.exists(from)) return;
        try (var files = Files.walk(from)) {
            for (var file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file).toString()));
            }
        }
    }
}
