package dev.sluice.providers.http;

/// What came of a [Call].
public sealed interface Answer {
    /// The server answered, whatever it said.
    ///
    /// @param text the body, read as UTF-8
    record Answered(int status, String text) implements Answer {
        public boolean good() {
            return status >= 200 && status < 300;
        }
    }

    /// There is no answer to look at; `why` names the call and what happened.
    record Unanswered(String why) implements Answer {}
}
