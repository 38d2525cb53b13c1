package dev.sluice.kube.client;

import io.fabric8.kubernetes.api.model.NamedContext;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.File;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.ssl.KeyManager;
import org.jspecify.annotations.Nullable;

/// Which cluster, and as whom: what kubectl's flags of the same names say.
///
/// Without a file: the files of `KUBECONFIG`, else `~/.kube/config`, else the service account of the pod we run in.
/// Credentials of every kind are the client library's business (tokens, exec plug-ins and their renewal, OIDC, basic),
/// except the private keys of client certificates, see [ClientKey].
///
/// @param kubeconfig `--kubeconfig`
/// @param context `--context`, else the file's current one
/// @param user `--as`
/// @param groups `--as-group`
public record ClusterAccess(
        Optional<Path> kubeconfig, Optional<String> context, Optional<String> user, List<String> groups) {
    /// What the library believes the API server to be where nothing says so.
    private static final String NOWHERE = "https://kubernetes.default.svc";

    /// Bytes of a kubeconfig; one with the certificates of a hundred clusters has half a million.
    private static final long LARGEST = 16 * 1024 * 1024;

    public ClusterAccess {
        groups = List.copyOf(groups);
    }

    /// As kubectl without flags.
    public static ClusterAccess standard() {
        return new ClusterAccess(Optional.empty(), Optional.empty(), Optional.empty(), List.of());
    }

    public static ClusterAccess of(Path kubeconfig) {
        return new ClusterAccess(Optional.of(kubeconfig), Optional.empty(), Optional.empty(), List.of());
    }

    public ClusterAccess context(String name) {
        return new ClusterAccess(kubeconfig, Optional.of(name), user, groups);
    }

    public ClusterAccess as(String name, String... groups) {
        return new ClusterAccess(kubeconfig, context, Optional.of(name), List.of(groups));
    }

    /// The API server's URL, without a slash at its end.
    ///
    /// @throws KubeconfigException as [#resolve]
    public String server() {
        return resolve(Duration.ofSeconds(10)).server();
    }

    /// The namespace of the context, of the pod we run in, or `default`.
    ///
    /// @throws KubeconfigException as [#resolve]
    public String namespace() {
        var namespace = resolve(Duration.ofSeconds(10)).config().getNamespace();
        return namespace == null || namespace.isBlank() ? "default" : namespace;
    }

    /// @param keys of the client certificate, taken out of `config`; none without one
    record Resolved(Config config, List<KeyManager> keys) {
        String server() {
            var url = config.getMasterUrl();
            return url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
        }
    }

    /// @throws KubeconfigException when there is no such file or context, or what they say is unusable
    Resolved resolve(Duration timeout) {
        var config = kubeconfig.map(this::read).orElseGet(this::find);
        context.ifPresent(wanted -> {
            var chosen = config.getCurrentContext();
            if (chosen == null || !wanted.equals(chosen.getName())) {
                throw new KubeconfigException(
                        "context \"" + wanted + "\" does not exist in " + place() + "; there are: " + contexts(config));
            }
        });
        boolean chooses = config.getCurrentContext() != null;
        if (!chooses
                && !Optional.ofNullable(config.getContexts()).orElse(List.of()).isEmpty()) {
            throw new KubeconfigException(place() + ": its current-context is missing or names none of its contexts;"
                    + " give --context NAME, one of: " + contexts(config));
        }
        boolean nowhere = !chooses && kubeconfig.isPresent();
        if (nowhere || config.getMasterUrl() == null || config.getMasterUrl().isBlank()) {
            throw new KubeconfigException(
                    place() + ": names no server; check its current-context, contexts and clusters, or give --context");
        }
        // Retries are the caller's, who knows whether a repetition does harm.
        config.setRequestRetryBackoffLimit(0);
        config.setRequestTimeout((int) timeout.toMillis());
        config.setConnectionTimeout((int) timeout.toMillis());
        // One connection per watch and call. Over HTTP/2 all would share one, and the JDK's client has no ping: when
        // that one goes dead silently, every call times out on it for a quarter of an hour.
        config.setHttp2Disable(true);
        config.setUserAgent("sluice");
        user.ifPresent(config::setImpersonateUsername);
        if (!groups.isEmpty()) config.setImpersonateGroups(groups.toArray(String[]::new));
        return new Resolved(config, takeKeys(config));
    }

    private Config read(Path file) {
        if (!Files.isReadable(file)) {
            throw new KubeconfigException("kubeconfig " + file + ": no such file, or not readable");
        }
        check(file);
        try {
            return Config.fromKubeconfig(context.orElse(null), file.toFile());
        } catch (RuntimeException unusable) {
            throw new KubeconfigException("kubeconfig " + file + ": " + root(unusable), unusable);
        }
    }

    /// What the library fails on without a word that helps.
    private static void check(Path file) {
        var name = "kubeconfig " + file;
        if (Files.isDirectory(file)) {
            throw new KubeconfigException(name + ": is a folder; name the file in it");
        }
        String text;
        try {
            if (Files.size(file) > LARGEST) {
                throw new KubeconfigException(name + ": is larger than " + LARGEST + " bytes, so it is none");
            }
            text = Files.readString(file);
        } catch (CharacterCodingException binary) {
            throw new KubeconfigException(name + ": is no text", binary);
        } catch (IOException unreadable) {
            throw new KubeconfigException(name + ": cannot be read (" + unreadable.getMessage() + ")", unreadable);
        }
        var expected = "expected are clusters, contexts, users and current-context, as kubectl writes them";
        if (text.isBlank()) throw new KubeconfigException(name + ": is empty; " + expected);
        Object content;
        try {
            content = Serialization.unmarshal(text, Object.class);
        } catch (RuntimeException noYaml) {
            throw new KubeconfigException(name + ": is no YAML: " + root(noYaml) + "; " + expected, noYaml);
        }
        if (!(content instanceof Map<?, ?> fields)
                || Stream.of("clusters", "contexts", "users", "current-context", "kind")
                        .noneMatch(fields::containsKey)) {
            throw new KubeconfigException(name + ": is no kubeconfig; " + expected);
        }
    }

    /// The files that are looked at where none was named; those that do not exist are none, as kubectl has it.
    private static List<Path> usual() {
        var files = Optional.ofNullable(System.getenv("KUBECONFIG")).filter(list -> !list.isBlank());
        return files.map(list -> Stream.of(list.split(Pattern.quote(File.pathSeparator)))
                        .filter(file -> !file.isBlank())
                        .map(Path::of)
                        .filter(Files::exists)
                        .toList())
                .orElse(List.of());
    }

    private Config find() {
        usual().forEach(ClusterAccess::check);
        Config config;
        try {
            config = Config.autoConfigure(context.orElse(null));
        } catch (RuntimeException unusable) {
            throw new KubeconfigException(place() + ": " + root(unusable), unusable);
        }
        boolean inCluster = Files.isReadable(Path.of(Config.KUBERNETES_SERVICE_ACCOUNT_TOKEN_PATH));
        var url = config.getMasterUrl();
        if (config.getCurrentContext() == null && !inCluster && (url == null || url.startsWith(NOWHERE))) {
            throw new KubeconfigException("no cluster: " + place()
                    + " does not exist and this is not a pod of one; give --kubeconfig FILE or set KUBECONFIG");
        }
        return config;
    }

    private String place() {
        return kubeconfig
                .map(Path::toString)
                .or(() -> Optional.ofNullable(System.getenv("KUBECONFIG")).filter(files -> !files.isBlank()))
                .map(file -> "kubeconfig " + file)
                .orElse("~/.kube/config");
    }

    private static String contexts(Config config) {
        var names = Optional.ofNullable(config.getContexts()).orElse(List.of()).stream()
                .map(NamedContext::getName)
                .sorted()
                .collect(Collectors.joining(", "));
        return names.isEmpty() ? "none" : names;
    }

    /// Takes certificate and key out of the configuration, so that the library does not try to read them.
    private static List<KeyManager> takeKeys(Config config) {
        var certificate = pem("client certificate", config.getClientCertData(), config.getClientCertFile());
        var key = pem("client key", config.getClientKeyData(), config.getClientKeyFile());
        if (certificate.isEmpty() && key.isEmpty()) return List.of();
        if (certificate.isEmpty()) throw new KubeconfigException("there is a client key but no client certificate");
        if (key.isEmpty()) throw new KubeconfigException("there is a client certificate but no client key");
        var managers = ClientKey.managers(certificate.get(), key.get());
        config.setClientCertData(null);
        config.setClientCertFile(null);
        config.setClientKeyData(null);
        config.setClientKeyFile(null);
        return managers;
    }

    /// `…-data` fields are base64 in files, plain PEM when an exec plug-in said them.
    private static Optional<String> pem(String what, @Nullable String data, @Nullable String file) {
        try {
            if (data != null && !data.isBlank()) {
                return Optional.of(
                        data.contains("-----BEGIN")
                                ? data
                                : new String(Base64.getMimeDecoder().decode(data), StandardCharsets.UTF_8));
            }
            if (file != null && !file.isBlank()) return Optional.of(Files.readString(Path.of(file)));
            return Optional.empty();
        } catch (IllegalArgumentException e) {
            throw new KubeconfigException(what + ": the data is not base64", e);
        } catch (IOException e) {
            throw new KubeconfigException(what + " " + file + ": cannot be read (" + e.getMessage() + ")", e);
        }
    }

    private static String root(Throwable thrown) {
        var cause = thrown;
        while (cause.getCause() != null) cause = cause.getCause();
        var message = cause.getMessage();
        return message == null
                ? cause.getClass().getSimpleName()
                : message.lines().findFirst().orElse("");
    }
}
