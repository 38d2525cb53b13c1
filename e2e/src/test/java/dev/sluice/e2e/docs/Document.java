package dev.sluice.e2e.docs;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// A page of the documentation, as far as it can be run.
///
/// ````
/// ```sh            commands, run in order; what they export holds for the blocks after them
/// ```yaml          with `# FILE.yaml` as its first line: written to that file before anything is run
/// ```console, …    anything else is only read
/// ````
///
/// @param name as readers know it, `docs/adr/0001.md`
record Document(String name, List<Block> blocks) {
    /// What takes minutes, or builds: it is not run from here, so CI must run it.
    private static final List<String> RUN_BY_CI =
            List.of("./mvnw", "./sluice demo", ".ci/run", "bench/run", "e2e/controlplane/build");

    private static final Pattern FENCE = Pattern.compile("^ *```+ *([A-Za-z]*).*$");
    private static final Pattern FILE = Pattern.compile("# ([A-Za-z0-9][A-Za-z0-9._-]*\\.ya?ml)\\b.*");

    Document {
        blocks = List.copyOf(blocks);
    }

    /// @param line of its fence, from 1
    record Block(int line, String language, List<String> lines) {
        Block {
            lines = List.copyOf(lines);
        }

        boolean isScript() {
            return language.equals("sh") || language.equals("bash");
        }

        /// The file that a manifest is to lie in.
        Optional<String> file() {
            if (!language.equals("yaml") || lines.isEmpty()) return Optional.empty();
            var matcher = FILE.matcher(lines.getFirst());
            return matcher.matches() ? Optional.of(matcher.group(1)) : Optional.empty();
        }

        /// What is run here: everything but what CI runs.
        String script() {
            return String.join(
                    "\n", lines.stream().map(line -> isForCi(line) ? ":" : line).toList());
        }

        /// What CI must run, without its comment.
        List<String> forCi() {
            return lines.stream()
                    .filter(Block::isForCi)
                    .map(line -> line.replaceFirst("\\s+#.*$", "").strip())
                    .toList();
        }

        private static boolean isForCi(String line) {
            return RUN_BY_CI.stream().anyMatch(start -> line.equals(start) || line.startsWith(start + " "));
        }
    }

    static Document parse(String name, String text) {
        var blocks = new ArrayList<Block>();
        var lines = text.lines().toList();
        int open = -1;
        for (int i = 0; i < lines.size(); i++) {
            var fence = FENCE.matcher(lines.get(i));
            if (!fence.matches()) continue;
            if (open < 0) {
                open = i;
            } else {
                var opened = FENCE.matcher(lines.get(open));
                var language = opened.matches() ? opened.group(1) : "";
                blocks.add(new Block(open + 1, language, lines.subList(open + 1, i)));
                open = -1;
            }
        }
        if (open >= 0) throw new IllegalArgumentException(name + ":" + (open + 1) + ": this block is never closed");
        return new Document(name, blocks);
    }

    boolean hasScripts() {
        return blocks.stream().anyMatch(Block::isScript);
    }

    boolean needs(String program) {
        var word = Pattern.compile("\\b" + Pattern.quote(program) + "\\b");
        return blocks.stream()
                .filter(Block::isScript)
                .anyMatch(block -> word.matcher(block.script()).find());
    }

    /// Commands that stand here for CI, and that CI does not run.
    ///
    /// @param ci the text of `.ci/run`; a command of it may have further options between the words
    List<String> missingIn(String ci) {
        var missing = new ArrayList<String>();
        for (var block : blocks) {
            if (!block.isScript()) continue;
            for (var command : block.forCi()) {
                var words = Arrays.asList(command.split(" +", -1));
                if (words.equals(List.of(".ci/run"))) continue;
                boolean there = ci.lines().anyMatch(line -> contains(Arrays.asList(line.split(" +", -1)), words));
                if (!there) missing.add(name + ":" + block.line() + ": " + command);
            }
        }
        return missing;
    }

    private static boolean contains(List<String> line, List<String> words) {
        int at = 0;
        for (var word : line) {
            if (at < words.size() && word.equals(words.get(at))) at++;
        }
        return at == words.size();
    }
}
