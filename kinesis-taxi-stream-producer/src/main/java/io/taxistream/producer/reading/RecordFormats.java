package io.taxistream.producer.reading;

import io.taxistream.producer.archives.Contents.Text;
import io.taxistream.producer.input.InputObject;
import io.taxistream.producer.text.LineReader;
import java.io.IOException;

/**
 * Creates readers for the events of one kind in each file format.
 *
 * <p>Every method throws an {@link io.taxistream.producer.input.InputFailedException} if a file does not hold such
 * events.
 *
 * @param <E> type of the events
 */
public interface RecordFormats<E> {

    /**
     * Opens a Parquet file.
     *
     * @param bytesCounted number of bytes of the object already counted as read
     * @throws IOException if the footer cannot be read
     */
    RecordReader<E> parquet(InputObject object, long bytesCounted, ReadContext context) throws IOException;

    /**
     * Opens a text that begins with a brace or bracket.
     *
     * @param head beginning of the text
     */
    RecordReader<E> json(Text text, byte[] head, ReadContext context) throws IOException;

    /**
     * Opens any other text.
     *
     * @param lines lines of the text, of which the header was the last one read
     * @param header first non-blank line
     * @param head first {@link io.taxistream.producer.archives.Contents#HEAD_BYTES} of the text, or all of it
     */
    RecordReader<E> table(Text text, LineReader lines, String header, byte[] head, ReadContext context)
            throws IOException;
}
