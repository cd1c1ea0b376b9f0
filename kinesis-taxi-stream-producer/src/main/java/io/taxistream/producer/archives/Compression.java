package io.taxistream.producer.archives;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import io.taxistream.producer.input.InputFailedException;
import io.taxistream.producer.input.ZstdLibrary;
import java.io.IOException;
import java.io.InputStream;
import java.util.HexFormat;
import org.apache.commons.compress.MemoryLimitException;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;
import org.apache.commons.compress.compressors.lz4.FramedLZ4CompressorInputStream;
import org.apache.commons.compress.compressors.snappy.FramedSnappyCompressorInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;

/** Compression formats, detected by the first bytes of an object instead of its name. */
enum Compression {
    GZIP("1f8b"),
    BZIP2("425a68"),
    ZSTD("28b52ffd"),
    /** Begins with a frame of other data, as pzstd writes it. */
    SKIPPABLE_ZSTD("502a4d18"),
    FRAMED_SNAPPY("ff060000734e61507059"),
    FRAMED_LZ4("04224d18"),
    XZ("fd377a585a00"),
    NONE("");

    private static final int LONGEST_MAGIC = 10;

    /** The strongest preset of xz needs 65 MiB. */
    private static final int MAX_XZ_MEMORY_KIB = 130 << 10;

    /** The format's signature in hexadecimal. */
    private final String magic;

    Compression(String magic) {
        this.magic = magic;
    }

    /**
     * Decompresses the content of an object.
     *
     * @param in supports mark and reset, and returns at least ten bytes on the first read unless it has fewer
     * @return a stream that throws an {@link IOException} where the object is damaged
     * @throws IOException if the object is damaged at its beginning
     */
    static InputStream open(InputStream in) throws IOException {
        in.mark(LONGEST_MAGIC);
        byte[] start = in.readNBytes(LONGEST_MAGIC);
        in.reset();
        Compression compression = of(start);
        if (compression == NONE) {
            return in;
        }
        try {
            return new Decoded(compression.unpack(in));
        } catch (InputFailedException e) {
            throw e;
        } catch (MemoryLimitException e) {
            throw Decoded.tooMuchMemory(e);
        } catch (LinkageError e) {
            throw ZstdLibrary.missing(e);
        } catch (RuntimeException e) {
            throw new IOException(e);
        }
    }

    /** Returns the compression of content that begins with these bytes. */
    static Compression of(byte[] start) {
        for (Compression compression : values()) {
            if (compression.matches(start)) {
                return compression;
            }
        }
        throw new IllegalStateException("NONE matches everything");
    }

    private boolean matches(byte[] start) {
        return HexFormat.of()
                .formatHex(start, 0, Math.min(start.length, LONGEST_MAGIC))
                .startsWith(magic);
    }

    private InputStream unpack(InputStream in) throws IOException {
        return switch (this) {
            case GZIP -> new GzipMembers(in);
            case BZIP2 -> new BZip2CompressorInputStream(in, true);
            case ZSTD, SKIPPABLE_ZSTD -> new ZstdInputStreamNoFinalizer(in);
            case FRAMED_SNAPPY -> new FramedSnappyCompressorInputStream(in);
            case FRAMED_LZ4 -> new FramedLZ4CompressorInputStream(in, true);
            case XZ -> xz(in);
            case NONE -> in;
        };
    }

    /** Decompresses xz with a limit on the memory, which the compressed data can otherwise choose. */
    static InputStream xz(InputStream in) throws IOException {
        return XZCompressorInputStream.builder()
                .setInputStream(in)
                .setDecompressConcatenated(true)
                .setMemoryLimitKiB(MAX_XZ_MEMORY_KIB)
                .get();
    }
}
