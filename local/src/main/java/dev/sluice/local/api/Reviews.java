package dev.sluice.local.api;

import dev.sluice.json.Json;
import java.util.List;

/// Answers to questions about access. The embedded cluster is one person's own: everybody may do everything.
final class Reviews {
    private static final String WHY = "the embedded cluster has no access control";

    private Reviews() {}

    static Json.Obj answered(Served served, Json.Obj review, String user) {
        if (served.type().kind().endsWith("SubjectAccessReview")
                && review.at("spec", "resourceAttributes").isNull()
                        == review.at("spec", "nonResourceAttributes").isNull()) {
            throw Failure.invalid(
                    served.type().group(),
                    "",
                    "",
                    List.of(Failure.Cause.invalid(
                            "spec.resourceAttributes",
                            Json.Null.VALUE,
                            "exactly one of nonResourceAttributes or resourceAttributes must be specified")));
        }
        var all = Json.arr("*");
        var info = Json.obj("username", user, "groups", List.of("system:masters", "system:authenticated"));
        return review.with("metadata", review.at("metadata").obj().with("creationTimestamp", Json.Null.VALUE))
                .with(
                        "status",
                        switch (served.type().kind()) {
                            case "SelfSubjectRulesReview" ->
                                Json.obj(
                                        "resourceRules",
                                        Json.arr(Json.obj("verbs", all, "apiGroups", all, "resources", all)),
                                        "nonResourceRules",
                                        Json.arr(Json.obj("verbs", all, "nonResourceURLs", all)),
                                        "incomplete",
                                        false);
                            case "SelfSubjectReview" -> Json.obj("userInfo", info);
                            case "TokenReview" -> Json.obj("authenticated", true, "user", info);
                            default -> Json.obj("allowed", true, "reason", WHY);
                        });
    }
}
