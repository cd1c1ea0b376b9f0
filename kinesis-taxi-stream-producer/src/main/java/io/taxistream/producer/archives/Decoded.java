package io.taxistream.producer.archives;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdIOException;
import io.taxistream.producer.input.InputFailedException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.apache.commons.compress.MemoryLimitException;

/**
 * Wraps a decoder, converting the various exceptions that decoders throw for damaged input into {@link IOException}s.
 */
class Decoded extends FilterInputStream {

    Decoded(InputStream in) {
        super(in);
    }

    /** Returns an error that says how much memory the decoder is allowed. */
    static IOException tooMuchMemory(MemoryLimitException e) {
        return new IOException(
                "decompressing it needs " + e.getMemoryNeededInKb() / 1024 + " MiB of memory, and "
                        + e.getMemoryLimitInKb() / 1024 + " MiB are allowed; compress it with a smaller dictionary",
                e);
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
        } catch (MemoryLimitException e) {
            throw tooMuchMemory(e);
        } catch (ZstdIOException e) {
            throw e.getErrorCode() == Zstd.errFrameParameterWindowTooLarge()
                    ? new IOException(
                            "decompressing it needs a window of more than 128 MiB; compress it without --long", e)
                    : e;
        } catch (RuntimeException e) {
            throw new IOException(e);
        }
    }
}
