package dev.sluice.app.controller;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;

/// The families of the process and of the Java virtual machine, under the usual names of Prometheus' clients.
final class ProcessMetrics {
    private ProcessMetrics() {}

    static void write(Exposition out) {
        var system = ManagementFactory.getOperatingSystemMXBean();
        if (system instanceof UnixOperatingSystemMXBean unix) {
            out.counter("process_cpu_seconds_total", "Processor time used, of system and user together.");
            out.sample(
                    "process_cpu_seconds_total",
                    Exposition.seconds(Duration.ofNanos(Math.max(0, unix.getProcessCpuTime()))));
            out.gauge("process_open_fds", "Open files and sockets.");
            out.sample("process_open_fds", (double) unix.getOpenFileDescriptorCount());
            out.gauge("process_max_fds", "The most that may be open.");
            out.sample("process_max_fds", (double) unix.getMaxFileDescriptorCount());
        }
        out.gauge("process_start_time_seconds", "When the process began, since 1970.");
        out.sample(
                "process_start_time_seconds",
                ManagementFactory.getRuntimeMXBean().getStartTime() / 1000.0);
        var memory = ManagementFactory.getMemoryMXBean();
        out.gauge("jvm_memory_used_bytes", "Memory in use.");
        out.sample("jvm_memory_used_bytes", (double) memory.getHeapMemoryUsage().getUsed(), "area", "heap");
        out.sample(
                "jvm_memory_used_bytes", (double) memory.getNonHeapMemoryUsage().getUsed(), "area", "nonheap");
        out.gauge("jvm_memory_max_bytes", "The most that may be used; -1 without a limit.");
        out.sample("jvm_memory_max_bytes", (double) memory.getHeapMemoryUsage().getMax(), "area", "heap");
        out.gauge("jvm_threads_current", "Platform threads.");
        out.sample("jvm_threads_current", ManagementFactory.getThreadMXBean().getThreadCount());
        out.counter("jvm_gc_collection_seconds_count", "Collections of garbage.");
        for (var gc : ManagementFactory.getGarbageCollectorMXBeans()) {
            out.sample("jvm_gc_collection_seconds_count", (double) gc.getCollectionCount(), "gc", gc.getName());
        }
        out.counter("jvm_gc_collection_seconds_sum", "Time they took.");
        for (var gc : ManagementFactory.getGarbageCollectorMXBeans()) {
            out.sample("jvm_gc_collection_seconds_sum", gc.getCollectionTime() / 1000.0, "gc", gc.getName());
        }
    }
}
