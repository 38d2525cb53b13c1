package dev.sluice.kube.analysis;

import dev.sluice.analysis.Arguments.SecretArgument;
import dev.sluice.cluster.Gateway;
import dev.sluice.cluster.ObjectRef;
import dev.sluice.cluster.Reply;
import dev.sluice.cluster.Request;
import dev.sluice.cluster.ResourceType;
import dev.sluice.json.Json;
import dev.sluice.spi.Secrets;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/// The secrets of one call of a provider: read right before it, gone with it.
///
/// Not a record on purpose: nothing of this may ever be printed.
final class RunSecrets implements Secrets {
    /// In a *value*, which conditions and people compare, shorter secrets (`1`, `on`) are left alone: `0.1` is none.
    private static final int SHORTEST_IN_VALUES = 4;

    private static final String STARS = "*****";

    private final Gateway gateway;
    private final String ownNamespace;
    private final List<String> values = new ArrayList<>();

    /// @param ownNamespace of the controller, for metrics that ask for its own secrets
    RunSecrets(Gateway gateway, String ownNamespace) {
        this.gateway = gateway;
        this.ownNamespace = ownNamespace;
    }

    /// What came of reading the secrets that arguments name.
    sealed interface Reading {
        /// @param values by argument
        record Values(SequencedMap<String, String> values) implements Reading {
            public Values {
                values = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(values));
            }

            @Override
            public String toString() {
                return "values of " + values.keySet();
            }
        }

        /// They are not there, or not for us: asking again changes nothing.
        record Missing(String message) implements Reading {}

        /// The API server did not say.
        record Unknown(String message) implements Reading {}
    }

    /// Reads what arguments name, each Secret once.
    Reading arguments(String namespace, List<SecretArgument> arguments) {
        var objects = new LinkedHashMap<String, Json.Obj>();
        var found = new LinkedHashMap<String, String>();
        for (var argument : arguments) {
            var secret = argument.secret();
            if (!objects.containsKey(secret)) {
                switch (gateway.send(new Request.Get(ObjectRef.of(ResourceType.SECRETS, namespace, secret)))) {
                    case Reply.Done(var object) -> objects.put(secret, object);
                    case Reply.Refused refused
                    when refused.notFound() -> {
                        return new Reading.Missing("secrets \"" + secret + "\" not found");
                    }
                    case Reply.Refused(int code, var reason, var message, var _)
                    when code == 429 || code >= 500 -> {
                        return new Reading.Unknown(
                                "secret '%s' could not be read: %d %s: %s".formatted(secret, code, reason, message));
                    }
                    case Reply.Refused(int code, var reason, var message, var _) -> {
                        return new Reading.Missing(
                                "secret '%s' cannot be read: %d %s: %s".formatted(secret, code, reason, message));
                    }
                    case Reply.Lost(var _, var why) -> {
                        return new Reading.Unknown("secret '%s' could not be read: %s".formatted(secret, why));
                    }
                }
            }
            var data = objects.get(secret).at("data", argument.key()).asString();
            if (data.isEmpty()) {
                return new Reading.Missing("key '%s' does not exist in secret '%s'".formatted(argument.key(), secret));
            }
            var value = decoded(data.get());
            if (value.isEmpty()) {
                return new Reading.Missing("key '%s' in secret '%s' is not base64".formatted(argument.key(), secret));
            }
            keep(value.get());
            found.put(argument.argument(), value.get());
        }
        return new Reading.Values(found);
    }

    @Override
    public Optional<String> read(String namespace, String name, String key) {
        var where = namespace.isEmpty() ? ownNamespace : namespace;
        var value = gateway.send(new Request.Get(ObjectRef.of(ResourceType.SECRETS, where, name)))
                .answer()
                .flatMap(secret -> secret.at("data", key).asString())
                .flatMap(RunSecrets::decoded);
        value.ifPresent(this::keep);
        return value;
    }

    private static Optional<String> decoded(String base64) {
        try {
            return Optional.of(new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8));
        } catch (IllegalArgumentException malformed) {
            return Optional.empty();
        }
    }

    /// Also in the forms in which a value is found in addresses and in quoted text. The longest first, so that one
    /// inside another leaves no remainder.
    private synchronized void keep(String value) {
        if (value.isEmpty()) return;
        var quoted = Json.of(value).text();
        for (var form : List.of(
                value,
                value.strip(),
                quoted.substring(1, quoted.length() - 1),
                URLEncoder.encode(value, StandardCharsets.UTF_8),
                URLEncoder.encode(value, StandardCharsets.UTF_8).replace("+", "%20"))) {
            if (!form.isEmpty() && !values.contains(form)) values.add(form);
        }
        values.sort(Comparator.comparingInt(String::length).reversed());
    }

    @Override
    public synchronized String redacted(String text) {
        return without(text, 1);
    }

    /// As [#redacted], for what was measured.
    synchronized String redactedValue(String text) {
        return without(text, SHORTEST_IN_VALUES);
    }

    private String without(String text, int shortest) {
        var redacted = text;
        for (var value : values) {
            if (value.length() >= shortest) redacted = redacted.replace(value, STARS);
        }
        return redacted;
    }
}
