package dev.sluice.e2e.probes;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// A probe that is answered differently, where, and why that stays so. This is the only list of them: a probe that is
/// not in it must be answered alike, one that is must differ there and nowhere else.
///
/// @param probe the name of the probe
/// @param where the places in the answer that differ, as in [Delta#path]
/// @param why for people who use the embedded cluster
record Difference(String probe, Pattern where, String why) {

    private static Difference of(String probe, String where, String why) {
        return new Difference(probe, Pattern.compile(where), why);
    }

    static final List<Difference> ALL = List.of(
            of(
                    "what is said of a body that cannot be decoded",
                    "code|body\\.message",
                    "The texts quote the inside of Go's decoders, file and line even; ours say line, column and what was"
                            + " expected there. All else about such bodies is alike, as other probes show."),
            of(
                    "what is said of the columns of a table",
                    "body\\.columnDefinitions\\.\\d+\\.description",
                    "They are Kubernetes' field documentation, which is not ours to copy. kubectl does not show them."),
            of(
                    "a deployment makes the ReplicaSet that the world knows by its hash",
                    "body\\.items\\.0\\..*(name|pod-template-hash)",
                    "Kubernetes hashes how Go prints its structs in memory. Ours is the hash of Argo Rollouts, over JSON;"
                            + " both promise no more than that equal templates have equal hashes."),
            of(
                    "a pod is given a token",
                    "body.*(volumes|volumeMounts)",
                    "Everybody who reaches the embedded cluster is let in, so there are no tokens to mount."),
            of(
                    "a rule that may cost too much is refused",
                    "code",
                    "The real server estimates the cost of each rule when it is defined. Ours bounds it when it is asked,"
                            + " so such a definition is accepted."));

    static Optional<Difference> of(Probe probe) {
        return ALL.stream().filter(known -> known.probe().equals(probe.name())).findFirst();
    }

    boolean explains(Delta delta) {
        return where.matcher(delta.path()).matches();
    }
}
