package io.taxistream.producer.input;

import java.io.IOException;

/** A Parquet file of which a part cannot be read; the message says which, where and why. */
public final class DamagedParquetException extends IOException {

    public DamagedParquetException(String message, Throwable cause) {
        super(message, cause);
    }
}
