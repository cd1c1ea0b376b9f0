package io.taxistream.producer.parquet;

import io.taxistream.producer.archives.Compressions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.compressors.lz4.BlockLZ4CompressorOutputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.column.ParquetProperties.WriterVersion;
import org.apache.parquet.compression.CompressionCodecFactory;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.CodecFactory;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.api.WriteSupport;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.PositionOutputStream;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.RecordConsumer;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;

/** Writes Parquet files with Apache's writer. Shared with the tests of other modules. */
public final class ParquetFiles {

    /** The columns of the TLC's yellow files since 2022 that are used, and two that are not. */
    public static final String YELLOW = """
            message schema {
              optional int64 VendorID;
              optional int64 tpep_pickup_datetime (TIMESTAMP(MICROS,false));
              optional int64 tpep_dropoff_datetime (TIMESTAMP(MICROS,false));
              optional binary store_and_fwd_flag (STRING);
              optional int64 PULocationID;
              optional int64 DOLocationID;
              optional double total_amount;
            }
            """;

    private final MessageType schema;
    private CompressionCodecName codec = CompressionCodecName.UNCOMPRESSED;
    private WriterVersion version = WriterVersion.PARQUET_1_0;
    private boolean dictionaries = true;
    private boolean splitBytes;
    private int rowsInGroup = Integer.MAX_VALUE;
    private int rowsInPage = 20_000;

    private ParquetFiles(String schema) {
        this.schema = MessageTypeParser.parseMessageType(schema);
    }

    public static ParquetFiles of(String schema) {
        return new ParquetFiles(schema);
    }

    public ParquetFiles codec(CompressionCodecName name) {
        this.codec = name;
        return this;
    }

    public ParquetFiles version(WriterVersion writerVersion) {
        this.version = writerVersion;
        return this;
    }

    public ParquetFiles dictionaries(boolean used) {
        this.dictionaries = used;
        return this;
    }

    /** Sets whether the encoding BYTE_STREAM_SPLIT is used for all numbers and fixed-length byte arrays. */
    public ParquetFiles splitBytes(boolean used) {
        this.splitBytes = used;
        return this;
    }

    public ParquetFiles rowsInGroup(int rows) {
        this.rowsInGroup = rows;
        return this;
    }

    public ParquetFiles rowsInPage(int rows) {
        this.rowsInPage = rows;
        return this;
    }

    /**
     * Returns the bytes of a file.
     *
     * @param rows values by column; missing columns are null
     */
    public byte[] write(List<Map<String, Object>> rows) throws IOException {
        var file = new MemoryFile();
        var builder = new Builder(file, schema)
                .withConf(new PlainParquetConfiguration())
                .withCodecFactory(new Codecs())
                .withCompressionCodec(codec)
                .withWriterVersion(version)
                .withDictionaryEncoding(dictionaries)
                .withRowGroupRowCountLimit(rowsInGroup)
                .withPageRowCountLimit(rowsInPage);
        for (Type column : schema.getFields()) {
            if (column.isPrimitive() && column.asPrimitiveType().getPrimitiveTypeName() != PrimitiveTypeName.BINARY) {
                builder.withByteStreamSplitEncoding(column.getName(), splitBytes);
            }
        }
        try (var writer = builder.build()) {
            for (Map<String, Object> row : rows) {
                writer.write(row);
            }
        }
        return file.bytes.toByteArray();
    }

    private static final class Builder extends ParquetWriter.Builder<Map<String, Object>, Builder> {

        private final MessageType schema;

        Builder(OutputFile file, MessageType schema) {
            super(file);
            this.schema = schema;
        }

        @Override
        protected Builder self() {
            return this;
        }

        @Override
        @SuppressWarnings("deprecation") // abstract nevertheless
        protected WriteSupport<Map<String, Object>> getWriteSupport(Configuration configuration) {
            return new Rows(schema);
        }
    }

    private static final class Rows extends WriteSupport<Map<String, Object>> {

        private final MessageType schema;
        private RecordConsumer consumer;

        Rows(MessageType schema) {
            this.schema = schema;
        }

        @Override
        @SuppressWarnings("deprecation") // abstract nevertheless
        public WriteContext init(Configuration configuration) {
            return new WriteContext(schema, Map.of());
        }

        @Override
        public void prepareForWrite(RecordConsumer recordConsumer) {
            this.consumer = recordConsumer;
        }

