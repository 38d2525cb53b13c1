package dev.sluice.app.controller;

import picocli.CommandLine.Option;

/// How the log of a long-running command looks. It must be read before the first logger is made.
public final class LogOptions {
    /// The forms.
    enum Form {
        TEXT,
        JSON
    }

    /// From everything to almost nothing.
    enum Level {
        TRACE,
        DEBUG,
        INFO,
        WARN,
        WARNING,
        ERROR,
        FATAL,
        PANIC;

        /// Those that other logging libraries have beyond ours are the next that we have.
        private String ours() {
            return switch (this) {
                case TRACE, DEBUG, INFO, WARN, ERROR -> name();
                case WARNING -> WARN.name();
                case FATAL, PANIC -> ERROR.name();
            };
        }
    }

    @Option(
            names = {"--log-format", "--logformat"},
            paramLabel = "text|json",
            description = "Form of a log line (default: text).")
    Form form = Form.TEXT;

    @Option(
            names = {"--log-level", "--loglevel"},
            paramLabel = "LEVEL",
            description = "debug, info, warn or error (default: info).")
    Level level = Level.INFO;

    public void apply() {
        System.setProperty("sluice.log.format", form == Form.JSON ? "json" : "text");
        System.setProperty("sluice.log.level", level.ours());
    }
}
