package dev.sluice.e2e.rollout;

import dev.sluice.cluster.Gateway;
import dev.sluice.e2e.controlplane.Binaries;
import dev.sluice.e2e.controlplane.ControlPlane;
import dev.sluice.e2e.controlplane.User;
import dev.sluice.kube.client.CallCounts;
import dev.sluice.kube.client.ClusterAccess;
import dev.sluice.kube.client.KubeGateway;
import dev.sluice.local.LocalCluster;
import dev.sluice.local.SystemTime;
import dev.sluice.local.api.HttpListener;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;

/// A cluster that a scenario runs on: the embedded one, or a real API server with its own controllers.
sealed interface Cluster extends AutoCloseable {
    String name();

    Gateway gateway();

    /// How other processes, or a proxy, get to its API server.
    Way way() throws IOException;

    /// @param client with the rights of an administrator
    record Way(URI target, HttpClient client) {}

    @Override
    void close();

    private static HttpClient.Builder client() {
        return HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(Duration.ofSeconds(10));
    }

    /// In this process, in real time.
    record Embedded(LocalCluster cluster, SystemTime time, HttpListener listener) implements Cluster {
        static Embedded start() throws IOException {
            var time = new SystemTime();
            var cluster = LocalCluster.builder(time).seed(7).start();
            var anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
            return new Embedded(cluster, time, HttpListener.open(cluster.server(), anyPort));
        }

        @Override
        public Way way() {
            return new Way(listener.uri(), client().build());
        }

        @Override
        public String name() {
            return "embedded";
        }

        @Override
        public Gateway gateway() {
            return cluster.gateway("sluice");
        }

        @Override
        public void close() {
            listener.close();
            cluster.close();
            time.close();
        }
    }

    /// kube-apiserver, controller-manager, scheduler, and nodes whose pods are simulated.
    record Real(ControlPlane plane, KubeGateway gateway, dev.sluice.kube.SystemTime time) implements Cluster {
        static Real start(Binaries binaries) throws Exception {
            var plane = ControlPlane.start(binaries);
            var time = new dev.sluice.kube.SystemTime();
            var settings =
                    new KubeGateway.Settings(Duration.ofSeconds(10), 1 << 22, 7, 200, 400, Duration.ofMinutes(5), 1);
            var access = ClusterAccess.of(plane.kubeconfig(User.user("sluice", "system:masters")));
            return new Real(plane, new KubeGateway(access, settings, time, new CallCounts()), time);
        }

        @Override
        public Way way() {
            var context = plane.sslContext(User.user("proxy", "system:masters"));
            return new Way(plane.url(), client().sslContext(context).build());
        }

        @Override
        public String name() {
            return "real";
        }

        @Override
        public void close() {
            gateway.close();
            time.close();
            plane.close();
        }
    }
}
