package dev.sluice.tidy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.instruction.InvokeInstruction;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Reads class files for calls that would make the core depend on anything but its input.
final class PureCore {
    /// What may not be called, and what to do instead. The name `*` is every method of the class.
    private static final Map<String, Map<String, String>> FORBIDDEN = Map.ofEntries(
            Map.entry("java/time/Instant", Map.of("now", "take Observation.now()")),
            Map.entry("java/time/LocalDateTime", Map.of("now", "take Observation.now()")),
            Map.entry("java/time/ZonedDateTime", Map.of("now", "take Observation.now()")),
            Map.entry("java/time/Clock", Map.of("*", "take Observation.now()")),
            Map.entry(
                    "java/lang/System",
                    Map.of(
                            "currentTimeMillis", "take Observation.now()",
                            "nanoTime", "take Observation.now()",
                            "getenv", "pass configuration in",
                            "getProperty", "pass configuration in",
                            "exit", "return a decision")),
            Map.entry("java/lang/Thread", Map.of("*", "leave concurrency to the edge")),
            Map.entry("java/util/concurrent/Executors", Map.of("*", "leave concurrency to the edge")),
            Map.entry("java/util/concurrent/CompletableFuture", Map.of("*", "leave concurrency to the edge")),
            Map.entry("java/util/Timer", Map.of("*", "return Decision.wakeAt")),
            Map.entry("java/lang/Math", Map.of("random", "pass a seed in")),
            Map.entry("java/util/UUID", Map.of("randomUUID", "pass names in")),
            Map.entry("java/util/concurrent/ThreadLocalRandom", Map.of("*", "pass a seed in")),
            Map.entry("java/security/SecureRandom", Map.of("*", "pass a seed in")),
            Map.entry("java/nio/file/Files", Map.of("*", "leave files to the edge")),
            Map.entry("java/io/FileInputStream", Map.of("*", "leave files to the edge")),
            Map.entry("java/net/Socket", Map.of("*", "leave the network to the edge")),
            Map.entry("java/util/HashMap", Map.of("<init>", "use LinkedHashMap or TreeMap: order is observable")),
            Map.entry("java/util/HashSet", Map.of("<init>", "use LinkedHashSet or TreeSet: order is observable")),
            Map.entry("java/util/IdentityHashMap", Map.of("<init>", "use LinkedHashMap: order is observable")));

    /// Constructors that are impure only without arguments.
    private static final Set<String> SEEDLESS = Set.of("java/util/Random", "java/util/SplittableRandom");

    private PureCore() {}

    /// One line for each forbidden call: class, method, callee, remedy.
    static List<String> violations(Path classes) {
        try (var files = Files.walk(classes)) {
            var found = new ArrayList<String>();
            for (var file :
                    files.filter(f -> f.toString().endsWith(".class")).sorted().toList()) {
                found.addAll(violations(ClassFile.of().parse(file)));
            }
            return found;
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    static List<String> violations(byte[] classFile) {
        return violations(ClassFile.of().parse(classFile));
    }

    private static List<String> violations(ClassModel type) {
        var found = new ArrayList<String>();
        for (var method : type.methods()) {
            method.code()
                    .ifPresent(code -> code.forEach(element -> {
                        if (!(element instanceof InvokeInstruction call)) return;
                        var owner = call.owner().asInternalName();
                        var name = call.name().stringValue();
                        var remedies = FORBIDDEN.getOrDefault(owner, Map.of());
                        var remedy = remedies.getOrDefault(name, remedies.get("*"));
                        if (remedy == null
                                && SEEDLESS.contains(owner)
                                && name.equals("<init>")
                                && call.typeSymbol().parameterCount() == 0) {
                            remedy = "pass a seed in";
                        }
                        if (remedy != null) {
                            found.add("%s.%s calls %s.%s: %s"
                                    .formatted(
                                            type.thisClass().asInternalName().replace('/', '.'),
                                            method.methodName().stringValue(),
                                            owner.replace('/', '.'),
                                            name,
                                            remedy));
                        }
                    }));
        }
        return found;
    }
}
