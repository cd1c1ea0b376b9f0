package io.taxistream.producer.kinesis;

import java.math.BigInteger;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * The few calls that watermarks need. A future fails with a {@link io.taxistream.producer.replay.StreamFailedException} if
 * another try is pointless, and with any other exception if it is not.
 */
interface StreamClient extends AutoCloseable {

    /** The shards that take records now. */
    CompletableFuture<List<Shard>> openShards();

    /**
     * Puts a record into the shard that holds a hash key.
     *
     * @return the id of the shard that took it
     */
    CompletableFuture<String> put(BigInteger hashKey, byte[] data);

    @Override
    void close();
}
