package io.taxistream.producer.input;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;

/**
 * Reads a remote object to its end despite broken connections, by reopening it at the current position.
 *
 * <p>A slow replay reads slowly, and S3 closes idle connections.
 */
final class ResumingInputStream extends InputStream {

    /** Opens the object at a position; closing the stream must not read the rest of it. */
    interface Opener {
        InputStream open(long position) throws IOException;
    }

    private final Opener opener;
    private final long end;
    private final int retries;
    private final Duration firstBackoff;

    private InputStream in;
    private long position;

    /**
     * @param from position of the first byte to read
     * @param end exclusive end position
     * @param retries maximum number of consecutive attempts to reopen without reading a byte
     * @param firstBackoff delay before the first attempt; doubled for each further attempt
     */
    ResumingInputStream(Opener opener, long from, long end, int retries, Duration firstBackoff) throws IOException {
        this.opener = opener;
        this.position = from;
        this.end = end;
        this.retries = retries;
        this.firstBackoff = firstBackoff;
        this.in = opener.open(from);
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        IOException failure = null;
        for (int attempt = 0; attempt <= retries; attempt++) {
            try {
                if (failure != null) {
                    pause(attempt);
                    in = opener.open(position);
                }
                int count = in.read(bytes, offset, length);
                if (count >= 0) {
                    position += count;
                    return count;
                }
                if (position >= end) {
                    return -1;
                }
                failure = new IOException("the connection was closed");
            } catch (IOException e) {
                failure = e;
            }
            closeQuietly(failure);
        }
        IOException last = requireNonNull(failure, "there is one attempt at least");
        throw new InputFailedException(
                "reading failed at byte " + position + " of " + end + " " + (retries + 1) + " times in a row: "
                        + SingleLine.of(String.valueOf(last.getMessage())) + "; check the network",
                last);
    }

    @Override
    public void close() throws IOException {
        in.close();
    }

    private void pause(int attempt) {
        try {
            Thread.sleep(firstBackoff.toMillis() << (attempt - 1));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InputFailedException("reading was interrupted", e);
        }
    }

    private void closeQuietly(IOException failure) {
        try {
            in.close();
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }
}
