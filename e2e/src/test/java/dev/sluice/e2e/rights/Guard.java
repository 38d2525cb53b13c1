package dev.sluice.e2e.rights;

import dev.sluice.cluster.Gateway;
import dev.sluice.cluster.Leave;
import dev.sluice.cluster.Reply;
import dev.sluice.cluster.Request;
import dev.sluice.cluster.Selection;
import dev.sluice.cluster.WatchEvent;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.function.Consumer;

/// A way to the cluster on which a role counts: what it does not allow is refused as an API server refuses it, and
/// everything that was asked for is written down.
public final class Guard implements Gateway {
    private final Gateway server;
    private final Rights rights;
    private final Set<String> used;

    /// @param used where what was asked for is written down
    public Guard(Gateway server, Rights rights, Set<String> used) {
        this.server = server;
        this.rights = rights;
        this.used = used;
    }

    public static Set<String> book() {
        return new ConcurrentSkipListSet<>();
    }

    /// What was asked for and is not allowed.
    public static SortedSet<String> beyond(Set<String> used, Rights rights) {
        var beyond = new TreeSet<>(used);
        beyond.removeAll(rights.all());
        return beyond;
    }

    @Override
    public Reply send(Request request) {
        return refused(Rights.of(request)).orElseGet(() -> server.send(request));
    }

    @Override
    public Reply send(Request request, Leave leave) {
        return refused(Rights.of(request)).orElseGet(() -> server.send(request, leave));
    }

    private Optional<Reply> refused(String right) {
        used.add(right);
        return rights.all().contains(right)
                ? Optional.empty()
                : Optional.of(
                        new Reply.Refused(403, "Forbidden", "the role does not allow " + right, Optional.empty()));
    }

    @Override
    public Watch watch(Selection selection, String resourceVersion, Consumer<WatchEvent> listener) {
        var right = Rights.watch(selection.type());
        used.add(right);
        if (!rights.all().contains(right)) throw new AssertionError("the role does not allow " + right);
        return server.watch(selection, resourceVersion, listener);
    }
}
