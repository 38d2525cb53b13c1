package dev.sluice.app;

import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// A command, with what it needs of the program around it.
public abstract class SluiceCommand implements Callable<Integer> {
    @Spec
    @Nullable
    CommandSpec spec;

    /// The options before every command, and the world.
    protected Root root() {
        return (Root) Objects.requireNonNull(spec).root().userObject();
    }

    protected Terminal terminal() {
        return root().terminal();
    }

    protected Style style() {
        return root().style();
    }

    /// Opens the cluster that the options name.
    protected Clusters.Session connect() {
        return root().world().clusters().open(root().connection());
    }

    @Override
    public final Integer call() throws Exception {
        return run().code();
    }

    /// @throws Complaint.Failure what the user is told, and the code to end with
    protected abstract Exit run() throws Exception;
}
