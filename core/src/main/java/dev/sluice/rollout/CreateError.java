package dev.sluice.rollout;

/// That the API server refuses a ReplicaSet, in Argo's words. Written and read here alone.
///
/// @param name of the ReplicaSet
/// @param answer what the server said
record CreateError(String name, String answer) {
    private static final String LEAD = "Failed to create new replica set \"";
    private static final String BETWEEN = "\": ";

    /// Of a message that somebody else has put together the whole is the answer.
    static String answer(String message) {
        int end = message.indexOf(BETWEEN);
        return message.startsWith(LEAD) && end >= 0 ? message.substring(end + BETWEEN.length()) : message;
    }

    @Override
    public String toString() {
        return LEAD + name + BETWEEN + answer;
    }
}
