package io.taxistream.search;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Bulk responses with damaged bytes, other ones in each run, for some time ({@code -Dfuzz.seconds}): each is the answer to all
 * documents, or none at all.
 */
class FuzzedResponsesTest {

    private static final Duration BUDGET = Duration.ofSeconds(Integer.getInteger("fuzz.seconds", 2));
    /** Time that a slow machine may take to see both outcomes. */
    private static final Duration LONGEST_START = Duration.ofMinutes(1);

    private static final List<BulkEntry> SENT = List.of(
            BulkEntry.first(SearchDocument.of("counts", "a", "{}")),
            BulkEntry.first(SearchDocument.of("counts", "b", "{}")));
    private static final byte[] RESPONSE = """
            {"errors":true,"items":[{"index":{"_id":"a","status":201}},{"index":{"_id":"b","status":400,"error":{
            "type":"mapper_parsing_exception","reason":"failed to parse","caused_by":{"reason":"not a\\n geohash"}}}}]}
            """.getBytes(StandardCharsets.UTF_8);
    private static final byte[] JSON_BYTES = "{}[]\":,\\0129eE-.ntfu".getBytes(StandardCharsets.UTF_8);

    private final Random random = new Random();

    @Test
    void readsEachResponseCompletelyOrNotAtAll() {
        long end = System.nanoTime() + BUDGET.toNanos();
        int read = 0;
        int refused = 0;
        while (System.nanoTime() < end
                || (System.nanoTime() < end + LONGEST_START.toNanos() && (read == 0 || refused == 0))) {
            byte[] body = damaged();
            try {
                List<BulkResponse.Item> items = BulkResponse.read(body, SENT);
                assertThat(items).hasSize(SENT.size()).doesNotContainNull();
                read++;
            } catch (IOException e) {
                refused++;
            } catch (RuntimeException | Error e) {
                throw new AssertionError("not read: " + new String(body, StandardCharsets.ISO_8859_1), e);
            }
        }
        System.out.printf("Fuzzed: %d read, %d refused%n", read, refused);
        assertThat(read).isPositive();
        assertThat(refused).isPositive();
    }

    private byte[] damaged() {
        byte[] bytes = RESPONSE.clone();
        int changes = 1 + random.nextInt(4);
        for (int i = 0; i < changes; i++) {
            int at = random.nextInt(bytes.length);
            switch (random.nextInt(4)) {
                case 0 -> bytes[at] = JSON_BYTES[random.nextInt(JSON_BYTES.length)];
                case 1 -> bytes[at] = (byte) random.nextInt();
                case 2 -> bytes[at] = (byte) (bytes[at] ^ (1 << random.nextInt(8)));
                default -> bytes = Arrays.copyOf(bytes, Math.max(1, bytes.length - random.nextInt(3)));
            }
        }
        return bytes;
    }
}
