package io.taxistream.eventtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Aggregated records with damaged messages but the right digest, as a faulty or hostile producer would send them, other ones
 * in each run, for some time ({@code -Dfuzz.seconds}): each is taken apart, or stays the record that it is.
 */
class FuzzedRecordsTest {

    private static final Duration BUDGET = Duration.ofSeconds(Integer.getInteger("fuzz.seconds", 2));
    /** Time that a slow machine may take to see both outcomes. */
    private static final Duration LONGEST_START = Duration.ofMinutes(1);

    private static final byte[] MESSAGE =
            HexFormat.of().parseHex("0a01610a01621201371a0708001a036f6e651a09080110001a0374776f");

    private final Random random = new Random();

    @Test
    void deaggregatesOrKeepsEveryRecord() {
        long end = System.nanoTime() + BUDGET.toNanos();
        long apart = 0;
        long left = 0;
        while (System.nanoTime() < end
                || (System.nanoTime() < end + LONGEST_START.toNanos() && (apart == 0 || left == 0))) {
            byte[] record = KplFormat.frame(damaged());
            try {
                int bytes = 0;
                UserRecords records = AggregatedRecords.userRecords(ByteBuffer.wrap(record));
                for (int i = 0; i < records.size(); i++) {
                    bytes += records.length(i);
                    assertThat(records.offset(i) + records.length(i)).isLessThanOrEqualTo(record.length);
                    records.partitionKey(i);
                    records.explicitHashKey(i);
                }
                assertThat(bytes).isLessThanOrEqualTo(record.length);
                if (bytes == record.length) {
                    left++;
                } else {
                    apart++;
                }
            } catch (RuntimeException | Error e) {
                throw new AssertionError("not read: " + HexFormat.of().formatHex(record), e);
            }
        }
        System.out.printf("Fuzzed: %d records taken apart, %d left as they are%n", apart, left);
        assertThat(apart).isPositive();
        assertThat(left).isPositive();
    }

    private byte[] damaged() {
        byte[] bytes = MESSAGE.clone();
        int changes = 1 + random.nextInt(3);
        for (int i = 0; i < changes; i++) {
            int at = random.nextInt(bytes.length);
            bytes[at] = switch (random.nextInt(4)) {
                case 0 -> (byte) random.nextInt();
                case 1 -> (byte) -1;
                case 2 -> (byte) (bytes[at] + 1);
                default -> (byte) (bytes[at] ^ (1 << random.nextInt(8)));
            };
        }
        return bytes;
    }
}
