package io.taxistream.producer.text;

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
    void splitsAtEveryLineTerminator() throws IOException {
        assertThat(lines("a\r\n\nbc\n\rd\r")).containsExactly("a", "", "bc", "", "d");
        assertThat(lines("a\rb\rc")).containsExactly("a", "b", "c");
        assertThat(lines("\r\r\n")).containsExactly("", "");
    }

    @Test
    void extendsALineByTheNextOnesAndResets() throws IOException {
        var reader = reader("\"a\r\nb\rc\nd");

        assertThat(reader.next()).isTrue();
        assertThat(reader.isQuoted()).isTrue();
        assertThat(reader.extend()).isTrue();
        assertThat(text(reader)).isEqualTo("\"a\r\nb");
        assertThat(reader.extend()).isTrue();
        assertThat(text(reader)).isEqualTo("\"a\r\nb\rc");
        assertThat(reader.isExtended()).isTrue();
        reader.retract();
        assertThat(text(reader)).isEqualTo("\"a");
        assertThat(lines(reader, 2)).containsExactly("b", "c", "d");
    }

    @Test
    void doesNotExtendALinePastTheEndOrTheMaximumLength() throws IOException {
        var reader = reader("a\r\n" + "x".repeat(200_000) + "\nb");

        assertThat(reader.next()).isTrue();
        assertThat(reader.extend()).isTrue();
        reader.retract();
        var bounded = new LineReader(bytes("a\n" + "x".repeat(200_000) + "\nb"), 100_000);
        assertThat(bounded.next()).isTrue();
        assertThat(bounded.extend()).isFalse();
        bounded.retract();
        assertThat(text(bounded)).isEqualTo("a");
        assertThat(bounded.next()).isTrue();
        assertThat(bounded.tooLong()).isTrue();
        assertThat(bounded.next()).isTrue();
        assertThat(text(bounded)).isEqualTo("b");
        assertThat(bounded.extend()).isFalse();
    }

    @Test
    void lastLineNeedsNoTerminator() throws IOException {
        assertThat(lines("a\nb")).containsExactly("a", "b");
        assertThat(lines("a\nb\n")).containsExactly("a", "b");
        assertThat(lines("")).isEmpty();
    }

    @Test
    void reportsAnOverlongLineAndReadsTheNextOneInFull() throws IOException {
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
    void readsTheSameLinesForAnyChunking(@ForAll long seed) throws IOException {
        var random = new Random(seed);
        List<String> expected = new ArrayList<>();
        for (int i = random.nextInt(200); i >= 0; i--) {
            expected.add("y".repeat(random.nextInt(10) == 0 ? random.nextInt(150_000) : random.nextInt(500)) + "z");
        }
        String[] ends = {"\n", "\r\n", "\r"};
        var content = new StringBuilder(expected.get(0));
        for (String line : expected.subList(1, expected.size())) {
            content.append(ends[random.nextInt(ends.length)]).append(line);
        }
        byte[] bytes = content.toString().getBytes(StandardCharsets.US_ASCII);
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
        return lines(reader(content));
    }

    private static LineReader reader(String content) {
        return new LineReader(bytes(content), 1 << 20);
    }

    private static InputStream bytes(String content) {
        return new ByteArrayInputStream(content.getBytes(StandardCharsets.US_ASCII));
    }

    private static List<String> lines(LineReader reader) throws IOException {
        return lines(reader, 1);
    }

    private static List<String> lines(LineReader reader, int firstLine) throws IOException {
        List<String> lines = new ArrayList<>();
        while (reader.next()) {
            assertThat(reader.line()).isEqualTo(firstLine + lines.size());
            lines.add(text(reader));
        }
        return lines;
    }

    private static String text(LineReader reader) {
        return new String(reader.buffer(), reader.start(), reader.length(), StandardCharsets.US_ASCII);
    }
}
