package io.taxistream.eventtime.source;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;

/** Damages bytes: flips, overwrites, removes, repeats or inserts some, or puts another value in the place of one. */
final class DamagedBytes {

    /** The format of bytes, of which other values are known. */
    enum Format {
        JSON(
                "null",
                "true",
                "[]",
                "{}",
                "[null]",
                "\"\"",
                "\"x\"",
                "-1",
                "1.5",
                "1e999999999",
                "-1e999999999",
                "9223372036854775807",
                "99999999999999999999999999999999999999999",
                "9".repeat(5_000),
                "\"" + "9".repeat(5_000) + "\"",
                "[".repeat(20_000),
                "{\"a\":".repeat(20_000),
                "\"\\ud800\"",
                "NaN"),
        CBOR(
                "f6",
                "f5",
                "80",
                "a0",
                "81f6",
                "60",
                "6178",
                "20",
                "1bffffffffffffffff",
                "1b7fffffffffffffff",
                "3bffffffffffffffff",
                "9bffffffffffffffff",
                "9a7fffffff",
                "5b00000000ffffffff",
                "5a7fffffff",
                "7a7fffffff",
                "ba7fffffff",
                "fb7ff0000000000000",
                "fb7ff8000000000000",
                "fb7fefffffffffffff",
                "c249ffffffffffffffffff",
                "c4821a3b9ac9ff01",
                "81".repeat(20_000),
                "5f",
                "ff");

        @SuppressWarnings("ImmutableEnumChecker") // List.of is immutable
        private final List<String> values;

        Format(String... values) {
            this.values = List.of(values);
        }

        private byte[] value(Random random) {
            String value = values.get(random.nextInt(values.size()));
            return this == JSON ? value.getBytes(ISO_8859_1) : HexFormat.of().parseHex(value);
        }
    }

    private final Random random;

    DamagedBytes(Random random) {
        this.random = random;
    }

    byte[] of(byte[] intact, Format format) {
        byte[] bytes = intact.clone();
        int changes = 1 + random.nextInt(3);
        for (int i = 0; i < changes && bytes.length > 0; i++) {
            int at = random.nextInt(bytes.length);
            switch (random.nextInt(8)) {
                case 0 -> bytes[at] = (byte) (bytes[at] ^ (1 << random.nextInt(8)));
                case 1 -> bytes[at] = (byte) random.nextInt();
                case 2 -> bytes[at] = random.nextBoolean() ? (byte) -1 : 0;
                case 3 -> bytes = replaced(bytes, at, Math.min(bytes.length, at + random.nextInt(16)), new byte[0]);
                case 4 -> bytes = replaced(bytes, at, Math.max(0, at - random.nextInt(16)), new byte[0]);
                case 5 -> bytes = Arrays.copyOf(bytes, at);
                default -> bytes = otherValue(bytes, at, format);
            }
        }
        return bytes;
    }

    private byte[] otherValue(byte[] bytes, int at, Format format) {
        byte[] value = format.value(random);
        if (format == Format.CBOR) {
            return replaced(bytes, at, Math.min(bytes.length, at + random.nextInt(4)), value);
        }
        int start = at;
        while (start < bytes.length && bytes[start] != ':') {
            start++;
        }
        int end = start + 1;
        while (end < bytes.length && bytes[end] != ',' && bytes[end] != '}') {
            end++;
        }
        return end > bytes.length ? bytes : replaced(bytes, start + 1, end, value);
    }

    /** Joins the bytes before an index, other bytes, and the bytes from another index on. */
    private static byte[] replaced(byte[] bytes, int end, int start, byte[] by) {
        byte[] joined = new byte[end + by.length + bytes.length - start];
        System.arraycopy(bytes, 0, joined, 0, end);
        System.arraycopy(by, 0, joined, end, by.length);
        System.arraycopy(bytes, start, joined, end + by.length, bytes.length - start);
        return joined;
    }
}
