package io.taxistream.producer.parquet;

import com.github.luben.zstd.Zstd;
import io.taxistream.producer.input.ZstdLibrary;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.compressors.lz4.BlockLZ4CompressorInputStream;
import org.apache.commons.compress.compressors.snappy.SnappyCompressorInputStream;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.page.DataPage;
import org.apache.parquet.column.page.DataPageV1;
import org.apache.parquet.column.page.DataPageV2;
import org.apache.parquet.column.page.DictionaryPage;
import org.apache.parquet.column.page.PageReader;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.CompressionCodec;
import org.apache.parquet.format.DataPageHeader;
import org.apache.parquet.format.DataPageHeaderV2;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.PageType;
import org.apache.parquet.format.Util;
import org.jspecify.annotations.Nullable;

/**
 * The pages of one column in one row group, decompressed on demand. Data that cannot be read causes an {@link
 * UncheckedIOException}.
 */
public final class ParquetPages implements PageReader {

    /** Writers make pages of about a megabyte; a larger size in a header is a sign of damage. */
    private static final int MAX_PAGE_BYTES = 1 << 27;

    /** Supported codecs, for messages. */
    public static final String CODECS = "zstd, snappy, gzip, lz4_raw or none";

    /** Longest distance of a copy; Snappy compressors work on blocks of this size. */
    private static final int SNAPPY_WINDOW = 1 << 16;

    /** Required by the library; statistics of pages are not used. */
    private static final @Nullable Statistics<?> NO_STATISTICS = null;

    private final ColumnMetaData column;
    private final InputStream in;

    private @Nullable PageHeader header;
    private long valuesLeft;

    ParquetPages(ParquetFile file, ColumnMetaData column) {
        this.column = column;
        long from = column.isSetDictionary_page_offset() && column.getDictionary_page_offset() > 0
                ? Math.min(column.getDictionary_page_offset(), column.getData_page_offset())
                : column.getData_page_offset();
        long to = from + column.getTotal_compressed_size();
        if (from < 0 || to < from || to > file.sizeBytes()) {
            throw new UncheckedIOException(new IOException(
                    "a column chunk has an invalid position, bytes " + from + " to " + to + " of the file"));
        }
        this.in = file.range(from, to);
        this.valuesLeft = column.getNum_values();
    }

    /** Returns whether a codec is supported. */
    public static boolean isRead(CompressionCodec codec) {
        return switch (codec) {
            case UNCOMPRESSED, SNAPPY, GZIP, ZSTD, LZ4_RAW, LZ4 -> true;
            case LZO, BROTLI -> false;
        };
    }

    @Override
    public long getTotalValueCount() {
        return column.getNum_values();
    }

