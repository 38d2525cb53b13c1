package dev.sluice.app;

import dev.sluice.app.explain.TrafficReport;
import dev.sluice.cluster.Gateway;
import dev.sluice.cluster.Loss;
import dev.sluice.cluster.ResourceType;
import dev.sluice.cluster.Selection;
import dev.sluice.explain.TrafficExplanation;
import dev.sluice.kube.explain.TrafficObserver;
import dev.sluice.kube.explain.TrafficObserver.Look;
import dev.sluice.kube.rollout.Neighbours;
import dev.sluice.kube.rollout.Note;
import dev.sluice.rollout.Problem;
import dev.sluice.rollout.Rollout;
import dev.sluice.spi.TrafficRouter;
import dev.sluice.traffic.GatewayApiRouter;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `sluice explain --traffic`: where a request goes, and all that keeps it from the new version.
/// Without `--traffic` it is `sluice why`.
///
/// Ends with 0 where nothing or only notes were found, 8 with findings, 7 where there is no such object, 2 for wrong
/// usage, 1 where the cluster could not be read.
@Command(
        name = "explain",
        aliases = "diagnose",
        description = "Say what a rollout waits for, as why does; with --traffic where requests go, hop by hop, and"
                + " everything that keeps them from the new version.")
public final class ExplainCommand implements Callable<Integer> {
    private static final int UNREADABLE = 1;
    private static final int USAGE = 2;
    private static final int MISSING = 7;
    private static final int FINDINGS = 8;

    private final Function<CommandSpec, Place> places;
    private final ToIntFunction<CommandSpec> why;

    @Spec
    @Nullable
    CommandSpec spec;

    @Parameters(
            paramLabel = "ROLLOUT",
            arity = "0..2",
            description = "Its name, or rollout/NAME; dc/NAME for a DeploymentCanary.")
    List<String> words = new ArrayList<>();

    @Option(names = "--traffic", description = "Follow a request from the gateway to the pods.")
    boolean traffic;

    @Option(
            names = "--service",
            paramLabel = "NAME",
            description = "Instead of a rollout: a Service before Deployments that differ in the pod label version.")
    @Nullable
    String service;

    @Option(names = "--json", description = "The same as -o json.")
    boolean json;

    @Mixin
    OutputOption output = new OutputOption();

    /// Where the command acts and speaks.
    ///
    /// @param namespace the one to look at
    /// @param closing ends what was opened for it
    public record Place(
            Gateway gateway, String namespace, boolean ascii, PrintStream out, PrintStream err, Runnable closing) {}

    /// @param places opens the cluster, from the options of the program
    /// @param why does what `sluice why` does with the same words
    public ExplainCommand(Function<CommandSpec, Place> places, ToIntFunction<CommandSpec> why) {
        this.places = places;
        this.why = why;
    }

    @Override
    public Integer call() {
        if (!traffic && service == null) return why.applyAsInt(Objects.requireNonNull(spec));
        var place = places.apply(Objects.requireNonNull(spec));
        try {
            return run(place);
        } catch (Complaint.Failure failure) {
            var complaint = failure.complaint();
            if (spec != null && spec.root().userObject() instanceof Root root) {
                complaint = Unreachable.advised(complaint, root);
            }
            place.err().print(complaint.text());
            return complaint.exit().code();
        } finally {
            place.out().flush();
            place.err().flush();
            place.closing().run();
        }
    }

    private int run(Place place) {
        if (!traffic) return complain(place, USAGE, "--service needs --traffic", "add --traffic");
        if (words.isEmpty() == (service == null)) {
            return complain(
                    place,
                    USAGE,
                    "explain --traffic needs a rollout or --service NAME, one of them",
                    "sluice list     shows the rollouts");
        }
        Map<String, TrafficRouter> routers = Map.of(GatewayApiRouter.NAME, new GatewayApiRouter());
        var observer = new TrafficObserver(place.gateway(), routers);
        var look = service == null ? look(place, observer) : observer.service(place.namespace(), service);
        return switch (look) {
            case Look.Missing(var what) ->
                complain(place, MISSING, "there is no " + what, "another namespace is chosen with -n NAME");
            case Look.Lost(var loss, var why)
            when loss != Loss.OTHER ->
                throw Complaint.of(Exit.FAILED, Unreachable.CODE, "the API server cannot be reached")
                        .because(why)
                        .lost(loss)
                        .failure();
            case Look.Lost(var _, var why) -> complain(place, UNREADABLE, why, "correct that and run it again");
            case Look.Failed(var why) -> complain(place, UNREADABLE, why, "correct that and run it again");
            case Look.Seen(var observation, var invalid) -> {
                var explanation = TrafficExplanation.of(observation);
                var report = new TrafficReport(
                        explanation, invalid.map(Problem::toString), neighbours(place), place.ascii());
                if (json) output.choose(OutputOption.Form.JSON);
                if (!output.structured(place.out(), place.err(), report.json()))
                    place.out().print(report.text());
                yield explanation.faulty() ? FINDINGS : 0;
            }
        };
    }

    private Look look(Place place, TrafficObserver observer) {
        var target = Words.target(words);
        // For its complaint where there is no such object: it knows the names that there are.
        new Api(place.gateway(), target.kind()).rollout(place.namespace(), target.name());
        return switch (target.kind()) {
            case ROLLOUT -> observer.rollout(place.namespace(), target.name());
            case DEPLOYMENT_CANARY -> observer.pair(place.namespace(), target.name());
        };
    }

    /// Who has pods of the same labels: what is sent to one may well reach the other.
    private List<String> neighbours(Place place) {
        if (service != null || Words.target(words).kind() != Rollout.Kind.ROLLOUT) return List.of();
        var api = new Api(place.gateway(), Rollout.Kind.ROLLOUT);
        return Neighbours.note(
                        api.rollout(place.namespace(), Words.target(words).name()),
                        api.listIfAny(Selection.in(ResourceType.ROLLOUTS, place.namespace())),
                        api.listIfAny(Selection.in(ResourceType.DEPLOYMENTS, place.namespace())))
                .map(Note::text)
                .stream()
                .toList();
    }

    private static int complain(Place place, int code, String what, String remedy) {
        var number = code == USAGE ? "SLU-A001" : code == MISSING ? "SLU-A002" : "SLU-X003";
        place.err().print("error %s  %s\n  do    %s\n".formatted(number, what, remedy));
        return code;
    }
}
