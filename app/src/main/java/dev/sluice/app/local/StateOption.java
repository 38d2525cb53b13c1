package dev.sluice.app.local;

import dev.sluice.app.Terminal;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Which local cluster is meant.
class StateOption {
    @Option(
            names = "--state-dir",
            paramLabel = "FOLDER",
            description = "Where it is written down (default: $XDG_STATE_HOME/sluice or ~/.local/state/sluice).")
    @Nullable
    Path folder;

    LocalState.Folder folder(Terminal terminal) {
        return LocalState.Folder.of(Optional.ofNullable(folder), terminal);
    }

    /// What other commands about the same cluster have to be told as well, with a blank before it.
    String again() {
        return folder == null ? "" : " --state-dir " + LocalState.quoted(folder.toString());
    }
}
