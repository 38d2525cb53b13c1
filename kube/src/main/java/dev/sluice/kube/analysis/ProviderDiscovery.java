package dev.sluice.kube.analysis;

import dev.sluice.cluster.Gateway;
import dev.sluice.kube.client.ClusterAccess;
import dev.sluice.kube.client.KubeGateway;
import dev.sluice.spi.MetricProvider;
import dev.sluice.spi.MetricProviders;
import dev.sluice.spi.Time;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/// Finds the metric providers of this process and gives them what they work with. Closing it closes the connections to
/// other clusters that were opened for them.
public final class ProviderDiscovery implements AutoCloseable {
    /// The word for the cluster we run in, where a kubeconfig would be named.
    private static final String IN_CLUSTER = "in-cluster";

    private final Time time;
    private final UnaryOperator<Gateway> fenced;
    private final List<KubeGateway> opened = new ArrayList<>();
    private final MetricProviders providers;

    /// @param gateway the cluster whose runs are served, fenced
    /// @param fenced puts the fence of our leadership in front of another cluster: providers may write there
    /// @param environment the variables of the controller
    /// @throws IllegalStateException when two providers claim one name; the message names the jars of both
    /// @throws dev.sluice.kube.client.KubeconfigException when a kubeconfig that the environment names is unusable
    public ProviderDiscovery(
            Time time, Gateway gateway, UnaryOperator<Gateway> fenced, Map<String, String> environment) {
        this.time = time;
        this.fenced = fenced;
        this.providers =
                MetricProviders.discover(new MetricProvider.Setting(time, gateway, this::cluster, environment));
    }

    public MetricProviders providers() {
        return providers;
    }

    private Gateway cluster(String kubeconfig) {
        var access = kubeconfig.equals(IN_CLUSTER) ? ClusterAccess.standard() : ClusterAccess.of(Path.of(kubeconfig));
        // The seed only spreads the renewal of watches, of which providers have none.
        var gateway = new KubeGateway(access, KubeGateway.Settings.standard(opened.size()), time, _ -> {});
        opened.add(gateway);
        return fenced.apply(gateway);
    }

    @Override
    public void close() {
        opened.forEach(KubeGateway::close);
    }
}
