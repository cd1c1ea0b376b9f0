package io.taxistream.local.launcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/** The most memory that this process and its children took together, as far as it was looked at; Linux only. */
final class PeakMemory {

    private static final String RESIDENT_SET = "VmRSS:";

    private long peakKilobytes;

    /** Looks at the memory that is taken now. */
    synchronized void sample() {
        ProcessHandle self = ProcessHandle.current();
        long kilobytes = Stream.concat(Stream.of(self), self.descendants())
                .flatMapToLong(PeakMemory::residentKilobytes)
                .sum();
        peakKilobytes = Math.max(peakKilobytes, kilobytes);
    }

    /** In bytes; empty where the system does not tell. */
    synchronized OptionalLong bytes() {
        return peakKilobytes == 0 ? OptionalLong.empty() : OptionalLong.of(peakKilobytes * 1024);
    }

    private static LongStream residentKilobytes(ProcessHandle process) {
        try (Stream<String> lines = Files.lines(Path.of("/proc", Long.toString(process.pid()), "status"))) {
            return LongStream.of(lines.filter(line -> line.startsWith(RESIDENT_SET))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .sum());
        } catch (IOException e) {
            // not Linux, or the process has just ended: it takes nothing that could be counted
            return LongStream.empty();
        }
    }
}
