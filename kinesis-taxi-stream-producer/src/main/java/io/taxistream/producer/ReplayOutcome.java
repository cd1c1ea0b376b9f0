package io.taxistream.producer;

import io.taxistream.producer.input.InputStatistics;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Optional;
import java.util.StringJoiner;

/** Decides at the end of the input whether the stream holds all of it, which is what exit code 0 means. */
final class ReplayOutcome {

    private ReplayOutcome() {}

    /**
     * Returns why a run that reached the end of its input has failed, in one line; empty if it has succeeded.
     *
     * @param name name of an event, such as {@code trip}
     * @param input counts of the records read
     * @param sent events in the stream
     * @param maxRejects percentage of records that may be left out because they are unreadable or late
     * @param resumed whether records were skipped because the stream already holds them
     */
    static Optional<String> failure(
            String name, InputStatistics read, String input, long sent, double maxRejects, boolean resumed) {
        if (read.damagedObjects() > 0) {
            return Optional.of(
                    read.damagedObjects() + " objects could be read only in part, as reported above; replace them");
        }
        if (read.records() == 0) {
            return Optional.of("no " + name + " in the input: " + input + " is empty, or contains only a header");
        }
        boolean alreadyInStream = resumed && read.skipped() > 0;
        if (sent == 0 && !alreadyInStream) {
            return Optional.of("no " + name + " was sent; records in " + input + ": " + skipReasons(read));
        }
        long left = read.rejected() + read.late();
        double share = 100.0 * left / Math.max(1, read.records() - read.nowhere());
        if (share > maxRejects) {
            return Optional.of(left + " of " + read.records() + " records (" + percent(share)
                    + " %) were unreadable or too late, more than -maxRejects " + percent(maxRejects)
                    + " allows; the other " + name + "s were sent; " + remedy(read));
        }
        return Optional.empty();
    }

    private static String skipReasons(InputStatistics read) {
        var reasons = new StringJoiner(", ");
        if (read.rejected() > 0) {
            reasons.add(read.rejected() + " unreadable (-rejects FILE writes them all)");
        }
        if (read.skipped() > 0) {
            reasons.add(read.skipped() + " outside the time range (-from, -to, -seek)");
        }
        if (read.nowhere() > 0) {
            reasons.add(read.nowhere() + " without a location (taxi zones 264 and 265)");
        }
        return reasons.toString();
    }

    private static String remedy(InputStatistics read) {
        return read.late() > read.rejected()
                ? "use -sort to send late ones too"
                : "fix the input (-rejects FILE writes all unreadable records) or raise -maxRejects";
    }

    /** Formats two significant digits without an exponent; a positive value is never rounded to zero. */
    private static String percent(double value) {
        var rounded = new BigDecimal(value).round(new MathContext(2));
        return rounded.signum() == 0 ? "0" : rounded.stripTrailingZeros().toPlainString();
    }
}
