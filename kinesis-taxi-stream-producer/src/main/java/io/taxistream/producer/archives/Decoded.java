package io.taxistream.producer.archives;

import io.taxistream.producer.input.InputFailedException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * Wraps a decoder, converting the various exceptions that decoders throw for damaged input into {@link IOException}s.
 */
class Decoded extends FilterInputStream {

    Decoded(InputStream in) {
        super(in);
    }

    @Override
    public final int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public final int read(byte[] bytes, int offset, int length) throws IOException {
        try {
            return in.read(bytes, offset, length);
        } catch (InputFailedException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new IOException(e);
        }
    }
}
