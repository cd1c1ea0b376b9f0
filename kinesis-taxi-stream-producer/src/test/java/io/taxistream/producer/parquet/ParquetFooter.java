package io.taxistream.producer.parquet;

import io.taxistream.producer.trips.Trips;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Consumer;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.Util;

/** Edits the footer of a Parquet file, to produce files that Apache's writer does not. */
public final class ParquetFooter {

    private static final int TRAILER_BYTES = 8;

    private ParquetFooter() {}

    public static byte[] edited(byte[] file, Consumer<FileMetaData> edit) throws IOException {
        FileMetaData metaData = new ParquetFile(Trips.object("a.parquet", file)).metaData();
        edit.accept(metaData);
        int length = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getInt(file.length - TRAILER_BYTES);
        var footer = new ByteArrayOutputStream();
        Util.writeFileMetaData(metaData, footer);
        var edited = new ByteArrayOutputStream();
        edited.writeBytes(Arrays.copyOf(file, file.length - TRAILER_BYTES - length));
        edited.writeBytes(footer.toByteArray());
        edited.writeBytes(ByteBuffer.allocate(Integer.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(footer.size())
                .array());
        edited.writeBytes("PAR1".getBytes(StandardCharsets.US_ASCII));
        return edited.toByteArray();
    }
}
