package io.taxistream.producer.archives;

import java.io.InputStream;

/** A decoded part of a stream that goes on after it: closing the part leaves the stream open. */
final class Unclosed extends Decoded {

    private Unclosed(InputStream in) {
        super(in);
    }

    static InputStream of(InputStream in) {
        return new Unclosed(in);
    }

    @Override
    public void close() {
        // whoever opened it closes it
    }
}
