package dev.sluice.e2e.controlplane;

import dev.sluice.e2e.controlplane.Authority.Identity;
import dev.sluice.json.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;

/// A Kubernetes control plane of its own, on loopback, with three simulated nodes; empty at the start.
///
/// ```java
/// try (var plane = ControlPlane.start(Binaries.find().orElseThrow())) {
///     var config = plane.kubeconfig(User.user("sluice", "system:masters"));
///     …
/// }
/// ```
///
/// Several may run at once: each has its own ports and its own temporary folder. The start waits until the nodes take
/// pods, so that a test needs no warm-up of its own. [#close] ends exactly the processes started here, and so does the
/// end of the JVM, however it comes.
///
/// What pods do is told in `stages.yaml` beside this class. With `-Dsluice.controlplane.keep=true` the folder, logs and
/// all, outlives the control plane.
public final class ControlPlane implements AutoCloseable {
    private static final int NODES = 3;
    private static final boolean KEEP = Boolean.getBoolean("sluice.controlplane.keep");

    /// Generous on purpose: it is a bound for a busy machine, the start takes some 5 s on an idle one.
    private static final Duration START_LIMIT = Duration.ofMinutes(3);

    private static final Duration REQUEST_LIMIT = Duration.ofSeconds(30);
    private static final Duration POLL = Duration.ofMillis(50);

    /// Below the ports that systems give to outgoing connections, one of which might else hold the port when the API
    /// server is to come back to it after [#killApiServer].
    private static final int FIRST_PORT = 20_000;

    private static final int LAST_PORT = 32_000;

    private final Binaries binaries;
    private final Path folder;
    private final Guard guard;
    private final Authority authority;
    private final URI url;
    private final HttpClient admin;
    private final Thread hook = new Thread(this::end, "control-plane-end");

    private final Component etcd;
    private final Component apiServer;
    private final Component controllerManager;
    private final Component scheduler;
    private final Component nodes;

    private boolean ended;

    /// Starts one and waits until it is ready.
    ///
    /// @throws IllegalStateException naming the component that did not come up, with the end of its log
    public static ControlPlane start(Binaries binaries) throws IOException, InterruptedException {
        ControlPlane plane;
        try {
            plane = new ControlPlane(binaries);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK cannot make RSA certificates", e);
        }
        try {
            plane.bringUp();
            return plane;
        } catch (Throwable e) {
            plane.close();
            throw e;
        }
    }

