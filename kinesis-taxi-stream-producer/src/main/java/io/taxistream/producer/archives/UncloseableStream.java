package io.taxistream.producer.archives;

import java.io.InputStream;

/** A decoded section of a stream; closing the section leaves the stream open. */
final class UncloseableStream extends Decoded {

    private UncloseableStream(InputStream in) {
        super(in);
    }

    static InputStream of(InputStream in) {
        return new UncloseableStream(in);
    }

    @Override
    public void close() {
        // closed by its owner
    }
}