        @Override
        public void write(Map<String, Object> row) {
            consumer.startMessage();
            for (int i = 0; i < schema.getFieldCount(); i++) {
                String name = schema.getFieldName(i);
                Object value = row.get(name);
                if (value != null) {
                    consumer.startField(name, i);
                    add(value);
                    consumer.endField(name, i);
                }
            }
            consumer.endMessage();
        }

        private void add(Object value) {
            if (value instanceof Long number) {
                consumer.addLong(number);
            } else if (value instanceof Integer number) {
                consumer.addInteger(number);
            } else if (value instanceof Double number) {
                consumer.addDouble(number);
            } else if (value instanceof Float number) {
                consumer.addFloat(number);
            } else if (value instanceof Boolean bit) {
                consumer.addBoolean(bit);
            } else if (value instanceof byte[] bytes) {
                consumer.addBinary(Binary.fromConstantByteArray(bytes));
            } else {
                consumer.addBinary(Binary.fromString((String) value));
            }
        }
    }

    /** The codecs of the library, except gzip and framed LZ4, which it takes from Hadoop. */
    private static final class Codecs implements CompressionCodecFactory {

        private final CodecFactory others = new CodecFactory(new PlainParquetConfiguration(), 1 << 16);

        @Override
        public BytesInputCompressor getCompressor(CompressionCodecName name) {
            return switch (name) {
                case GZIP -> new Compressions(name, ParquetFiles::gzip);
                case LZ4 -> new Compressions(name, ParquetFiles::framedLz4);
                default -> others.getCompressor(name);
            };
        }

        @Override
        public BytesInputDecompressor getDecompressor(CompressionCodecName name) {
            return others.getDecompressor(name);
        }

        @Override
        public void release() {
            others.release();
        }
    }

    /** Compresses in two members, as some writers do. */
    private static byte[] gzip(byte[] bytes) throws IOException {
        var packed = new ByteArrayOutputStream();
        try (var first = new GZIPOutputStream(packed)) {
            first.write(bytes, 0, bytes.length / 2);
        }
        try (var second = new GZIPOutputStream(packed)) {
            second.write(bytes, bytes.length / 2, bytes.length - bytes.length / 2);
        }
        return packed.toByteArray();
    }

    private static final int LZ4_FRAME = 1 << 17;

    private static byte[] framedLz4(byte[] bytes) throws IOException {
        var packed = new ByteArrayOutputStream();
        for (int start = 0; start < bytes.length; start += LZ4_FRAME) {
            int length = Math.min(LZ4_FRAME, bytes.length - start);
            var block = new ByteArrayOutputStream();
            try (var lz4 = new BlockLZ4CompressorOutputStream(block)) {
                lz4.write(bytes, start, length);
            }
            packed.writeBytes(ByteBuffer.allocate(2 * Integer.BYTES)
                    .putInt(length)
                    .putInt(block.size())
                    .array());
            block.writeTo(packed);
        }
        return packed.toByteArray();
    }

    private interface Packer {

        byte[] pack(byte[] bytes) throws IOException;
    }

    private record Compressions(CompressionCodecName name, Packer packer)
            implements CompressionCodecFactory.BytesInputCompressor {

        @Override
        public BytesInput compress(BytesInput bytes) throws IOException {
            var unpacked = new ByteArrayOutputStream();
            bytes.writeAllTo(unpacked);
            return BytesInput.from(packer.pack(unpacked.toByteArray()));
        }

        @Override
        public CompressionCodecName getCodecName() {
            return name;
        }

        @Override
        public void release() {
            // no resources
        }
    }

    private static final class MemoryFile implements OutputFile {

        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        @Override
        public PositionOutputStream create(long blockSizeHint) {
            return new PositionOutputStream() {
                @Override
                public long getPos() {
                    return bytes.size();
                }

                @Override
                public void write(int b) {
                    bytes.write(b);
                }

                @Override
                public void write(byte[] from, int offset, int length) {
                    bytes.write(from, offset, length);
                }
            };
        }

        @Override
        public PositionOutputStream createOrOverwrite(long blockSizeHint) {
            return create(blockSizeHint);
        }

        @Override
        public boolean supportsBlockSize() {
            return false;
        }

        @Override
        public long defaultBlockSize() {
            return 0;
        }
    }
}