    @Override
    public @Nullable DictionaryPage readDictionaryPage() {
        try {
            PageHeader first = nextHeader();
            if (first.getType() != PageType.DICTIONARY_PAGE) {
                header = first;
                return null;
            }
            var dictionary = first.getDictionary_page_header();
            byte[] content = decompress(readBody(first), 0, first.getUncompressed_page_size());
            return new DictionaryPage(
                    BytesInput.from(content), dictionary.getNum_values(), encoding(dictionary.getEncoding()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public @Nullable DataPage readPage() {
        try {
            while (valuesLeft > 0) {
                PageHeader page = header == null ? nextHeader() : header;
                header = null;
                byte[] body = readBody(page);
                switch (page.getType()) {
                    case DATA_PAGE -> {
                        return page(page, page.getData_page_header(), body);
                    }
                    case DATA_PAGE_V2 -> {
                        return page(page, page.getData_page_header_v2(), body);
                    }
                    default -> {
                        // Index pages and unknown types of page are skipped, as the format requires.
                    }
                }
            }
            return null;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private PageHeader nextHeader() throws IOException {
        PageHeader next = readHeader();
        int compressed = next.getCompressed_page_size();
        int decompressed = next.getUncompressed_page_size();
        if (compressed < 0 || compressed > MAX_PAGE_BYTES || decompressed < 0 || decompressed > MAX_PAGE_BYTES) {
            throw new IOException(
                    "a page has an invalid size of " + compressed + " bytes, or " + decompressed + " uncompressed");
        }
        return next;
    }

    private PageHeader readHeader() throws IOException {
        try {
            return Util.readPageHeader(in);
        } catch (StackOverflowError e) {
            // Thrift's parser skips unknown structures recursively, without a limit.
            throw new IOException("the header of a page is nested too deeply", e);
        }
    }

    private byte[] readBody(PageHeader page) throws IOException {
        byte[] body = in.readNBytes(page.getCompressed_page_size());
        if (body.length < page.getCompressed_page_size()) {
            throw new IOException("a page extends beyond the end of its column chunk");
        }
        if (page.isSetCrc()) {
            var checksum = new CRC32();
            checksum.update(body);
            if ((int) checksum.getValue() != page.getCrc()) {
                throw new IOException("a page has the wrong checksum");
            }
        }
        return body;
    }

    private DataPage page(PageHeader page, DataPageHeader header, byte[] body) throws IOException {
        int values = counted(header.getNum_values());
        return new DataPageV1(
                BytesInput.from(decompress(body, 0, page.getUncompressed_page_size())),
                values,
                page.getUncompressed_page_size(),
                NO_STATISTICS,
                encoding(header.getRepetition_level_encoding()),
                encoding(header.getDefinition_level_encoding()),
                encoding(header.getEncoding()));
    }

    private DataPage page(PageHeader page, DataPageHeaderV2 header, byte[] body) throws IOException {
        int repetition = header.getRepetition_levels_byte_length();
        int definition = header.getDefinition_levels_byte_length();
        int levels = repetition + definition;
        if (repetition < 0 || definition < 0 || levels < 0 || levels > body.length) {
            throw new IOException(
                    "a page has levels of an invalid size, " + repetition + " and " + definition + " bytes");
        }
        int values = counted(header.getNum_values());
        boolean compressed = !header.isSetIs_compressed() || header.isIs_compressed();
        byte[] data = compressed
                ? decompress(body, levels, page.getUncompressed_page_size() - levels)
                : Arrays.copyOfRange(body, levels, body.length);
        return DataPageV2.uncompressed(
                header.getNum_rows(),
                header.getNum_nulls(),
                values,
                BytesInput.from(body, 0, repetition),
                BytesInput.from(body, repetition, definition),
                encoding(header.getEncoding()),
                BytesInput.from(data),
                NO_STATISTICS);
    }

    private int counted(int values) throws IOException {
        if (values < 0 || values > valuesLeft) {
            throw new IOException(
                    "a page claims to have " + values + " values, but its column chunk has " + valuesLeft + " left");
        }
        valuesLeft -= values;
        return values;
    }

    private static Encoding encoding(org.apache.parquet.format.Encoding encoding) {
        return Encoding.valueOf(encoding.name());
    }

    private byte[] decompress(byte[] compressed, int offset, int size) throws IOException {
        int length = compressed.length - offset;
        if (size < 0) {
            throw new IOException("a page is shorter than its levels");
        }
        if (column.getCodec() == CompressionCodec.UNCOMPRESSED) {
            return Arrays.copyOfRange(compressed, offset, compressed.length);
        }
        byte[] decompressed = new byte[size];
        if (size == 0) {
            // Some writers store no bytes for a page of nulls.
            return decompressed;
        }
        int count = switch (column.getCodec()) {
            case SNAPPY -> decompressSnappy(compressed, offset, length, decompressed);
            case ZSTD -> decompressZstd(compressed, offset, length, decompressed);
            case LZ4_RAW -> decompressLz4Block(compressed, offset, length, decompressed, 0, size);
            case GZIP -> {
                try (var gzip = new GZIPInputStream(new ByteArrayInputStream(compressed, offset, length))) {
                    yield gzip.readNBytes(decompressed, 0, size);
                }
            }
            case LZ4 -> decompressLz4(compressed, offset, length, decompressed);
            default -> throw new IOException("its columns use the unsupported codec " + column.getCodec());
        };
        if (count < size) {
            throw new IOException("a page of " + size + " bytes decompresses to " + count);
        }
        return decompressed;
    }

    private static int decompressSnappy(byte[] compressed, int offset, int length, byte[] decompressed)
            throws IOException {
        try (var snappy =
                new SnappyCompressorInputStream(new ByteArrayInputStream(compressed, offset, length), SNAPPY_WINDOW)) {
            return snappy.readNBytes(decompressed, 0, decompressed.length);
        }
    }

    private static int decompressZstd(byte[] compressed, int offset, int length, byte[] decompressed)
            throws IOException {
        try {
            long count = Zstd.decompressByteArray(decompressed, 0, decompressed.length, compressed, offset, length);
            if (Zstd.isError(count)) {
                throw new IOException("a page cannot be decompressed: " + Zstd.getErrorName(count));
            }
            return (int) count;
        } catch (LinkageError e) {
            throw ZstdLibrary.missing(e);
        }
    }

    private static int decompressLz4Block(
            byte[] compressed, int offset, int length, byte[] decompressed, int at, int size) throws IOException {
        try (var lz4 = new BlockLZ4CompressorInputStream(new ByteArrayInputStream(compressed, offset, length))) {
            return lz4.readNBytes(decompressed, at, size);
        }
    }

    /** Decompresses LZ4 with or without Hadoop's framing, both of which have been written under the same codec name. */
    private static int decompressLz4(byte[] compressed, int offset, int length, byte[] decompressed)
            throws IOException {
        var frames = ByteBuffer.wrap(compressed, offset, length);
        int count = 0;
        while (frames.remaining() > 2 * Integer.BYTES) {
            int size = frames.getInt();
            int compressedSize = frames.getInt();
            if (size < 0
                    || size > decompressed.length - count
                    || compressedSize < 0
                    || compressedSize > frames.remaining()) {
                break;
            }
            int frame = decompressLz4Block(compressed, frames.position(), compressedSize, decompressed, count, size);
            if (frame < size) {
                break;
            }
            count += size;
            frames.position(frames.position() + compressedSize);
        }
        return frames.hasRemaining() || count < decompressed.length
                ? decompressLz4Block(compressed, offset, length, decompressed, 0, decompressed.length)
                : count;
    }
}
