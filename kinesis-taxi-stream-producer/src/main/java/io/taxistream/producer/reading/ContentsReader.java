package io.taxistream.producer.reading;

import static java.util.Objects.requireNonNull;

import io.taxistream.producer.archives.Contents;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Reads the events of all texts in an object with one reader per text.
 *
 * @param <E> type of the events
 */
final class ContentsReader<E> implements RecordReader<E> {

    /** Opens a reader for a text. */
    interface Opener<E> {
        RecordReader<E> open(Contents.Text text) throws IOException;
    }

    private final Contents contents;
    private final Opener<E> opener;
    private final String object;

    private Contents.@Nullable Text text;
    private @Nullable RecordReader<E> reader;

    /**
     * @param object key of the object
     */
    ContentsReader(Contents contents, Opener<E> opener, String object) {
        this.contents = contents;
        this.opener = opener;
        this.object = object;
    }

    @Override
    public @Nullable E next() throws IOException {
        while (reader != null || open()) {
            E event = read();
            if (event != null) {
                return event;
            }
            reader = null;
        }
        return null;
    }

    /** Opens the next text; returns {@code false} if there are no more. */
    boolean open() throws IOException {
        text = contents.next();
        if (text == null) {
            return false;
        }
        try {
            reader = opener.open(text);
        } catch (IOException e) {
            throw named(e);
        }
        return true;
    }

    @Override
    public void close() throws IOException {
        contents.close();
    }

    private @Nullable E read() throws IOException {
        try {
            return requireNonNull(reader, "a text is open").next();
        } catch (IOException e) {
            throw named(e);
        }
    }

    /** Adds the name of the damaged file in the archive to an error. */
    private IOException named(IOException e) {
        String key = requireNonNull(text, "a text is open").key();
        if (key.equals(object)) {
            return e;
        }
        String why = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        return new IOException("in " + key.substring(object.length() + 1) + ": " + why, e);
    }
}
