package dev.sluice.local.traffic;

/// Where a request came in.
///
/// @param kind which of the two ways
/// @param namespace of the Service it went to, empty where it went to none
/// @param service its name
/// @param route `namespace/name` of the HTTPRoute, empty without one
record Entry(Kind kind, String namespace, String service, String route) {
    enum Kind {
        GATEWAY,
        SERVICE,
        /// A copy of a request, whose answer nobody gets.
        MIRROR
    }
}
