package dev.sluice.app.rollout;

import dev.sluice.app.Api;
import dev.sluice.app.Complaint;
import dev.sluice.app.Exit;
import dev.sluice.app.SluiceCommand;
import dev.sluice.app.Words;
import dev.sluice.cluster.Reply;
import dev.sluice.format.Nearest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// `sluice set image web app=demo:v2`: begins an update by an image alone.
@Command(name = "image", description = "Set images, which begins an update.")
public final class SetImageCommand extends SluiceCommand {
    /// Between reading the containers and writing them somebody else may have moved them.
    private static final int TRIES = 5;

    @Parameters(
            paramLabel = "ROLLOUT CONTAINER=IMAGE...",
            hideParamSyntax = true,
            arity = "1..*",
            description = "The rollout, then the containers with their images; *=IMAGE means all of them.")
    List<String> words = new ArrayList<>();

    @Mixin
    CompatOption compat = new CompatOption();

    @Mixin
    ActOptions options = new ActOptions();

    @Override
    protected Exit run() {
        var pairs = new LinkedHashMap<String, String>();
        var rest = new ArrayList<String>();
        for (var word : words) {
            int sign = word.indexOf('=');
            if (sign < 0) {
                rest.add(word);
            } else if (sign == 0 || sign == word.length() - 1) {
                throw Words.usage("\"" + word + "\" is no CONTAINER=IMAGE", "sluice set image web app=demo:v2")
                        .failure();
            } else {
                pairs.put(word.substring(0, sign), word.substring(sign + 1));
            }
        }
        if (pairs.isEmpty()) {
            throw Words.usage("no CONTAINER=IMAGE is given", "sluice set image web app=demo:v2")
                    .failure();
        }
        var name = Words.rollout(rest);
        options.check();
        try (var session = connect()) {
            return set(new Api(session.gateway()), session.namespace(), name, pairs);
        }
    }

    private Exit set(Api api, String namespace, String name, Map<String, String> pairs) {
        var what = "cannot set images of rollout " + namespace + "/" + name;
        Reply last = new Reply.Lost("not tried");
        for (int attempt = 0; attempt < TRIES; attempt++) {
            var source = api.rollout(namespace, name);
            var holder = Templates.of(api, Report.decode(source), source);
            var images = images(what, holder, pairs);
            var rollout = Report.decode(source);
            if (images.isEmpty()) {
                terminal().out().println(told(name) + " image unchanged");
                return Exit.DONE;
            }
            var done = told(name) + " image updated";
            var now = root().world().clock().instant();
            var write = Writes.images(holder.holder(), images);
            // With steps that nobody reads it goes to 100 % at once.
            if (attempt == 0)
                Report.of(source, now)
                        .warning()
                        .ifPresent(text -> terminal().err().println("warning: " + text));
            if (options.dry()) {
                options.would(terminal(), rollout, done, List.of(write), now);
                return Exit.DONE;
            }
            last = api.gateway().send(write);
            if (last instanceof Reply.Done) {
                options.did(terminal(), api, rollout, "set image", done, now);
                return Exit.DONE;
            }
            boolean moved = last instanceof Reply.Refused refused && (refused.conflict() || refused.code() == 422);
            if (!moved) break;
        }
        throw Api.complaint(what, last).failure();
    }

    /// Argo's plugin quotes here as it does nowhere else.
    private String told(String name) {
        return (compat.argo() ? "rollout \"%s\"" : "rollout '%s'").formatted(name);
    }

    /// The containers whose images change.
    private static List<Writes.Image> images(String what, Templates holder, Map<String, String> pairs) {
        var images = new ArrayList<Writes.Image>();
        var known = new ArrayList<String>();
        for (var list : List.of("containers", "initContainers")) {
            var containers = holder.template().at("spec", list).items();
            for (int i = 0; i < containers.size(); i++) {
                var container = containers.get(i).at("name").string("");
                known.add(container);
                var image = pairs.getOrDefault(container, pairs.get("*"));
                if (image != null && !image.equals(containers.get(i).at("image").string(""))) {
                    images.add(new Writes.Image(list, i, container, image));
                }
            }
        }
        for (var wanted : pairs.keySet()) {
            if (wanted.equals("*") || known.contains(wanted)) continue;
            throw Complaint.of(Exit.NOT_FOUND, "SLU-A006", what + ": there is no container \"" + wanted + "\"")
                    .because("its containers are " + String.join(", ", known))
                    .remedy(Nearest.of(wanted, known)
                            .map(near -> List.of(near + "=" + pairs.get(wanted) + "     is probably meant"))
                            .orElse(List.of()))
                    .failure();
        }
        return images;
    }
}
