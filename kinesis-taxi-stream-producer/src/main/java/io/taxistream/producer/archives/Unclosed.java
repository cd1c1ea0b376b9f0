package io.taxistream.producer.archives;

import io.taxistream.producer.input.InputFailedException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** A part of a stream that goes on after it: closing the part leaves the stream open. Unchecked exceptions are damage. */
final class Unclosed extends FilterInputStream {

    private Unclosed(InputStream in) {
        super(in);
    }

    static InputStream of(InputStream in) {
        return new Unclosed(in);
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        try {
            return in.read(bytes, offset, length);
        } catch (InputFailedException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new IOException(e);
        }
    }

    @Override
    public void close() {
        // whoever opened it closes it
    }
}
