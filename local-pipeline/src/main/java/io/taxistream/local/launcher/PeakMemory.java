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
                .map(process -> Path.of("/proc", Long.toString(process.pid()), "status"))
                .flatMapToLong(PeakMemory::residentKilobytes)
                .sum();
        peakKilobytes = Math.max(peakKilobytes, kilobytes);
    }

    /** Returns the peak in bytes; empty if the system does not report it. */
    synchronized OptionalLong bytes() {
        return peakKilobytes == 0 ? OptionalLong.empty() : OptionalLong.of(peakKilobytes * 1024);
    }

    /**
     * Reads the memory of a process.
     *
     * @param status the system's file about it
     */
    static LongStream residentKilobytes(Path status) {
        try {
            return Files.readAllLines(status).stream()
                    .filter(line -> line.startsWith(RESIDENT_SET))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")));
        } catch (IOException e) {
            // not Linux, or the process has ended, perhaps since the file was opened, and uses no memory
            return LongStream.empty();
        }
    }
}
