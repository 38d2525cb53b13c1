package dev.sluice.e2e.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/// Resident memory of processes, as the system says it: everything, heap or not, that lies in RAM.
///
/// @param now in bytes
/// @param peak in bytes, the most it ever was; where the system does not say, as much as now
record Memory(long now, long peak) {
    static Memory of(ProcessHandle process) throws IOException, InterruptedException {
        var status = Path.of("/proc", Long.toString(process.pid()), "status");
        if (!Files.exists(status)) return ps(process);
        var lines = Files.readString(status).lines().toList();
        return new Memory(kilobytes(lines, "VmRSS:"), kilobytes(lines, "VmHWM:"));
    }

    private static long kilobytes(Iterable<String> lines, String name) throws IOException {
        for (var line : lines) {
            if (line.startsWith(name)) return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
        }
        throw new IOException("/proc says no " + name);
    }

    private static Memory ps(ProcessHandle process) throws IOException, InterruptedException {
        var ps = new ProcessBuilder("ps", "-o", "rss=", "-p", Long.toString(process.pid())).start();
        var said = new String(ps.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        ps.waitFor();
        if (!said.matches("[0-9]+")) throw new IOException("ps says \"" + said + "\" of process " + process.pid());
        long bytes = Long.parseLong(said) * 1024;
        return new Memory(bytes, bytes);
    }

    Memory plus(Memory other) {
        return new Memory(now + other.now, peak + other.peak);
    }

    static String megabytes(long bytes) {
        return String.format(Locale.ROOT, "%.0f MB", bytes / 1e6);
    }
}
