package dev.sluice.spi;

import dev.sluice.cluster.Gateway;
import dev.sluice.json.Json;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Function;

/// A metric system that can be asked.
///
/// Providers are the one kind of plug-in that does I/O, so they run at the edge, on a virtual thread of their own, as
/// the effect of a decision; what they bring back enters the next observation. A call never outlasts its deadline and
/// never throws for what the world does. One provider object serves all runs at once and holds no state of any.
///
/// ```
/// measure ──► Value | Verdict | Failed
///    └──────► Running ──resume──► Running | Value | Verdict | Failed
///                └────terminate─► Verdict | Failed
/// ```
public interface MetricProvider {
    /// The key under `provider:` in a metric: `web`.
    String name();

    /// The name in Sluice's own metrics and in the catalogue: `Web`.
    String type();

    /// Takes a measurement, or starts one that takes long.
    Measurement measure(Query query, Secrets secrets, Deadline deadline);

    /// Looks after a measurement that was [Measurement.Running].
    default Measurement resume(Query query, Measurement.Running running, Secrets secrets, Deadline deadline) {
        return new Measurement.Failed("provider " + name() + " measures at once and has nothing to resume");
    }

    /// Ends a measurement that was [Measurement.Running], because its run is over.
    default Measurement terminate(Query query, Measurement.Running running, Secrets secrets, Deadline deadline) {
        return new Measurement.Failed("provider " + name() + " measures at once and has nothing to terminate");
    }

    /// Facts of the query itself, for the metric result's `metadata`, such as the query with arguments filled in. They
    /// may hold secret arguments: who stores them redacts them ([Secrets#redacted]).
    default SequencedMap<String, String> facts(Query query) {
        return Measurement.none();
    }

    /// Removes what measurements left behind, except for the newest `keep` of this metric.
    ///
    /// @return what went wrong, if anything; the next call tries again
    default Optional<String> sweep(Query query, int keep, Deadline deadline) {
        return Optional.empty();
    }

    /// What is asked.
    ///
    /// @param spec the provider's own part of the metric, `provider.<name>`, arguments filled in
    /// @param run the AnalysisRun that asks
    /// @param metric the name of the metric, unique in its run
    /// @param ordinal which measurement of the metric it is, from 1
    /// @param now the instant at which it was decided to ask
    record Query(Json spec, Run run, String metric, int ordinal, Instant now) {}

    /// The AnalysisRun on whose behalf something is measured.
    record Run(String namespace, String name, String uid) {}

    /// Makes one provider; the service that `ServiceLoader` finds (`provides MetricProvider.Factory with …`).
    interface Factory {
        /// The name of the provider that it makes, known without making it.
        String name();

        MetricProvider create(Setting setting);
    }

    /// What a provider is given to work with.
    ///
    /// @param time the clock of the edge
    /// @param gateway the cluster whose runs are served
    /// @param clusters opens the cluster that a kubeconfig names: a path, or `in-cluster`
    /// @param environment the environment variables of the controller
    record Setting(Time time, Gateway gateway, Function<String, Gateway> clusters, Map<String, String> environment) {
        /// The variable's value; an empty one counts as not set.
        public Optional<String> variable(String name) {
            return Optional.ofNullable(environment.get(name)).filter(value -> !value.isEmpty());
        }
    }
}
