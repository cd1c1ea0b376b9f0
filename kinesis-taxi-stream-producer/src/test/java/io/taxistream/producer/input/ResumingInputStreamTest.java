package io.taxistream.producer.input;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ResumingInputStreamTest {

    private static final byte[] CONTENT = content();

    private final List<Long> opened = new ArrayList<>();

    @Test
    void reopensABrokenConnectionAtTheSameOffset() throws IOException {
        try (InputStream in = resuming(10_000, false)) {
            assertThat(in.readAllBytes()).isEqualTo(CONTENT);
        }
        assertThat(opened).containsExactly(0L, 10_000L, 20_000L, 30_000L, 40_000L, 50_000L);
    }

    @Test
    void prematureEndIsNotMistakenForTheEnd() throws IOException {
        try (InputStream in = resuming(10_000, true)) {
            assertThat(in.readAllBytes()).isEqualTo(CONTENT);
        }
    }

    @Test
    void failsWhenTheConnectionBreaksRepeatedly() throws IOException {
        try (InputStream in = resuming(0, false)) {
            assertThatThrownBy(in::readAllBytes)
                    .isInstanceOf(InputFailedException.class)
                    .hasMessageContaining("failed at byte 0 of " + CONTENT.length + " 4 times in a row: reset");
        }
        assertThat(opened).hasSize(4);
    }

    private ResumingInputStream resuming(int bytesPerConnection, boolean quietEnd) throws IOException {
        return new ResumingInputStream(
                position -> {
                    opened.add(position);
                    return breaking((int) position, bytesPerConnection, quietEnd);
                },
                0,
                CONTENT.length,
                3,
                Duration.ZERO);
    }

    private static InputStream breaking(int position, int bytes, boolean quietEnd) {
        return new FilterInputStream(new ByteArrayInputStream(CONTENT, position, bytes)) {
            @Override
            public int read(byte[] target, int offset, int length) throws IOException {
                int count = in.read(target, offset, length);
                if (count < 0 && !quietEnd && position + bytes < CONTENT.length) {
                    throw new IOException("reset");
                }
                return count;
            }
        };
    }

    private static byte[] content() {
        byte[] content = new byte[55_000];
        new Random(1).nextBytes(content);
        return content;
    }
}
