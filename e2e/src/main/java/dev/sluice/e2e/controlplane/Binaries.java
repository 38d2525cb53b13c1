package dev.sluice.e2e.controlplane;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/// The programs of a control plane: one folder that holds them all.
///
/// `KUBEBUILDER_ASSETS` wins where it is complete; else it is the folder that `e2e/controlplane/build`
/// fills, whose name is made of the versions in the `go.mod` files beside that script.
public record Binaries(Path folder) {
    static final List<String> PROGRAMS =
            List.of("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubectl", "kwok");

    /// What to tell someone for whom [#find] is empty.
    public static final String REMEDY = "no Kubernetes control plane to test against: run e2e/controlplane/build once"
            + " (some minutes), or set KUBEBUILDER_ASSETS to a folder that holds " + String.join(", ", PROGRAMS);

    /// The programs on this machine, or empty where there is no complete set; then see [#REMEDY].
    public static Optional<Binaries> find() {
        return find(System.getenv());
    }

    static Optional<Binaries> find(Map<String, String> environment) {
        return variable(environment, "KUBEBUILDER_ASSETS")
                .filter(Binaries::isComplete)
                .or(() -> Optional.of(cache(environment)).filter(Binaries::isComplete))
                .map(Binaries::new);
    }

    /// Where the build script puts what it builds; it says the same with `--where`.
    static Path cache(Map<String, String> environment) {
        var caches = variable(environment, "XDG_CACHE_HOME")
                .orElseGet(() -> variable(environment, "HOME")
                        .orElseGet(() -> Path.of(System.getProperty("user.home")))
                        .resolve(".cache"));
        var versions = "kubernetes-" + required("kubernetes", "k8s.io/kubernetes")
                + "-etcd-" + required("etcd", "go.etcd.io/etcd/server/v3")
                + "-kwok-" + required("kwok", "sigs.k8s.io/kwok")
                + "-kubectl-" + required("kubectl", "k8s.io/kubectl");
        return caches.resolve("sluice/controlplane").resolve(versions);
    }

    /// @param name one of the programs, `kubectl` for instance
    public Path program(String name) {
        if (!PROGRAMS.contains(name)) throw new IllegalArgumentException(name + " is none of " + PROGRAMS);
        return folder.resolve(name);
    }

    private static boolean isComplete(Path folder) {
        return PROGRAMS.stream().allMatch(program -> Files.isExecutable(folder.resolve(program)));
    }

    /// A variable that is set but empty counts as not set, as in `${NAME:-…}` of the script.
    private static Optional<Path> variable(Map<String, String> environment, String name) {
        return Optional.ofNullable(environment.get(name))
                .filter(value -> !value.isEmpty())
                .map(Path::of);
    }

    private static String required(String folder, String module) {
        var text = resource(folder + "/go.mod");
        var line = Pattern.compile("^(?:require)?\\s+" + Pattern.quote(module) + " v(\\S+)", Pattern.MULTILINE)
                .matcher(text);
        if (!line.find())
            throw new IllegalStateException("controlplane/" + folder + "/go.mod requires no version of " + module);
        return line.group(1);
    }

    static String resource(String name) {
        try (var in = Binaries.class.getResourceAsStream(name)) {
            if (in == null) throw new IllegalStateException("the build left out the resource " + name);
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
