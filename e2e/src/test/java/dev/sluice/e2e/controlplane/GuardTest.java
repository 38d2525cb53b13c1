package dev.sluice.e2e.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GuardTest {
    @TempDir
    Path temp = Path.of("");

    private final List<Process> started = new ArrayList<>();

    @AfterEach
    void endThem() {
        started.forEach(Process::destroyForcibly);
    }

    @Test
    void endsWhatItWatchesWhenTheJvmIsGone() throws Exception {
        var folder = Files.createDirectory(temp.resolve("plane"));
        Files.writeString(folder.resolve("file"), "text");
        var guard = new Guard(Optional.of(folder));
        var watched = List.of(process(), process(), process());
        for (var process : watched) guard.watch(process.toHandle());
        var forgotten = watched.get(1);
        guard.forget(forgotten.toHandle());

        guard.hangUp();

        guard.handle().onExit().get(1, TimeUnit.MINUTES);
        for (var process : List.of(watched.getFirst(), watched.getLast()))
            assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
        assertThat(forgotten.isAlive()).isTrue();
        assertThat(folder).doesNotExist();
    }

    @Test
    void onceDismissedItEndsNothing() throws Exception {
        var guard = new Guard(Optional.of(temp));
        var process = process();
        guard.watch(process.toHandle());

        guard.dismiss();

        guard.handle().onExit().get(1, TimeUnit.MINUTES);
        assertThat(process.isAlive()).isTrue();
        assertThat(temp).exists();
    }

    private Process process() throws IOException {
        var process = new ProcessBuilder("sleep", "600").start();
        started.add(process);
        return process;
    }
}
