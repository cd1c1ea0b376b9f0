package io.taxistream.embeddedkinesis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Aggregated records byte by byte; {@link KplTest} has those that the library itself makes. */
class KplAggregationTest {

    private static final byte[] MAGIC = {(byte) 0xf3, (byte) 0x89, (byte) 0x9a, (byte) 0xc2};

    // partition_key_table: "a", "b"; records: (key 1, explicit hash key 0, "xy", a tag), (key 0, nothing)
    private static final byte[] MESSAGE = {
        0x0a, 1, 'a', 0x0a, 1, 'b', 0x12, 1, '7', 0x1a, 13, 0x08, 1, 0x10, 0, 0x1a, 2, 'x', 'y', 0x22, 3, 0x0a, 1, 't',
        0x1a, 4, 0x08, 0, 0x1a, 0
    };

    @Test
    void deaggregatesRecordsWithTheirKeys() throws Exception {
        List<UserRecord> records = KplAggregation.decode(aggregated(MESSAGE)).orElseThrow();

        assertThat(records).extracting(UserRecord::partitionKey).containsExactly("b", "a");
        assertThat(records)
                .extracting(record -> new String(record.data(), StandardCharsets.UTF_8))
                .containsExactly("xy", "");
    }

    @Test
    void recordWithoutMagicOrValidChecksumIsNotAggregated() throws Exception {
        byte[] damaged = aggregated(MESSAGE);
        damaged[damaged.length - 1]++;

        assertThat(KplAggregation.decode("{\"type\":\"trip\"}, long enough".getBytes(StandardCharsets.UTF_8)))
                .isEmpty();
        assertThat(KplAggregation.decode(damaged)).isEmpty();
        assertThat(KplAggregation.decode(MAGIC)).isEmpty();
        assertThat(KplAggregation.decode(new byte[0])).isEmpty();
    }

    @Test
    void rejectsATruncatedMessageWithAValidChecksum() throws Exception {
        byte[] cut = aggregated(Arrays.copyOf(MESSAGE, MESSAGE.length - 3));

        assertThatThrownBy(() -> KplAggregation.decode(cut))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("cannot be read");
    }

    private static byte[] aggregated(byte[] message) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(MAGIC);
        out.write(message);
        out.write(MessageDigest.getInstance("MD5").digest(message));
        return out.toByteArray();
    }
}
