package dev.sluice.app.controller;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import dev.sluice.json.Json;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.slf4j.event.KeyValuePair;

/// How a line of the log reads, for people and for machines.
class LogFormTest {
    private final LoggerContext context = new LoggerContext();

    private String line(String form) {
        var encoder = LogForm.install(context, form, Level.INFO);
        return new String(encoder.encode(event()), StandardCharsets.UTF_8);
    }

    private ILoggingEvent event() {
        var event = new LoggingEvent();
        event.setLoggerContext(context);
        event.setInstant(Instant.parse("2026-01-01T00:00:00.007Z"));
        event.setLevel(Level.INFO);
        event.setLoggerName("dev.sluice.kube.rollout.RolloutController");
        event.setThreadName("main");
        event.setMessage("scale {} to {}");
        event.setArgumentArray(new Object[] {"web-1", 2});
        event.setMDCPropertyMap(Map.of());
        event.setKeyValuePairs(List.of(new KeyValuePair("rollout", "web")));
        return event;
    }

    @Test
    void aPersonReadsOneLineWithKeyValuesInFront() {
        assertThat(line("text"))
                .isEqualTo("2026-01-01T00:00:00.007Z INFO  RolloutController rollout=\"web\" scale web-1 to 2\n");
    }

    @Test
    void aMachineReadsOneObject() {
        var object = Json.parse(line("json"));
        assertThat(object.at("formattedMessage").string("")).isEqualTo("scale web-1 to 2");
        assertThat(object.at("kvpList").at(0).at("rollout").string("")).isEqualTo("web");
        assertThat(object.at("level").string("")).isEqualTo("INFO");
    }

    @Test
    void theLevelIsTheRoots() {
        LogForm.install(context, "text", Level.WARN);
        assertThat(context.getLogger("dev.sluice").getEffectiveLevel()).isEqualTo(Level.WARN);
    }

    @Test
    void logbackFindsIt() {
        assertThat(ServiceLoader.load(Configurator.class)).anyMatch(LogForm.class::isInstance);
    }
}
