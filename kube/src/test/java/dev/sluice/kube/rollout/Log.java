package dev.sluice.kube.rollout;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import org.slf4j.LoggerFactory;

/// What the controller logs at its usual level while this is open.
final class Log implements AutoCloseable {
    private final Logger logger = (Logger) LoggerFactory.getLogger(RolloutController.class);
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();

    Log() {
        logger.setLevel(Level.INFO);
        lines.start();
        logger.addAppender(lines);
    }

    /// The lines that contain something.
    List<String> lines(String text) {
        return lines.list.stream()
                .map(ILoggingEvent::getFormattedMessage)
                .filter(line -> line.contains(text))
                .toList();
    }

    @Override
    public void close() {
        logger.detachAppender(lines);
        logger.setLevel(null);
    }
}
