package dev.sluice.app;

import dev.sluice.app.controller.ControllerCommand;
import dev.sluice.app.demo.DemoCommand;
import dev.sluice.app.local.LocalCommand;
import dev.sluice.app.rollout.AbortCommand;
import dev.sluice.app.rollout.GetCommand;
import dev.sluice.app.rollout.ListCommand;
import dev.sluice.app.rollout.PauseCommand;
import dev.sluice.app.rollout.PromoteCommand;
import dev.sluice.app.rollout.RestartCommand;
import dev.sluice.app.rollout.ResumeCommand;
import dev.sluice.app.rollout.RetryCommand;
import dev.sluice.app.rollout.SetCommand;
import dev.sluice.app.rollout.StatusCommand;
import dev.sluice.app.rollout.UndoCommand;
import dev.sluice.app.rollout.WhyCommand;
import dev.sluice.app.simulate.SimulateCommand;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import picocli.CommandLine.Model.CommandSpec;

/// Every command, by its names. Each is made only when it is called, so that none pays for another's classes.
record Commands(List<String> names, Supplier<Object> maker, boolean logs) {
    /// In the order of the help. `logs`: it runs for long, and its log is read by an operator.
    static final List<Commands> ALL = List.of(
            shortOne(ListCommand::new, "list", "ls"),
            shortOne(GetCommand::new, "get"),
            shortOne(StatusCommand::new, "status"),
            shortOne(PromoteCommand::new, "promote"),
            shortOne(AbortCommand::new, "abort"),
            shortOne(RetryCommand::new, "retry"),
            shortOne(UndoCommand::new, "undo"),
            shortOne(RestartCommand::new, "restart"),
            shortOne(PauseCommand::new, "pause"),
            shortOne(ResumeCommand::new, "resume"),
            shortOne(SetCommand::new, "set"),
            shortOne(WhyCommand::new, "why"),
            shortOne(() -> new ExplainCommand(Commands::place, Commands::why), "explain", "diagnose"),
            shortOne(DemoCommand::new, "demo"),
            longOne(ControllerCommand::new, "controller"),
            longOne(LocalCommand::new, "local"),
            shortOne(SimulateCommand::new, "simulate"),
            shortOne(VersionCommand::new, "version"));

    /// The same words once more, with `why` where `explain` stood.
    private static int why(CommandSpec spec) {
        var words = new ArrayList<>(spec.root().commandLine().getParseResult().originalArgs());
        for (int i = 0; i < words.size(); i++) {
            if (!List.of("explain", "diagnose").contains(words.get(i))) continue;
            words.set(i, "why");
            break;
        }
        var root = (Root) spec.root().userObject();
        return Main.run(root.world(), words.toArray(String[]::new));
    }

    private static ExplainCommand.Place place(CommandSpec spec) {
        var root = (Root) spec.root().userObject();
        var session = root.world().clusters().open(root.connection());
        return new ExplainCommand.Place(
                session.gateway(),
                session.namespace(),
                root.style().ascii(),
                root.terminal().out(),
                root.terminal().err(),
                session::close);
    }

    private static Commands shortOne(Supplier<Object> maker, String... names) {
        return new Commands(List.of(names), maker, false);
    }

    private static Commands longOne(Supplier<Object> maker, String... names) {
        return new Commands(List.of(names), maker, true);
    }

    boolean named(String word) {
        return names.contains(word);
    }
}
