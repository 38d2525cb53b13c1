package dev.sluice.e2e.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/// What of a page is run, what is written to a file, and what CI has to run.
class DocumentTest {
    private static final String PAGE = """
            # Title

            ```sh
            ./mvnw verify       # everything
            ./sluice demo
            sluice list -A
            ```

            ```yaml
            # web.yaml   what is applied below
            kind: Rollout
            ```

            ```yaml
            kind: OnlyRead
            ```

            ```console
            $ rm -rf /
            ```
            """;

    private final Document page = Document.parse("page.md", PAGE);

    @Test
    void onlyShellBlocksAreRun() {
        assertThat(page.blocks().stream().filter(Document.Block::isScript).toList())
                .singleElement()
                .satisfies(block -> assertThat(block.script()).isEqualTo(":\n:\nsluice list -A"));
        assertThat(page.needs("sluice")).isTrue();
        assertThat(page.needs("kubectl")).isFalse();
    }

    @Test
    void aManifestThatNamesItsFileLiesThere() {
        assertThat(page.blocks().stream()
                        .flatMap(block -> block.file().stream())
                        .toList())
                .containsExactly("web.yaml");
    }

    @Test
    void whatTakesMinutesMustBeInCi() {
        assertThat(page.missingIn("./mvnw -B verify\n./sluice demo --seed 7")).isEmpty();
        assertThat(page.missingIn("./mvnw -B package\n./sluice demo")).containsExactly("page.md:3: ./mvnw verify");
        assertThat(page.missingIn("")).containsExactly("page.md:3: ./mvnw verify", "page.md:3: ./sluice demo");
    }

    @Test
    void aBlockThatIsNeverClosedIsAMistake() {
        assertThatThrownBy(() -> Document.parse("page.md", "text\n```sh\nls\n"))
                .hasMessage("page.md:2: this block is never closed");
    }
}
