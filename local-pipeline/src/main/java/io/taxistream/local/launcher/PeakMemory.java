package io.taxistream.local.launcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/** Peak memory of this process and its children, over all samples; Linux only. */
final class PeakMemory {

    private static final String RESIDENT_SET = "VmRSS:";

    private long peakKilobytes;

    /** Samples the current memory. */
    synchronized void sample() {
        ProcessHandle self = ProcessHandle.current();
        long kilobytes = Stream.concat(Stream.of(self), self.descendants())
                .flatMapToLong(PeakMemory::residentKilobytes)
                .sum();
        peakKilobytes = Math.max(peakKilobytes, kilobytes);
    }

    /** Returns the peak in bytes; empty if the system does not report it. */
    synchronized OptionalLong bytes() {
        return peakKilobytes == 0 ? OptionalLong.empty() : OptionalLong.of(peakKilobytes * 1024);
    }

    private static LongStream residentKilobytes(ProcessHandle process) {
        try (Stream<String> lines = Files.lines(Path.of("/proc", Long.toString(process.pid()), "status"))) {
            return LongStream.of(lines.filter(line -> line.startsWith(RESIDENT_SET))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .sum());
        } catch (IOException e) {
            // not Linux, or the process has just ended and uses no memory
            return LongStream.empty();
        }
    }
}
