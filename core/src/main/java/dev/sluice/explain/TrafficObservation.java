package dev.sluice.explain;

import dev.sluice.cluster.LabelSelector;
import dev.sluice.json.Json;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/// What was seen on the way from a gateway to the pods, of one namespace and at about one time.
///
/// @param newest the version that traffic should reach
/// @param stable the version that it comes from; absent where there is only one
/// @param services all of the namespace
/// @param pods all of the namespace
/// @param routes those that name a Service of the namespace
/// @param others other Rollouts of the namespace
/// @param metrics what the analyses of the newest version measured, of each metric the newest run
public record TrafficObservation(
        String namespace,
        Subject subject,
        Version newest,
        Optional<Version> stable,
        List<Service> services,
        List<Pod> pods,
        List<Slice> slices,
        List<GatewaySeen> gateways,
        List<Route> routes,
        List<Claim> others,
        List<MetricSeen> metrics) {
    public TrafficObservation {
        services = List.copyOf(services);
        pods = List.copyOf(pods);
        slices = List.copyOf(slices);
        gateways = List.copyOf(gateways);
        routes = List.copyOf(routes);
        others = List.copyOf(others);
        metrics = List.copyOf(metrics);
    }

    /// What is being asked about.
    ///
    /// @param kind `Rollout`, `DeploymentCanary`, or `Service` for Deployments behind a Service of the user's
    /// @param asked absent where nobody asked for a share
    /// @param told the weight that the controller last asked of the router
    /// @param owned names of the ReplicaSets that are its own, of whatever revision
    /// @param hints what may keep pods of the new version from being made
    /// @param writers other controllers that have written its status
    public record Subject(
            String kind,
            String name,
            Split split,
            Optional<Asked> asked,
            Optional<Integer> told,
            int replicas,
            List<String> owned,
            List<String> hints,
            List<String> writers) {
        public Subject {
            owned = List.copyOf(owned);
            hints = List.copyOf(hints);
            writers = List.copyOf(writers);
        }

        /// Whether a controller drives it, rather than a person by hand.
        boolean driven() {
            return !kind.equals("Service");
        }

        /// As a command names it.
        String typed() {
            return kind.equals("DeploymentCanary") ? "dc/" + name : name;
        }
    }

    /// How the traffic is divided.
    public sealed interface Split {
        /// By the number of pods behind each Service.
        ///
        /// @param pinned Services that are meant for one version only
        record ByPods(int surge, List<String> pinned) implements Split {}

        /// By the weights of routes.
        ///
        /// @param routes `namespace/name` of each
        record ByRoute(String canaryService, String stableService, List<String> routes) implements Split {}

        /// By the selector of one Service.
        record BySwitch(String activeService, Optional<String> previewService) implements Split {}
    }

    /// One revision.
    ///
    /// @param shown how people call it: the image's tag, or the hash
    /// @param owner its ReplicaSet or Deployment, with the kind; empty where it does not exist
    /// @param labels of its pods
    /// @param sets names of the ReplicaSets that its pods are of; empty where its pods are told by their labels
    /// @param desired pods asked for
    /// @param trouble why its owner cannot make pods, where it says so
    /// @param ports container ports by number, with their names; empty where none is declared
    public record Version(
            String value,
            String shown,
            String owner,
            Map<String, String> labels,
            List<String> sets,
            int desired,
            Optional<String> trouble,
            List<Port> ports) {
        public Version {
            sets = List.copyOf(sets);
        }

        boolean has(Pod pod) {
            if (!sets.isEmpty()) return sets.contains(pod.owner());
            return !labels.isEmpty() && pod.labels().entrySet().containsAll(labels.entrySet());
        }
    }

    /// A port of a container.
    public record Port(int number, String name) {}

    /// A Service.
    ///
    /// @param writer who last wrote its selector
    /// @param affinity seconds for which an address stays with the pod that it got; absent where it does not
    /// @param addresses those that a load balancer outside has for it
    public record Service(
            String name,
            String type,
            SequencedMap<String, String> selector,
            List<ServicePort> ports,
            Optional<Writer> writer,
            Optional<Long> affinity,
            List<String> addresses) {
        public Service {
            ports = List.copyOf(ports);
            addresses = List.copyOf(addresses);
        }

        /// A Service without a selector selects nothing.
        boolean selects(Map<String, String> labels) {
            return !selector.isEmpty() && LabelSelector.of(selector).matches(labels);
        }
    }

    /// One port of a Service.
    ///
    /// @param target number or name
    /// @param protocol `appProtocol`; empty where none is declared
    public record ServicePort(int port, String target, String protocol) {}

    /// Who wrote something, and when (RFC 3339).
    public record Writer(String manager, String at) {
        @Override
        public String toString() {
            return at.isEmpty() ? "changed by " + manager : "changed " + at + " by " + manager;
        }
    }

    /// A pod.
    ///
    /// @param owner name of the ReplicaSet
    /// @param trouble why it is not ready, empty where that is not known
    public record Pod(String name, Map<String, String> labels, String owner, boolean ready, String trouble) {}

    /// Endpoints of a Service, all slices together.
    public record Slice(String service, int ready, int notReady) {}

    /// A Gateway.
    ///
    /// @param name `namespace/name`
    /// @param programmed absent where it says nothing
    /// @param wanted the addresses that its spec asks for
    /// @param addresses those that its status has
    public record GatewaySeen(
            String name,
            String listeners,
            Optional<Boolean> programmed,
            String message,
            List<String> wanted,
            List<String> addresses) {
        public GatewaySeen {
            wanted = List.copyOf(wanted);
            addresses = List.copyOf(addresses);
        }
    }

    /// An HTTPRoute.
    ///
    /// @param name `namespace/name`
    /// @param parents `namespace/name` of the gateways in `parentRefs`
    /// @param problems conditions of parents that do not hold, each in words
    /// @param reported whether any parent reported
    /// @param rules as they stand in the API
    public record Route(
            String name,
            String created,
            List<String> hostnames,
            List<String> parents,
            List<String> problems,
            boolean reported,
            List<Json> rules,
            Optional<Writer> writer) {}

    /// What another Rollout claims.
    public record Claim(String name, List<String> services, List<String> routes, Map<String, String> labels) {}

    /// A metric of an AnalysisRun.
    ///
    /// @param samples the measurements that have ended and are kept, oldest first
    /// @param query with its arguments filled in; empty where the provider does not tell
    public record MetricSeen(String run, String name, List<Sample> samples, String query) {
        public MetricSeen {
            samples = List.copyOf(samples);
        }
    }

    /// One measurement.
    ///
    /// @param value as it is stored, such as `[0.02]`
    /// @param error why there is none, where the provider did not answer
    public record Sample(String value, Optional<String> error) {}
}
