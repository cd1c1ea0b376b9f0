package io.taxistream.producer.trips;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class LineReaderTest {

    @Test
    void splitsAtBothKindsOfLineEnds() throws IOException {
        assertThat(lines("a\r\n\nbc\n\rd\r")).containsExactly("a", "", "bc", "\rd");
    }

    @Test
    void theLastLineNeedsNoEnd() throws IOException {
        assertThat(lines("a\nb")).containsExactly("a", "b");
        assertThat(lines("a\nb\n")).containsExactly("a", "b");
        assertThat(lines("")).isEmpty();
    }

    @Test
    void aLineThatIsTooLongIsToldAndTheNextOneIsWhole() throws IOException {
        String content = "x".repeat(300_000) + "\nabc\n";
        var reader = new LineReader(new ByteArrayInputStream(content.getBytes(StandardCharsets.US_ASCII)), 100_000);

        assertThat(reader.next()).isTrue();
        assertThat(reader.tooLong()).isTrue();
        assertThat(reader.next()).isTrue();
        assertThat(reader.tooLong()).isFalse();
        assertThat(reader.line()).isEqualTo(2);
        assertThat(new String(reader.buffer(), reader.start(), reader.length(), StandardCharsets.US_ASCII))
                .isEqualTo("abc");
        assertThat(reader.next()).isFalse();
    }

    @Property(tries = 100)
    void givesBackTheLinesOfAnyTextHoweverItArrives(@ForAll long seed) throws IOException {
        var random = new Random(seed);
        List<String> expected = new ArrayList<>();
        for (int i = random.nextInt(200); i >= 0; i--) {
            expected.add("y".repeat(random.nextInt(10) == 0 ? random.nextInt(150_000) : random.nextInt(500)) + "z");
        }
        byte[] bytes = String.join("\n", expected).getBytes(StandardCharsets.US_ASCII);
        var reader = new LineReader(
                new ByteArrayInputStream(bytes) {
                    @Override
                    public int read(byte[] target, int offset, int length) {
                        return super.read(target, offset, 1 + random.nextInt(length));
                    }
                },
                1 << 20);

        assertThat(lines(reader)).isEqualTo(expected);
    }

    private static List<String> lines(String content) throws IOException {
        InputStream in = new ByteArrayInputStream(content.getBytes(StandardCharsets.US_ASCII));
        return lines(new LineReader(in, 1 << 20));
    }

    private static List<String> lines(LineReader reader) throws IOException {
        List<String> lines = new ArrayList<>();
        while (reader.next()) {
            lines.add(new String(reader.buffer(), reader.start(), reader.length(), StandardCharsets.US_ASCII));
            assertThat(reader.line()).isEqualTo(lines.size());
        }
        return lines;
    }
}
