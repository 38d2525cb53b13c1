import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.zip.ZipInputStream;

/// Fetches, checks and unpacks the Maven named in `maven.properties`; run from source by `./mvnw`,
/// so that a JDK is all a fresh machine needs: no curl, no tar, no installed Maven.
///
/// Arguments: the properties file, the folder that shall hold `apache-maven-VERSION`.
public final class Fetch {
    /// 10 MB have to come within it.
    private static final Duration MOST = Duration.ofMinutes(5);

    public static void main(String[] args) throws Exception {
        var wanted = new Properties();
        try (var in = Files.newBufferedReader(Path.of(args[0]))) {
            wanted.load(in);
        }
        var version = wanted.getProperty("version");
        var server = Optional.ofNullable(System.getenv("MAVEN_REPO_URL")).orElse(wanted.getProperty("url"));
        var url = URI.create("%s/org/apache/maven/apache-maven/%s/apache-maven-%s-bin.zip".formatted(server, version, version));
        var home = Path.of(args[1]).toAbsolutePath();
        Files.createDirectories(home);
        System.err.println("sluice: fetching Maven " + version + " (once)");
        var zip = Files.createTempFile(home, "maven", ".zip");
        try {
            download(url, zip);
            var sum = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-512").digest(Files.readAllBytes(zip)));
            if (!sum.equals(wanted.getProperty("sha512"))) {
                throw new IOException("its SHA-512 is " + sum + ", expected " + wanted.getProperty("sha512"));
            }
            unpack(zip, home, "apache-maven-" + version);
        } catch (IOException broken) {
            // Now, for the exit below runs no `finally`.
            Files.deleteIfExists(zip);
            System.err.println("sluice: cannot fetch Maven: " + url + ": " + broken);
            System.err.println("  do: check the network or proxy (JAVA_TOOL_OPTIONS=-Dhttps.proxyHost=...),");
            System.err.println("      or name a mirror: MAVEN_REPO_URL=https://mirror/maven2 ./mvnw ...");
            System.exit(1);
        } finally {
            Files.deleteIfExists(zip);
        }
    }

    /// The limit is for the whole download: a request's own ends with the headers, and a mirror may stall in the body.
    private static void download(URI url, Path to) throws IOException, InterruptedException {
        var http = HttpClient.newBuilder().followRedirects(HttpClient.Redirect.NORMAL)
                .connectTimeout(Duration.ofSeconds(20)).build();
        try {
            var answer = http.sendAsync(HttpRequest.newBuilder(url).build(), BodyHandlers.ofFile(to))
                    .get(MOST.toSeconds(), TimeUnit.SECONDS);
            if (answer.statusCode() != 200) throw new IOException("the server answered " + answer.statusCode());
        } catch (TimeoutException stalled) {
            throw new IOException("not done within " + MOST.toSeconds() + " s (" + Files.size(to) + " bytes came)", stalled);
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof IOException why) throw why;
            throw new IOException(failed.getCause());
        } finally {
            // Closing would wait for what is under way.
            http.shutdownNow();
        }
    }

    /// Unpacks beside the target and renames, so that a killed run leaves no half Maven behind.
    private static void unpack(Path zip, Path home, String name) throws IOException {
        var half = Files.createTempDirectory(home, "half");
        try (var in = new ZipInputStream(Files.newInputStream(zip))) {
            for (var entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                var target = half.resolve(entry.getName()).normalize();
                if (!target.startsWith(half)) throw new IOException("entry outside the archive: " + entry.getName());
                if (entry.isDirectory()) {
                    Files.createDirectories(target);
                } else {
                    Files.createDirectories(target.getParent());
                    Files.copy(in, target);
                }
            }
        }
        if (!Files.exists(home.resolve(name))) {
            Files.move(half.resolve(name), home.resolve(name), StandardCopyOption.ATOMIC_MOVE);
        }
    }
}
