package io.taxistream.producer.archives;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

class CompressionTest {

    private static final byte[] CONTENT = content(40_000, 1);
    private static final byte[] MORE = content(20_000, 2);

    @ParameterizedTest
    @EnumSource(
            mode = Mode.EXCLUDE,
            names = {"ZIP", "TAR"})
    void detectsCompressionByContent(Compressions packing) throws IOException {
        assertThat(unpack(packing.pack(CONTENT))).isEqualTo(CONTENT);
    }

    @ParameterizedTest
    @EnumSource(
            mode = Mode.EXCLUDE,
            names = {"ZIP", "TAR"})
    void readsConcatenatedCompressedMembers(Compressions packing) throws IOException {
        byte[] both = concat(packing.pack(CONTENT), packing.pack(MORE));

        assertThat(unpack(both)).isEqualTo(concat(CONTENT, MORE));
    }

    /** pzstd precedes each frame with one that contains its size. */
    @Test
    void readsZstdWithSkippableFrames() throws IOException {
        byte[] skippable = {0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 1, 2, 3, 4};
        byte[] one = concat(skippable, Compressions.ZSTD.pack(CONTENT));
        byte[] two = concat(skippable, Compressions.ZSTD.pack(MORE));

        assertThat(unpack(concat(one, two))).isEqualTo(concat(CONTENT, MORE));
        assertThat(unpack(concat(one, skippable))).isEqualTo(CONTENT);
    }

    @Test
    void ignoresZerosAfterGzip() throws IOException {
        byte[] packed = concat(Compressions.GZIP.pack(CONTENT), Compressions.GZIP.pack(new byte[0]));

        assertThat(unpack(concat(packed, new byte[10_000]))).isEqualTo(CONTENT);
    }

    @Test
    void readsWhatPrecedesOtherDataAfterGzip() throws IOException {
        byte[] packed = concat(Compressions.GZIP.pack(CONTENT), "\0\0more".getBytes(StandardCharsets.US_ASCII));

        try (InputStream in = Compression.open(new BufferedInputStream(new ByteArrayInputStream(packed)))) {
            assertThat(in.readNBytes(CONTENT.length)).isEqualTo(CONTENT);
            assertThatThrownBy(in::read)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("data after the end of the gzip members");
        }
    }

    @Test
    void namesAWindowOfZstdThatIsTooLarge() {
        // The header of a frame with a window of 2 GiB, and an empty last block.
        byte[] frame = HexFormat.of().parseHex("28b52ffd00a8010000");

        assertThatThrownBy(() -> unpack(frame))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("compress it without --long");
    }

    @ParameterizedTest
    @EnumSource(
            mode = Mode.EXCLUDE,
            names = {"PLAIN", "ZIP", "TAR"})
    void truncationIsNotMistakenForTheEnd(Compressions packing) throws IOException {
        byte[] packed = packing.pack(CONTENT);

        for (int length : new int[] {12, packed.length / 2, packed.length - 30}) {
            byte[] cut = Arrays.copyOf(packed, length);
            assertThatThrownBy(() -> unpack(cut))
                    .as("%s of %s bytes", length, packed.length)
                    .isInstanceOf(IOException.class);
        }
    }

    @ParameterizedTest
    @EnumSource(
            mode = Mode.EXCLUDE,
            names = {"PLAIN", "ZIP", "TAR"})
    void damageIsReportedAsIoException(Compressions packing) throws IOException {
        byte[] packed = packing.pack(CONTENT);
        var random = new Random(1);

        for (int i = 0; i < 20; i++) {
            byte[] damaged = packed.clone();
            damaged[10 + random.nextInt(packed.length - 10)] ^= (byte) (1 << random.nextInt(8));
            assertThatCode(() -> {
                        try {
                            unpack(damaged);
                        } catch (IOException e) {
                            assertThat(e).isNotNull();
                        }
                    })
                    .doesNotThrowAnyException();
        }
    }

    @ParameterizedTest
    @EnumSource(
            mode = Mode.EXCLUDE,
            names = {"ZIP", "TAR"})
    void decodesSlowlyArrivingBytes(Compressions packing) throws IOException {
        byte[] packed = packing.pack(MORE);
        var random = new Random(1);
        InputStream trickle = new ByteArrayInputStream(packed) {
            @Override
            public synchronized int read(byte[] bytes, int offset, int length) {
                return super.read(bytes, offset, 1 + random.nextInt(Math.min(length, 700)));
            }

            @Override
            public synchronized int available() {
                return 0;
            }
        };

        try (InputStream in = Compression.open(new BufferedInputStream(trickle, 512))) {
            assertThat(in.readAllBytes()).isEqualTo(MORE);
        }
    }

    private static byte[] unpack(byte[] packed) throws IOException {
        try (InputStream in = Compression.open(new BufferedInputStream(new ByteArrayInputStream(packed)))) {
            return in.readAllBytes();
        }
    }

    /** Returns content that compresses well, but not to almost nothing. */
    private static byte[] content(int size, int seed) {
        var random = new Random(seed);
        byte[] content = new byte[size];
        for (int i = 0; i < size; i++) {
            content[i] = (byte) ('0' + random.nextInt(10));
        }
        return content;
    }

    private static byte[] concat(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }
}