    private ControlPlane(Binaries binaries) throws IOException, GeneralSecurityException {
        this.binaries = binaries;
        folder = Files.createTempDirectory("sluice-controlplane-");
        Files.createDirectory(logs());
        Files.createDirectory(folder.resolve("home"));
        guard = new Guard(KEEP ? Optional.empty() : Optional.of(folder));
        authority = new Authority();
        var ports = freePorts(4);
        url = URI.create("https://127.0.0.1:" + ports.get(0));
        admin = HttpClient.newBuilder()
                .sslContext(sslContext(User.ADMIN))
                .connectTimeout(REQUEST_LIMIT)
                .build();

        var authorityFile = write("ca.crt", authority.self().certificatePem());
        var authorityKeyFile = write("ca.key", authority.self().keyPem());
        var server = authority.server(
                "kube-apiserver",
                List.of(
                        "localhost",
                        "kubernetes",
                        "kubernetes.default",
                        "kubernetes.default.svc",
                        "kubernetes.default.svc.cluster.local"),
                List.of("127.0.0.1", "10.96.0.1"));
        var serviceAccounts = Authority.newKeys();
        var serviceAccountKeyFile = write(
                "service-accounts.key",
                Authority.pem("PRIVATE KEY", serviceAccounts.getPrivate().getEncoded()));
        var etcdUrl = "http://127.0.0.1:" + ports.get(1);
        var etcdPeerUrl = "http://127.0.0.1:" + ports.get(2);

        etcd = component(
                "etcd",
                "--name=test",
                "--data-dir=" + folder.resolve("etcd"),
                // The data need not outlive the machine, and an fsync per write is most of a write's time.
                "--unsafe-no-fsync",
                "--quota-backend-bytes=4294967296",
                "--listen-client-urls=" + etcdUrl,
                "--advertise-client-urls=" + etcdUrl,
                "--listen-peer-urls=" + etcdPeerUrl,
                "--initial-advertise-peer-urls=" + etcdPeerUrl,
                "--initial-cluster=test=" + etcdPeerUrl);
        apiServer = component(
                "kube-apiserver",
                "--etcd-servers=" + etcdUrl,
                "--bind-address=127.0.0.1",
                "--secure-port=" + url.getPort(),
                "--tls-cert-file=" + write("server.crt", server.certificatePem()),
                "--tls-private-key-file=" + write("server.key", server.keyPem()),
                "--client-ca-file=" + authorityFile,
                "--service-account-key-file="
                        + write(
                                "service-accounts.pub",
                                Authority.pem(
                                        "PUBLIC KEY",
                                        serviceAccounts.getPublic().getEncoded())),
                "--service-account-signing-key-file=" + serviceAccountKeyFile,
                "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
                "--service-cluster-ip-range=10.96.0.0/16",
                "--authorization-mode=Node,RBAC",
                "--allow-privileged=true",
                // Nothing in the cluster calls the API through a Service, and EndpointSlices refuse loopback.
                "--endpoint-reconciler-type=none",
                "--event-ttl=30m",
                "--audit-policy-file=" + write("audit-policy.yaml", Binaries.resource("audit-policy.yaml")),
                "--audit-log-path=" + auditLog());
        // Port 0 turns their own HTTP servers off: nobody asks them, and fixed ports would keep a second plane out.
        controllerManager = component(
                "kube-controller-manager",
                "--kubeconfig=" + kubeconfig(User.user("system:kube-controller-manager")),
                "--secure-port=0",
                "--leader-elect=false",
                "--use-service-account-credentials",
                "--service-account-private-key-file=" + serviceAccountKeyFile,
                "--root-ca-file=" + authorityFile,
                "--cluster-signing-cert-file=" + authorityFile,
                "--cluster-signing-key-file=" + authorityKeyFile,
                "--kube-api-qps=200",
                "--kube-api-burst=400",
                "--concurrent-replicaset-syncs=20");
        scheduler = component(
                "kube-scheduler",
                "--kubeconfig=" + kubeconfig(User.user("system:kube-scheduler")),
                "--secure-port=0",
                "--leader-elect=false",
                "--kube-api-qps=200",
                "--kube-api-burst=400");
        nodes = component(
                "kwok",
                "--kubeconfig=" + kubeconfig(User.user("kwok", "system:masters")),
                "--config=" + write("stages.yaml", Binaries.resource("stages.yaml")),
                "--manage-all-nodes=false",
                "--manage-nodes-with-label-selector=type=kwok",
                "--cidr=10.244.0.1/16",
                "--node-ip=10.250.0.1",
                "--node-lease-duration-seconds=40",
                "--server-address=127.0.0.1:" + ports.get(3));
    }

    /// Of the API server, `https://127.0.0.1:…`.
    public URI url() {
        return url;
    }

    public Binaries binaries() {
        return binaries;
    }

    /// The folder of the log files, one for each component.
    public Path logs() {
        return folder.resolve("logs");
    }

    /// One JSON object a line (audit.k8s.io/v1 Event, level Metadata) for each request but those of the control plane
    /// itself and of [User#ADMIN], so that the requests of a controller under test can be counted.
    public Path auditLog() {
        return logs().resolve("audit.log");
    }

    /// For a client that shows this user's certificate and trusts this API server.
    public SSLContext sslContext(User user) {
        try {
            return authority.sslContext(authority.client(user));
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("no TLS context for " + user, e);
        }
    }

