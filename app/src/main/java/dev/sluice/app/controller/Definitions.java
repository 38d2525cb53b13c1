package dev.sluice.app.controller;

import dev.sluice.app.Api;
import dev.sluice.app.Complaint;
import dev.sluice.cluster.Gateway;
import dev.sluice.cluster.ObjectRef;
import dev.sluice.cluster.PatchType;
import dev.sluice.cluster.Reply;
import dev.sluice.cluster.Request;
import dev.sluice.cluster.ResourceType;
import dev.sluice.json.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/// The definitions of our kinds, as this program carries them; the same files that users apply with kubectl.
public final class Definitions {
    private static final List<String> FILES = List.of(
            "rollouts",
            "analysistemplates",
            "clusteranalysistemplates",
            "analysisruns",
            "experiments",
            "deploymentcanaries");

    private Definitions() {}

    public static List<Json.Obj> all() {
        return FILES.stream().map(Definitions::read).toList();
    }

    private static Json.Obj read(String file) {
        var path = "/dev/sluice/crds/" + file + ".yaml";
        try (var in = Definitions.class.getResourceAsStream(path)) {
            if (in == null) throw new IllegalStateException(path + " is not in the program");
            var text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            return Json.of(new Load(LoadSettings.builder().setLabel(file).build()).loadFromString(text))
                    .obj();
        } catch (IOException unreadable) {
            throw new UncheckedIOException(path, unreadable);
        }
    }

    /// Creates the definitions, or brings those that are there to what this program knows.
    ///
    /// @throws Complaint.Failure for the first that cannot be written
    public static void apply(Gateway gateway) {
        for (var definition : all()) {
            var ref = ObjectRef.of(ResourceType.CRDS, definition);
            var reply = gateway.send(new Request.Create(ref, definition));
            if (reply instanceof Reply.Refused refused && refused.alreadyExists()) {
                // Lists are replaced by a merge patch, so the versions become exactly ours.
                var spec = Json.obj("spec", definition.at("spec"));
                reply = gateway.send(new Request.Patch(ref, PatchType.MERGE, spec));
            }
            if (!(reply instanceof Reply.Done)) {
                throw Api.complaint("cannot install the definition " + ref.name(), reply)
                        .failure();
            }
        }
    }
}
