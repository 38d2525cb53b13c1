package dev.sluice.explain;

/// The catalogue of causes. A number never changes its meaning.
public enum Cause {
    SELECTOR_ON_OLD_VERSION("SLU-T001", "the Service selects the old version"),
    NO_REPLICAS("SLU-T002", "the new version has zero replicas"),
    PODS_NOT_READY("SLU-T003", "pods of the new version are not ready"),
    OTHER_WEIGHTS("SLU-T004", "the router holds other weights than asked"),
    ROUTE_NOT_IN_FORCE("SLU-T005", "the route is not in force"),
    EARLIER_RULE("SLU-T006", "another rule catches the request first"),
    HELD_ON_OLD_VERSION("SLU-T007", "clients are held on the pods that they have"),
    OTHER_ENTRY("SLU-T008", "clients use an entry that is not split"),
    RATIO_TOO_COARSE("SLU-T009", "so few pods cannot express the weight"),
    PORT_MISMATCH("SLU-T010", "no container listens where the Service sends to"),
    AS_ASKED("SLU-T011", "not a fault: no more was asked for yet"),
    TWO_OWNERS("SLU-T012", "two owners of one Service, route or rollout"),
    METRIC_MEASURES_NOTHING("SLU-T013", "the metric measures nothing, whatever the traffic"),
    /// As far as it shows inside: where names lead that clients look up is not asked (ADR 0020).
    OUTER_WAY("SLU-T014", "the way from outside does not lead here");

    private final String code;
    private final String title;

    Cause(String code, String title) {
        this.code = code;
        this.title = title;
    }

    public String code() {
        return code;
    }

    public String title() {
        return title;
    }
}
