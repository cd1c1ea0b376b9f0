package io.taxistream.producer.trips;

import java.io.IOException;

/** A Parquet file of which a part cannot be read; the message says which, where and why. */
final class DamagedParquetException extends IOException {

    DamagedParquetException(String message, Throwable cause) {
        super(message, cause);
    }
}
