package dev.sluice.e2e.probes;

import dev.sluice.json.Json;
import java.util.List;
import java.util.function.Predicate;

/// Some requests, one after the other, in a namespace of their own.
///
/// In paths and bodies `{ns}` is that namespace, `{id}` a word no other probe has (for what is not namespaced), and
/// `{name}` what [Ask#keep] has kept.
record Probe(String name, List<Step> steps) {
    Probe {
        steps = List.copyOf(steps);
    }

    static Probe probe(String name, Step... steps) {
        return new Probe(name, List.of(steps));
    }

    /// One thing that a probe does.
    sealed interface Step permits Ask, Until, Watching {}

    /// Asks again and again until the answer is as wanted; only that last answer is compared.
    record Until(Ask ask, Predicate<Json> wanted) implements Step {}

    /// Opens a watch, reads its first events, does something, and reads on.
    ///
    /// @param first events that must come before anything is done
    /// @param events all that are read
    record Watching(Ask ask, int first, int events, List<Step> meanwhile) implements Step {}

    static Step until(Ask ask, Predicate<Json> wanted) {
        return new Until(ask, wanted);
    }

    /// Until the object is not found any more.
    static Step gone(String path) {
        return until(Ask.get(path), json -> json.at("code").integer(0) == 404);
    }

    static Step watch(String path, int events, Step... meanwhile) {
        return watch(Ask.get(path), events, meanwhile);
    }

    static Step watch(Ask ask, int events, Step... meanwhile) {
        return new Watching(ask, 0, events, List.of(meanwhile));
    }

    /// Reads `first` events before the rest is done: what comes of it must not overtake them.
    static Step watchFrom(int first, String path, int events, Step... meanwhile) {
        return new Watching(Ask.get(path), first, events, List.of(meanwhile));
    }

    static String core(String path) {
        return "/api/v1/namespaces/{ns}/" + path;
    }

    static String apps(String path) {
        return "/apis/apps/v1/namespaces/{ns}/" + path;
    }
}