    /// A file for kubectl and other clients, certificates included; it goes with the control plane.
    public Path kubeconfig(User user) {
        try {
            return write("kubeconfig-" + user.name().replace(':', '-'), kubeconfig(authority.client(user)));
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("no kubeconfig for " + user, e);
        }
    }

    /// One request as [User#ADMIN].
    ///
    /// @param path from the root: `/apis/apps/v1/namespaces/shop/deployments`
    /// @param body JSON; a merge patch where the method is `PATCH`
    /// @return whatever the server answered, errors included
    /// @throws IOException where it did not answer
    public HttpResponse<String> send(String method, String path, Optional<String> body)
            throws IOException, InterruptedException {
        var type = method.equals("PATCH") ? "application/merge-patch+json" : "application/json";
        var request = HttpRequest.newBuilder(url.resolve(path))
                .timeout(REQUEST_LIMIT)
                .header("Accept", "application/json")
                .header("Content-Type", type)
                .method(
                        method,
                        body.map(HttpRequest.BodyPublishers::ofString).orElseGet(HttpRequest.BodyPublishers::noBody))
                .build();
        return admin.send(request, HttpResponse.BodyHandlers.ofString());
    }

    /// Something to wait for; it may fail while the API server is away, which counts as "not yet".
    @FunctionalInterface
    public interface Condition {
        boolean holds() throws IOException, InterruptedException;
    }

    /// Waits until the condition holds.
    ///
    /// @param what the condition in words, for the error
    /// @throws IllegalStateException where the limit passed or a component has ended meanwhile, with what is known
    public void await(String what, Duration limit, Condition condition) throws InterruptedException {
        await(what, limit, running(), condition);
    }

    /// Ends the API server without warning, as a crash would. etcd keeps the state, clients see refused connections.
    public void killApiServer() throws IOException {
        apiServer.kill();
        guard.forget(apiServer.handle().orElseThrow());
    }

    /// Starts the API server again on the same port, after [#killApiServer], and waits until it is ready.
    public void restartApiServer() throws IOException, InterruptedException {
        launch(apiServer);
        awaitApiServer();
    }

    /// The processes started here that still run, for a test that looks for leftovers.
    public List<ProcessHandle> processes() {
        var own = components().stream().flatMap(component -> component.handle().stream());
        return Stream.concat(own, Stream.of(guard.handle()))
                .filter(ProcessHandle::isAlive)
                .toList();
    }

