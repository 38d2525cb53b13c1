package dev.sluice.app;

import dev.sluice.kube.SystemTime;
import dev.sluice.kube.client.ClusterAccess;
import dev.sluice.kube.client.KubeGateway;
import dev.sluice.kube.client.KubeconfigException;

/// Real clusters, by kubeconfig. Loaded only by commands that need one.
public final class KubeClusters {
    private KubeClusters() {}

    public static ClusterAccess access(Connection connection) {
        return new ClusterAccess(connection.kubeconfig(), connection.context(), connection.user(), connection.groups());
    }

    public static Complaint.Failure unusable(KubeconfigException why) {
        return Complaint.of(Exit.FAILED, "SLU-X004", "there is no usable way to a cluster")
                .because(String.valueOf(why.getMessage()))
                .remedy(
                        "name a kubeconfig: --kubeconfig FILE, or KUBECONFIG",
                        "sluice local up     a cluster on this machine")
                .failure();
    }

    public static Clusters.Session open(Connection connection) {
        var time = new SystemTime();
        try {
            var access = access(connection);
            var usual = KubeGateway.Settings.standard(0);
            var settings = new KubeGateway.Settings(
                    connection.timeout(),
                    usual.largestBody(),
                    usual.pageSize(),
                    usual.qps(),
                    usual.burst(),
                    usual.watchFor(),
                    usual.seed());
            var gateway = new KubeGateway(access, settings, time, _ -> {});
            return new Clusters.Session(
                    gateway, connection.namespace().orElseGet(access::namespace), access::server, () -> {
                        gateway.close();
                        time.close();
                    });
        } catch (KubeconfigException why) {
            time.close();
            throw unusable(why);
        }
    }
}
