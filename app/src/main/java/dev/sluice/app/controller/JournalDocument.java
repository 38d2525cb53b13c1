package dev.sluice.app.controller;

import dev.sluice.app.OutputOption;
import dev.sluice.json.Json;
import dev.sluice.kube.rollout.Journal;
import dev.sluice.kube.rollout.Key;
import dev.sluice.rollout.Because;
import dev.sluice.rollout.Decision;
import java.util.List;

/// The journal of one Rollout as JSON, and a decision as JSON. Fields are only ever added.
public final class JournalDocument {
    private JournalDocument() {}

    public static Json.Obj of(Key key, List<Journal.Entry> entries) {
        return Json.obj(
                "apiVersion",
                OutputOption.API,
                "kind",
                "Journal",
                "namespace",
                key.namespace(),
                "name",
                key.name(),
                "entries",
                entries.stream().map(JournalDocument::entry).toList());
    }

    private static Json entry(Journal.Entry entry) {
        return decision(entry.decision())
                .with("at", entry.at().toString())
                .with("outcome", entry.outcome())
                .with("generation", entry.seen().rollout().generation())
                .with("revision", entry.seen().rollout().revision());
    }

    /// What was decided and why.
    public static Json.Obj decision(Decision decision) {
        var document = Json.obj(
                "moves",
                decision.moves().stream()
                        .map(move -> because(move.because())
                                .with("action", move.action().getClass().getSimpleName())
                                .with("detail", move.action().toString()))
                        .toList(),
                "phase",
                decision.status().phase(),
                "message",
                decision.status().message());
        if (decision.awaiting().isPresent()) {
            document = document.with("awaiting", because(decision.awaiting().get()));
        }
        if (decision.wakeAt().isPresent()) {
            document = document.with("wakeAt", decision.wakeAt().get().toString());
        }
        return document;
    }

    private static Json.Obj because(Because because) {
        return Json.obj("code", because.code(), "sentence", because.sentence());
    }
}
