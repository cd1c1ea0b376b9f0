package io.taxistream.producer.reading;

import io.taxistream.producer.archives.Contents.Text;
import io.taxistream.producer.input.InputObject;
import io.taxistream.producer.text.LineReader;
import java.io.IOException;

/**
 * Says which records of a file are events of a kind, for each format that files have.
 *
 * <p>Every method throws an {@link io.taxistream.producer.input.InputFailedException} if a file does not hold such events at
 * all.
 *
 * @param <E> type of the events
 */
public interface RecordFormats<E> {

    /**
     * Opens a Parquet file.
     *
     * @param bytesCounted how many bytes of the object have been counted as read
     * @throws IOException if its footer cannot be read
     */
    RecordReader<E> parquet(InputObject object, long bytesCounted, ReadContext context) throws IOException;

    /**
     * Opens a text that begins with a brace or bracket.
     *
     * @param head its beginning
     */
    RecordReader<E> json(Text text, byte[] head, ReadContext context) throws IOException;

    /**
     * Opens any other text.
     *
     * @param lines its lines, of which the header was the last to be read
     * @param header its first line that is not blank
     * @param head its beginning, {@link io.taxistream.producer.archives.Contents#HEAD_BYTES} or all of it
     */
    RecordReader<E> table(Text text, LineReader lines, String header, byte[] head, ReadContext context)
            throws IOException;
}
