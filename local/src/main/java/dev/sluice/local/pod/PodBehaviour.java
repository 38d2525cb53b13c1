package dev.sluice.local.pod;

import dev.sluice.format.GoDuration;
import dev.sluice.json.Json;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/// How the main container of a pod behaves; there is no image to pull, so this *is* the program.
///
/// Read from the image's tag, then from environment variables, which win. A tag is words joined by `-`; those that say
/// nothing about behaviour are the version: `demo/web:v2`, `demo/web:v2-error-5`, `demo/web:blue-latency-200ms`.
///
/// | tag                        | environment              | meaning
/// |
/// |----------------------------|--------------------------|------------------------------------------------------------|
/// | every other word           | `SLUICE_VERSION`         | version shown in answers and metrics
/// |
/// | `blue`, `green`, …         | `SLUICE_COLOUR`          | colour shown in answers
/// |
/// | `error-5` (per cent)       | `SLUICE_ERROR_RATE=0.05` | share of requests answered with 500; `5%` too
/// |
/// | `latency-200ms`            | `SLUICE_LATENCY`         | time added to every answer
/// |
/// | `jitter-50ms`              | `SLUICE_LATENCY_JITTER`  | and up to this much more, evenly
/// |
/// | `crash`                    | `SLUICE_CRASH=true`      | ends with code 1 at once
/// |
/// | `crash-after-30s`          | `SLUICE_CRASH_AFTER`     | ends with code 1 after that time
/// |
/// | `never-ready`              | `SLUICE_NEVER_READY`     | runs, answers 503, never ready
/// |
/// | `slow-start`, `-20s`       | `SLUICE_SLOW_START`      | time from process start to ready; alone: 15 s
/// |
/// | `drain-2s`                 | `SLUICE_DRAIN`           | how long it goes on serving after the signal to end
/// |
/// | `leak-64Ki`                | `SLUICE_LEAK`            | bytes lost per request; ends as OOMKilled at the limit
/// |
/// | `run-5s`                   | `SLUICE_RUN_TIME`        | ends by itself after that time
/// |
/// | `exit-3`                   | `SLUICE_EXIT_CODE`       | code it then ends with
/// |
/// |                            | `SLUICE_ASK=http://b/`   | asks that Service and ends: with 0 once it is satisfied
/// |
/// |                            | `SLUICE_ASK_VERSION=v2`  | … which takes answers of this version; of any where absent
/// |
/// |                            | `SLUICE_ASK_TIMES=3`     | … so many in a row; 1 where absent
/// |
/// |                            | `SLUICE_ASK_WITHIN=30s`  | … within this time, else it ends with 1; 30 s where absent
/// |
/// | `missing`                  |                          | the image cannot be pulled
/// |
/// | `bad-red`, `slow-yellow`   |                          | as Argo's demo images: 15 % errors, 2 s latency
/// |
///
/// A command such as `sh -c "sleep 5; exit 1"` is understood as run time and exit code. A pod that must not restart for
/// ever (`restartPolicy` other than `Always`) runs one second where nothing says otherwise.
///
/// @param errorRate share of requests answered with 500, 0 … 1
/// @param startUp from the start of the process until it reports ready
/// @param drain after the signal to end, the process goes on answering for this long (never beyond the grace period)
/// @param leakPerRequest bytes; 0 for none
/// @param memoryLimit bytes, from `resources.limits.memory`
/// @param run the process ends by itself
/// @param ask the process is a client and not a server; where there is no network it ends as `run` says
public record PodBehaviour(
        String version,
        String colour,
        double errorRate,
        Latency latency,
        Optional<Duration> crashAfter,
        boolean neverReady,
        Duration startUp,
        Duration drain,
        long leakPerRequest,
        long memoryLimit,
        Optional<Run> run,
        Optional<Ask> ask) {

    /// Time added to every answer: `fixed` and, evenly spread, up to `jitter` more.
    public record Latency(Duration fixed, Duration jitter) {
        public static final Latency NONE = new Latency(Duration.ZERO, Duration.ZERO);
    }

    /// A process that ends by itself.
    public record Run(Duration time, int exitCode) {}

    /// A smoke test: asks until it has had so many good answers in a row. A Service that has just got a new selector
    /// may still answer as before for a moment, so one answer of another version only starts the count again.
    ///
    /// @param url of plain HTTP; its host is a Service's name, with or without namespace, or a loopback address
    /// @param version that must answer; empty for any
    /// @param within after which it gives up
    public record Ask(URI url, Optional<String> version, int times, Duration within) {}

    /// What became of reading a pod: a behaviour, or every problem at once.
    public sealed interface Reading {
        record Good(PodBehaviour behaviour) implements Reading {}

        /// The image of a container cannot be pulled; `message` as a kubelet words it.
        record NoImage(String container, String image, String message) implements Reading {}

        /// What was written makes no sense. The container must not start; no other pod is concerned.
        record Bad(List<String> problems) implements Reading {
            public Bad {
                problems = List.copyOf(problems);
            }

            public String message() {
                return String.join("; ", problems);
            }
        }
    }

    /// A plain, healthy server.
    public static final PodBehaviour HEALTHY = new PodBehaviour(
            "latest",
            "grey",
            0,
            Latency.NONE,
            Optional.empty(),
            false,
            Duration.ZERO,
            Duration.ofMillis(500),
            0,
            128L << 20,
            Optional.empty(),
            Optional.empty());

    private static final Duration SLOW_START = Duration.ofSeconds(15);
    private static final Duration SHORT_RUN = Duration.ofSeconds(1);
    private static final Duration ASK_WITHIN = Duration.ofSeconds(30);
    private static final Duration LONGEST = Duration.ofDays(1);
    private static final Set<String> COLOURS =
            new TreeSet<>(List.of("red", "orange", "yellow", "green", "blue", "purple", "grey", "black", "white"));
    private static final Pattern SLEEP = Pattern.compile("\\bsleep\\s+([0-9]+(?:\\.[0-9]+)?)(s|m|h)?(?![0-9.a-z])");
    private static final Pattern EXIT = Pattern.compile("\\bexit\\s+([0-9]{1,3})\\b");
    private static final Pattern BYTES = Pattern.compile("([0-9]{1,12})(Ki|Mi|Gi|k|M|G)?");
    private static final Map<String, Long> UNITS =
            Map.of("Ki", 1L << 10, "Mi", 1L << 20, "Gi", 1L << 30, "k", 1_000L, "M", 1_000_000L, "G", 1_000_000_000L);

    /// Reads the behaviour of a pod's main container: the one named by the annotation
    /// `kubectl.kubernetes.io/default-container`, else the first.
    public static Reading of(Json pod) {
        for (var container : pod.at("spec", "containers").items()) {
            var image = container.at("image").string("");
            if (List.of(tag(image).split("-")).contains("missing")) {
                return new Reading.NoImage(
                        container.at("name").string(""),
                        image,
                        "failed to pull and unpack image \"" + image + "\": not found");
            }
        }
        var container = mainContainer(pod);
        var words = new Words();
        words.tag(tag(container.at("image").string("")));
        words.command(container);
        for (var env : container.at("env").items()) {
            var name = env.at("name").string("");
            if (name.startsWith("SLUICE_")) words.environment(name, env.at("value"));
        }
        words.memoryLimit(container.at("resources", "limits", "memory"));
        return words.reading(!pod.at("spec", "restartPolicy").string("Always").equals("Always"));
    }

    /// The container whose behaviour is the pod's.
    public static Json mainContainer(Json pod) {
        var named = pod.at("metadata", "annotations", "kubectl.kubernetes.io/default-container")
                .asString();
        var containers = pod.at("spec", "containers").items();
        return containers.stream()
                .filter(container -> container.at("name").asString().equals(named))
                .findFirst()
                .or(() -> containers.stream().findFirst())
                .orElse(Json.Null.VALUE);
    }

    /// The tag of an image: `v2` of `host:5000/demo/web:v2@sha256:…`; `latest` where there is none.
    public static String tag(String image) {
        var name = image.contains("@") ? image.substring(0, image.indexOf('@')) : image;
        int colon = name.lastIndexOf(':');
        return colon > name.lastIndexOf('/') ? name.substring(colon + 1) : "latest";
    }

    /// What has been said so far; later words win over earlier ones, problems are collected.
    private static final class Words {
        private final List<String> problems = new ArrayList<>();
        private final Map<String, String> said = new TreeMap<>();
        private Optional<String> version = Optional.empty();
        private Optional<String> colour = Optional.empty();
        private double errorRate;
        private Duration latency = Duration.ZERO;
        private Duration jitter = Duration.ZERO;
        private Optional<Duration> crashAfter = Optional.empty();
        private boolean neverReady;
        private Duration startUp = HEALTHY.startUp;
        private Duration drain = HEALTHY.drain;
        private long leak;
        private long memoryLimit = HEALTHY.memoryLimit;
        private Optional<Duration> runTime = Optional.empty();
        private Optional<Integer> exitCode = Optional.empty();
        private Optional<URI> askUrl = Optional.empty();
        private Optional<String> askVersion = Optional.empty();
        private int askTimes = 1;
        private Duration askWithin = ASK_WITHIN;

        void tag(String tag) {
            var words = List.of(tag.split("-"));
            var rest = new ArrayList<String>();
            int at = 0;
            while (at < words.size()) {
                var here = new Cursor("image tag \"" + tag + "\"", words, at);
                at += switch (words.get(at)) {
                    case "error" -> {
                        if (!here.hasValue()) {
                            errorRate = 1;
                            yield 1;
                        }
                        errorRate = here.percent(problems);
                        yield 2;
                    }
                    case "latency" -> {
                        latency = here.duration(1, problems);
                        yield 2;
                    }
                    case "jitter" -> {
                        jitter = here.duration(1, problems);
                        yield 2;
                    }
                    case "crash" -> {
                        boolean later = here.word(1).equals("after");
                        crashAfter = Optional.of(later ? here.duration(2, problems) : Duration.ZERO);
                        yield later ? 3 : 1;
                    }
                    case "never" -> {
                        if (!here.word(1).equals("ready")) {
                            rest.add("never");
                            yield 1;
                        }
                        neverReady = true;
                        yield 2;
                    }
                    case "slow" -> {
                        if (!here.word(1).equals("start")) {
                            latency = Duration.ofSeconds(2);
                            yield 1;
                        }
                        boolean timed = here.startsWithDigit(2);
                        startUp = timed ? here.duration(2, problems) : SLOW_START;
                        yield timed ? 3 : 2;
                    }
                    case "bad" -> {
                        errorRate = 0.15;
                        yield 1;
                    }
                    case "drain" -> {
                        drain = here.duration(1, problems);
                        yield 2;
                    }
                    case "leak" -> {
                        leak = bytes(here.where(), here.word(1), problems);
                        yield 2;
                    }
                    case "run" -> {
                        runTime = Optional.of(here.duration(1, problems));
                        yield 2;
                    }
                    case "exit" -> {
                        exitCode = Optional.of(exitCode(here.where(), here.word(1), problems));
                        yield 2;
                    }
                    case String other -> {
                        if (COLOURS.contains(other)) colour = Optional.of(other);
                        rest.add(other);
                        yield 1;
                    }
                };
            }
            version = Optional.of(rest.isEmpty() ? tag : String.join("-", rest));
        }

        void command(Json container) {
            var text = new StringBuilder();
            for (var part : container.at("command").items())
                text.append(part.string("")).append(' ');
            for (var part : container.at("args").items())
                text.append(part.string("")).append(' ');
            var sleep = SLEEP.matcher(text);
            var time = Duration.ZERO;
            boolean timed = false;
            while (sleep.find()) {
                var unit = sleep.group(2);
                time = time.plus(GoDuration.parse(sleep.group(1) + (unit == null ? "s" : unit))
                        .orElse(Duration.ZERO));
                timed = true;
            }
            var exit = EXIT.matcher(text);
            if (exit.find()) exitCode = Optional.of(Math.min(255, Integer.parseInt(exit.group(1))));
            if (timed || exitCode.isPresent() && runTime.isEmpty()) runTime = Optional.of(time);
        }

        void environment(String name, Json value) {
            if (value.asString().isEmpty()) return;
            var text = value.string("").strip();
            said.put(name, text);
            switch (name) {
                case "SLUICE_VERSION" -> version = Optional.of(text);
                case "SLUICE_COLOUR", "SLUICE_COLOR" -> colour = Optional.of(text);
                case "SLUICE_ERROR_RATE" -> errorRate = rate(name, text, problems);
                case "SLUICE_LATENCY" -> latency = duration(name, text, problems);
                case "SLUICE_LATENCY_JITTER" -> jitter = duration(name, text, problems);
                case "SLUICE_CRASH" ->
                    crashAfter = truth(name, text, problems) ? Optional.of(Duration.ZERO) : Optional.empty();
                case "SLUICE_CRASH_AFTER" -> crashAfter = Optional.of(duration(name, text, problems));
                case "SLUICE_NEVER_READY" -> neverReady = truth(name, text, problems);
                case "SLUICE_SLOW_START" ->
                    startUp = switch (text.toLowerCase(Locale.ROOT)) {
                        case "true" -> SLOW_START;
                        case "false" -> Duration.ZERO;
                        default -> duration(name, text, problems);
                    };
                case "SLUICE_DRAIN" -> drain = duration(name, text, problems);
                case "SLUICE_LEAK" -> leak = bytes(name, text, problems);
                case "SLUICE_RUN_TIME" -> runTime = Optional.of(duration(name, text, problems));
                case "SLUICE_EXIT_CODE" -> exitCode = Optional.of(exitCode(name, text, problems));
                case "SLUICE_ASK" -> askUrl = url(name, text, problems);
                case "SLUICE_ASK_VERSION" -> askVersion = Optional.of(text);
                case "SLUICE_ASK_TIMES" -> askTimes = times(name, text, problems);
                case "SLUICE_ASK_WITHIN" -> askWithin = duration(name, text, problems);
                default ->
                    problems.add(name + ": no such setting; those that exist are SLUICE_VERSION, SLUICE_COLOUR,"
                            + " SLUICE_ERROR_RATE, SLUICE_LATENCY, SLUICE_LATENCY_JITTER, SLUICE_CRASH,"
                            + " SLUICE_CRASH_AFTER, SLUICE_NEVER_READY, SLUICE_SLOW_START, SLUICE_DRAIN, SLUICE_LEAK,"
                            + " SLUICE_RUN_TIME, SLUICE_EXIT_CODE,"
                            + " SLUICE_ASK, SLUICE_ASK_VERSION, SLUICE_ASK_TIMES, SLUICE_ASK_WITHIN");
            }
        }

        void memoryLimit(Json limit) {
            limit.asString()
                    .filter(text -> BYTES.matcher(text).matches())
                    .ifPresent(text -> memoryLimit = bytes("resources.limits.memory", text, problems));
        }

        Reading reading(boolean ends) {
            if (!problems.isEmpty()) return new Reading.Bad(problems);
            Optional<Run> run = Optional.empty();
            if (runTime.isPresent() || exitCode.isPresent() || ends) {
                run = Optional.of(new Run(runTime.orElse(SHORT_RUN), exitCode.orElse(0)));
            }
            var name = version.orElse(HEALTHY.version);
            return new Reading.Good(new PodBehaviour(
                    name,
                    colour.orElseGet(() -> colourOf(name)),
                    errorRate,
                    new Latency(latency, jitter),
                    crashAfter,
                    neverReady,
                    startUp,
                    drain,
                    leak,
                    memoryLimit,
                    run,
                    askUrl.map(url -> new Ask(url, askVersion, askTimes, askWithin))));
        }
    }

    /// A colour for a version that names none, so that `v1` and `v2` look different in a terminal.
    private static String colourOf(String version) {
        var palette = List.of("blue", "green", "orange", "purple", "yellow");
        var digits = version.replaceAll("[^0-9]", "");
        int number = digits.isEmpty()
                ? version.hashCode() & 0xff
                : Integer.parseInt(digits, 0, Math.min(6, digits.length()), 10) - 1;
        return palette.get(Math.floorMod(number, palette.size()));
    }

    private record Cursor(String where, List<String> words, int at) {
        String word(int ahead) {
            return at + ahead < words.size() ? words.get(at + ahead) : "";
        }

        boolean startsWithDigit(int ahead) {
            return !word(ahead).isEmpty() && Character.isDigit(word(ahead).charAt(0));
        }

        boolean hasValue() {
            return !word(1).isEmpty() && !COLOURS.contains(word(1));
        }

        double percent(List<String> problems) {
            return rate(where, word(1) + "%", problems);
        }

        Duration duration(int ahead, List<String> problems) {
            return PodBehaviour.duration(where + ", after \"" + words.get(at) + "\"", word(ahead), problems);
        }
    }

    private static double rate(String where, String text, List<String> problems) {
        boolean percent = text.endsWith("%");
        var digits = percent ? text.substring(0, text.length() - 1) : text;
        if (digits.matches("[0-9]{1,3}(\\.[0-9]{1,6})?|\\.[0-9]{1,6}")) {
            double rate = Double.parseDouble(digits) / (percent ? 100 : 1);
            if (rate <= 1) return rate;
        }
        problems.add(where + ": an error rate is a share such as 0.05 or 5%, at most all of it, not \"" + text + "\"");
        return 0;
    }

    private static Duration duration(String where, String text, List<String> problems) {
        Predicate<Duration> fits = duration -> !duration.isNegative() && duration.compareTo(LONGEST) <= 0;
        var duration = GoDuration.parse(text).filter(fits);
        if (duration.isEmpty()) {
            problems.add(where + ": expected a duration such as 200ms or 1m30s, at most a day, not \"" + text + "\"");
        }
        return duration.orElse(Duration.ZERO);
    }

    private static long bytes(String where, String text, List<String> problems) {
        var matcher = BYTES.matcher(text);
        if (!matcher.matches()) {
            problems.add(where + ": expected bytes such as 512, 64Ki or 1Mi, not \"" + text + "\"");
            return 0;
        }
        var unit = matcher.group(2);
        return Math.multiplyExact(Long.parseLong(matcher.group(1)), unit == null ? 1L : UNITS.getOrDefault(unit, 1L));
    }

    private static boolean truth(String where, String text, List<String> problems) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "true", "1", "yes" -> true;
            case "false", "0", "no", "" -> false;
            default -> {
                problems.add(where + ": expected true or false, not \"" + text + "\"");
                yield false;
            }
        };
    }

    private static int exitCode(String where, String text, List<String> problems) {
        if (text.matches("[0-9]{1,3}") && Integer.parseInt(text) <= 255) return Integer.parseInt(text);
        problems.add(where + ": an exit code is 0 to 255, not \"" + text + "\"");
        return 0;
    }

    private static Optional<URI> url(String name, String text, List<String> problems) {
        try {
            var url = new URI(text);
            if ("http".equals(url.getScheme()) && url.getHost() != null) return Optional.of(url);
        } catch (URISyntaxException malformed) {
            // Told below, as every other text that is no such address.
        }
        problems.add(name + ": expected a URL such as http://b/ or http://b.shop:8080/health, not \"" + text + "\"");
        return Optional.empty();
    }

    private static int times(String name, String text, List<String> problems) {
        if (text.matches("[0-9]{1,4}") && Integer.parseInt(text) > 0) return Integer.parseInt(text);
        problems.add(name + ": expected a number from 1 to 9999, not \"" + text + "\"");
        return 1;
    }

    /// What is not as in [#HEALTHY], for log lines: `error-rate=0.05 latency=200ms`.
    public String differences() {
        var words = new LinkedHashMap<String, String>();
        if (errorRate > 0) words.put("error-rate", String.valueOf(errorRate));
        if (!latency.equals(Latency.NONE)) {
            words.put("latency", GoDuration.text(latency.fixed) + "+" + GoDuration.text(latency.jitter));
        }
        crashAfter.ifPresent(after -> words.put("crash-after", GoDuration.text(after)));
        if (neverReady) words.put("never-ready", "true");
        if (!startUp.isZero()) words.put("start-up", GoDuration.text(startUp));
        if (leakPerRequest > 0) words.put("leak", String.valueOf(leakPerRequest));
        ask.ifPresent(it -> words.put("ask", it.url.toString()));
        run.ifPresent(end -> words.put("run", GoDuration.text(end.time) + " exit " + end.exitCode));
        var text = new StringBuilder();
        words.forEach((word, value) ->
                text.append(text.isEmpty() ? "" : " ").append(word).append('=').append(value));
        return text.toString();
    }
}
