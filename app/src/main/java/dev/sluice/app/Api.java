package dev.sluice.app;

import dev.sluice.cluster.Gateway;
import dev.sluice.cluster.ObjectRef;
import dev.sluice.cluster.Reply;
import dev.sluice.cluster.Request;
import dev.sluice.cluster.ResourceType;
import dev.sluice.cluster.Selection;
import dev.sluice.format.Nearest;
import dev.sluice.json.Json;
import dev.sluice.kube.rollout.Names;
import dev.sluice.kube.rollout.Workload;
import dev.sluice.rollout.Rollout;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// The API server as a command sees it: an answer, or a complaint that says which of the ways to fail it was.
///
/// @param gateway the port
/// @param kind of the objects that a command is about
public record Api(Gateway gateway, Rollout.Kind kind) {
    public Api(Gateway gateway) {
        this(gateway, Rollout.Kind.ROLLOUT);
    }

    /// @throws Complaint.Failure when there is no answer or a refusal
    public Json.Obj rollout(String namespace, String name) {
        var reply = gateway.send(new Request.Get(ObjectRef.of(Names.type(kind), namespace, name)));
        return switch (reply) {
            case Reply.Done(var object) -> noted(object);
            case Reply.Refused refused
            when refused.notFound() && refused.message().contains(name) ->
                throw missing(namespace, name).failure();
            case Reply.Refused _, Reply.Lost _ ->
                throw complaint("cannot read " + word() + " " + namespace + "/" + name, reply)
                        .failure();
        };
    }

    /// With the generation that a workload it refers to has by now: right after that was changed, its controller has
    /// not put it on record yet, and what is told of the template before is not to be taken for the new one's.
    private Json.Obj noted(Json.Obj rollout) {
        return Workload.read(gateway, rollout)
                .map(workload -> rollout.withAt(
                        List.of("metadata", "annotations", Names.WORKLOAD_GENERATION), workload.generation()))
                .orElse(rollout);
    }

    private Complaint missing(String namespace, String name) {
        // As it is typed, of both kinds: who forgets the dc/ shall be told of it.
        var there = new ArrayList<String>();
        for (var other : Rollout.Kind.values()) {
            listIfAny(Selection.in(Names.type(other), namespace)).stream()
                    .map(object ->
                            Words.typed(other, object.at("metadata", "name").string("")))
                    .sorted()
                    .forEach(there::add);
        }
        var ofKind = there.stream()
                .filter(other -> other.equals(Words.typed(kind, bare(other))))
                .toList();
        var remedy = there.stream()
                .filter(other -> bare(other).equals(name))
                .map(other -> "sluice get " + other + " -n " + namespace + "     so it is typed: it is a "
                        + (other.startsWith("dc/") ? "DeploymentCanary" : "Rollout"))
                .findFirst()
                .or(() -> Nearest.of(name, there.stream().map(Api::bare).toList())
                        .flatMap(near -> there.stream()
                                .filter(other -> bare(other).equals(near))
                                .findFirst())
                        .map(other -> "sluice get " + other + " -n " + namespace + "     is probably meant"));
        return Complaint.of(Exit.NOT_FOUND, "SLU-A002", "there is no " + word() + " " + namespace + "/" + name)
                .because(
                        ofKind.isEmpty()
                                ? "namespace " + namespace + (lacks(namespace) ? " does not exist" : " has none")
                                : "namespace " + namespace + " has " + some(ofKind))
                .remedy(remedy.orElse("sluice list -A     shows the rollouts of every namespace"));
    }

    /// Whether it is known that there is no such namespace: who may not look does not know.
    public boolean lacks(String namespace) {
        return gateway.send(new Request.Get(ObjectRef.of(ResourceType.NAMESPACES, "", namespace)))
                        instanceof Reply.Refused refused
                && refused.notFound();
    }

    /// `dc/web` without what stands before the name.
    private static String bare(String typed) {
        return typed.substring(typed.indexOf('/') + 1);
    }

    private String word() {
        return kind.toString().toLowerCase(Locale.ROOT);
    }

    private static String some(List<String> names) {
        int most = 8;
        return names.size() <= most
                ? String.join(", ", names)
                : String.join(", ", names.subList(0, most)) + " and " + (names.size() - most) + " more";
    }

    /// @throws Complaint.Failure when there is no answer or a refusal
    public List<Json.Obj> list(Selection selection) {
        return items(selection, answer(selection));
    }

    /// The objects of a kind that this cluster need not have; none where it is not served or may not be read.
    public List<Json.Obj> listIfAny(Selection selection) {
        var reply = gateway.send(new Request.List(selection));
        if (reply instanceof Reply.Refused refused && (refused.notFound() || refused.code() == 403)) return List.of();
        return reply.answer()
                .map(answer -> items(selection, answer))
                .orElseThrow(() ->
                        complaint("cannot list " + selection.type(), reply).failure());
    }

    /// The list object itself, for its resource version.
    public Json.Obj answer(Selection selection) {
        var reply = gateway.send(new Request.List(selection));
        return reply.answer()
                .orElseThrow(() ->
                        complaint("cannot list " + selection.type(), reply).failure());
    }

    /// The items, with kind and apiVersion, which lists leave out.
    public static List<Json.Obj> items(Selection selection, Json.Obj answer) {
        return answer.at("items").items().stream().map(item -> item.obj()).toList();
    }

    /// @param what what was wanted, such as `cannot promote rollout shop/web`
    public Json.Obj write(String what, Request request) {
        var reply = gateway.send(request);
        return reply.answer().orElseThrow(() -> complaint(what, reply).failure());
    }

    /// What to say of a reply that is no answer.
    public static Complaint complaint(String what, Reply reply) {
        return switch (reply) {
            case Reply.Done _ -> throw new IllegalArgumentException("nothing to complain about");
            // What to do about it is added where the way to the server is known.
            case Reply.Lost(var loss, var why) ->
                Complaint.of(
                                Exit.FAILED,
                                Unreachable.CODE,
                                what + ": the API server " + (loss.nobody() ? "cannot be reached" : "did not answer"))
                        .because(why)
                        .lost(loss);
            case Reply.Refused refused
            when refused.code() == 401 || refused.code() == 403 ->
                Complaint.of(Exit.NOT_FOUND, "SLU-A004", what + ": not allowed")
                        .because(refused.message())
                        .remedy("act as somebody who may: --context, --as");
            case Reply.Refused refused
            when refused.notFound() && !refused.message().contains("\"") ->
                Complaint.of(Exit.NOT_FOUND, "SLU-X005", what + ": this cluster has no such kind")
                        .because(refused.message())
                        .remedy(
                                "install the definitions: sluice controller --install-crds, or kubectl apply -f deploy/crds");
            case Reply.Refused refused
            when refused.notFound() ->
                Complaint.of(Exit.NOT_FOUND, "SLU-A002", what + ": not found").because(refused.message());
            case Reply.Refused refused
            when refused.conflict() ->
                Complaint.of(Exit.FAILED, "SLU-A007", what + ": it was changed by somebody else meanwhile")
                        .because(refused.message())
                        .remedy("run it again");
            case Reply.Refused refused ->
                Complaint.of(Exit.FAILED, "SLU-X003", what + ": the API server refused (" + refused.code() + ")")
                        .because(refused.message());
        };
    }
}