    @Override
    public void close() {
        end();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException _) {
            // The JVM is ending already: the hook is at work or has done it.
        }
    }

    private void bringUp() throws IOException, InterruptedException {
        Runtime.getRuntime().addShutdownHook(hook);
        launch(etcd);
        launch(apiServer);
        awaitApiServer();
        launch(controllerManager);
        launch(scheduler);
        launch(nodes);
        for (var i = 1; i <= NODES; i++) createNode("node-" + i);
        // Without its default account a namespace refuses pods; while a node is tainted it gets none.
        await(
                "the nodes and the default service account",
                START_LIMIT,
                () -> send("GET", "/api/v1/namespaces/default/serviceaccounts/default", Optional.empty())
                                        .statusCode()
                                == 200
                        && nodesReady());
    }

    /// In turn with [#end], or the end of the JVM during a start would leave a process behind.
    private synchronized void launch(Component component) throws IOException {
        if (ended) throw new IllegalStateException("the control plane is closed");
        component.start();
        guard.watch(component.handle().orElseThrow());
    }

    private void awaitApiServer() throws InterruptedException {
        await(
                "the API server's /readyz",
                START_LIMIT,
                List.of(etcd, apiServer),
                () -> send("GET", "/readyz", Optional.empty()).statusCode() == 200);
    }

    private void createNode(String name) throws IOException, InterruptedException {
        var labels = Json.obj("type", "kwok", "kubernetes.io/hostname", name, "kubernetes.io/os", "linux");
        var metadata = Json.obj("name", name, "labels", labels, "annotations", Json.obj("kwok.x-k8s.io/node", "fake"));
        var node = Json.obj("apiVersion", "v1", "kind", "Node", "metadata", metadata);
        var answer = send("POST", "/api/v1/nodes", Optional.of(node.text()));
        if (answer.statusCode() != 201)
            throw new IllegalStateException("node " + name + " was refused: " + answer.body());
    }

    private boolean nodesReady() throws IOException, InterruptedException {
        var list = Json.parse(send("GET", "/api/v1/nodes", Optional.empty()).body())
                .at("items");
        return list.items().size() == NODES && list.items().stream().allMatch(ControlPlane::takesPods);
    }

    private static boolean takesPods(Json node) {
        var ready = node.at("status", "conditions").items().stream()
                .anyMatch(condition -> condition.at("type").string("").equals("Ready")
                        && condition.at("status").string("").equals("True"));
        return ready && node.at("spec", "taints").isNull();
    }

    private static void await(String what, Duration limit, List<Component> watched, Condition condition)
            throws InterruptedException {
        var end = Instant.now().plus(limit);
        var last = "it did not hold";
        while (true) {
            for (var component : watched) {
                if (!component.isAlive())
                    throw new IllegalStateException("waiting for " + what + ": " + component.report());
            }
            try {
                if (condition.holds()) return;
                last = "it did not hold";
            } catch (IOException e) {
                last = e.toString();
            }
            if (Instant.now().isAfter(end))
                throw new IllegalStateException("waited " + limit + " for " + what + ", at last: " + last + "\n"
                        + String.join(
                                "\n", watched.stream().map(Component::report).toList()));
            watched.getLast().pause(POLL);
        }
    }

    private List<Component> components() {
        return List.of(nodes, scheduler, controllerManager, apiServer, etcd);
    }

    /// Those that a wait may rely on: all but an API server that was killed on purpose.
    private List<Component> running() {
        return components().stream()
                .filter(component -> component != apiServer || apiServer.isAlive())
                .toList();
    }

    private synchronized void end() {
        ended = true;
        admin.shutdownNow();
        // Killed rather than asked: there is nothing worth saving, and an API server lingers for its open watches.
        components().forEach(Component::kill);
        guard.dismiss();
        if (KEEP) return;
        try {
            delete(folder);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot remove " + folder, e);
        }
    }

    private static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) return;
        try (var all = Files.walk(folder)) {
            // Backwards, so that a folder comes after what is in it.
            for (var path : all.sorted(Comparator.reverseOrder()).toList()) Files.delete(path);
        }
    }

    private Component component(String program, String... arguments) {
        var command = new ArrayList<String>();
        command.add(binaries.program(program).toString());
        command.addAll(List.of(arguments));
        return new Component(program, command, logs().resolve(program + ".log"), folder.resolve("home"));
    }

    private String kubeconfig(Identity identity) throws GeneralSecurityException {
        return """
                apiVersion: v1
                kind: Config
                clusters:
                  - name: test
                    cluster:
                      server: %s
                      certificate-authority-data: %s
                users:
                  - name: test
                    user:
                      client-certificate-data: %s
                      client-key-data: %s
                contexts:
                  - name: test
                    context: {cluster: test, user: test}
                current-context: test
                """.formatted(
                        url,
                        base64(authority.self().certificatePem()),
                        base64(identity.certificatePem()),
                        base64(identity.keyPem()));
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.US_ASCII));
    }

    private Path write(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }

    /// Free at the moment: all are held until the last is found, so that they differ.
    private static List<Integer> freePorts(int count) throws IOException {
        var held = new ArrayList<ServerSocket>();
        try {
            while (held.size() < count) {
                var port = ThreadLocalRandom.current().nextInt(FIRST_PORT, LAST_PORT);
                try {
                    held.add(new ServerSocket(port, 1, InetAddress.ofLiteral("127.0.0.1")));
                } catch (BindException _) {
                    // In use: draw another.
                }
            }
            return held.stream().map(ServerSocket::getLocalPort).toList();
        } finally {
            for (var socket : held) socket.close();
        }
    }
}
