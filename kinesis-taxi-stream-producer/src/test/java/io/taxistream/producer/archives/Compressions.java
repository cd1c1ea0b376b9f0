package io.taxistream.producer.archives;

import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;
import org.apache.commons.compress.compressors.lz4.BlockLZ4CompressorOutputStream;
import org.apache.commons.compress.compressors.lz4.FramedLZ4CompressorOutputStream;
import org.apache.commons.compress.compressors.snappy.FramedSnappyCompressorOutputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorOutputStream;

/** Packs test data. */
public enum Compressions {
    PLAIN,
    GZIP,
    BZIP2,
    ZSTD,
    FRAMED_SNAPPY,
    FRAMED_LZ4,
    XZ,
    ZIP,
    TAR;

    public byte[] pack(byte[] content) throws IOException {
        var packed = new ByteArrayOutputStream();
        try (OutputStream out = packer(packed)) {
            out.write(content);
        }
        return packed.toByteArray();
    }

    private OutputStream packer(OutputStream out) throws IOException {
        return switch (this) {
            case PLAIN -> out;
            case GZIP -> new GZIPOutputStream(out);
            case BZIP2 -> new BZip2CompressorOutputStream(out);
            case ZSTD -> new ZstdOutputStreamNoFinalizer(out);
            case FRAMED_SNAPPY -> new FramedSnappyCompressorOutputStream(out);
            case FRAMED_LZ4 ->
                // tuned for speed, because the default takes seconds for data that compresses badly
                new FramedLZ4CompressorOutputStream(
                        out,
                        new FramedLZ4CompressorOutputStream.Parameters(
                                FramedLZ4CompressorOutputStream.BlockSize.K256,
                                BlockLZ4CompressorOutputStream.createParameterBuilder()
                                        .tunedForSpeed()
                                        .build()));
            case XZ -> new XZCompressorOutputStream(out);
            case TAR -> new OneFile(out);
            case ZIP -> {
                var zip = new ZipOutputStream(out);
                zip.putNextEntry(new ZipEntry("trips.csv"));
                yield zip;
            }
        };
    }

    /** A tar archive of one file, which buffers the content because its size comes first. */
    private static final class OneFile extends ByteArrayOutputStream {

        private final OutputStream out;

        OneFile(OutputStream out) {
            this.out = out;
        }

        @Override
        public void close() throws IOException {
            try (var tar = new TarArchiveOutputStream(out)) {
                var entry = new TarArchiveEntry("trips.csv");
                entry.setSize(size());
                tar.putArchiveEntry(entry);
                writeTo(tar);
                tar.closeArchiveEntry();
            }
        }
    }
}
