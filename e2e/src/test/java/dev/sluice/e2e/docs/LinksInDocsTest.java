package dev.sluice.e2e.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A link from one page of the repository to another leads there, and to a heading that is there.
class LinksInDocsTest {
    private static final Pattern LINK = Pattern.compile("]\\(([^)\\s]+)\\)");
    private static final Pattern FENCED = Pattern.compile("(?ms)^ *```.*?^ *``` *$");

    private final Path root = Path.of(System.getProperty("sluice.root"));

    @TempDir
    Path temporary;

    private static List<Path> pages(Path root) throws IOException {
        var pages = new ArrayList<Path>();
        try (var top = Files.list(root);
                var docs = Files.walk(root.resolve("docs"))) {
            Stream.concat(top, docs)
                    .filter(file -> file.toString().endsWith(".md"))
                    .sorted()
                    .forEach(pages::add);
        }
        return pages;
    }

    /// Links that lead nowhere: `README.md: docs/no.md`.
    private static List<String> broken(Path root) throws IOException {
        var broken = new ArrayList<String>();
        for (var page : pages(root)) {
            var links = LINK.matcher(FENCED.matcher(Files.readString(page)).replaceAll(""));
            while (links.find()) {
                var link = links.group(1);
                if (link.startsWith("http:") || link.startsWith("https:")) continue;
                if (!leads(page, link)) broken.add(root.relativize(page) + ": " + link);
            }
        }
        return broken;
    }

    private static boolean leads(Path page, String link) throws IOException {
        int hash = link.indexOf('#');
        var file = hash < 0 ? link : link.substring(0, hash);
        var target = file.isEmpty() ? page : page.resolveSibling(file);
        if (!Files.exists(target)) return false;
        return hash < 0 || headings(target).contains(link.substring(hash + 1));
    }

    /// As GitHub makes an anchor of a heading.
    private static TreeSet<String> headings(Path page) throws IOException {
        var headings = new TreeSet<String>();
        for (var line : Files.readAllLines(page)) {
            if (!line.startsWith("#")) continue;
            headings.add(line.replaceFirst("^#+ *", "")
                    .toLowerCase(Locale.ROOT)
                    .replaceAll("[^\\p{L}\\p{N} _-]", "")
                    .replace(' ', '-'));
        }
        return headings;
    }

    @Test
    void everyLinkLeadsSomewhere() throws IOException {
        assertThat(pages(root)).contains(root.resolve("README.md"), root.resolve("docs/local-cluster.md"));
        assertThat(broken(root)).isEmpty();
    }

    @Test
    void aLinkThatLeadsNowhereIsFound() throws IOException {
        Files.createDirectory(temporary.resolve("docs"));
        Files.writeString(temporary.resolve("docs/page.md"), "# It's a page\n");
        Files.writeString(
                temporary.resolve("README.md"),
                "[a](docs/page.md#its-a-page) [b](docs/no.md) [c](docs/page.md#no) [d](https://example.org/no)\n");
        assertThat(broken(temporary)).containsExactly("README.md: docs/no.md", "README.md: docs/page.md#no");
    }
}
