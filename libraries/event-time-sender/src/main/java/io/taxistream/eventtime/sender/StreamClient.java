package io.taxistream.eventtime.sender;

import java.math.BigInteger;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * The few calls that watermarks need. A future fails with a {@link SenderFailedException} if
 * another try is pointless, and with any other exception if it is not.
 */
interface StreamClient extends AutoCloseable {

    /** The shards that take records now. */
    CompletableFuture<List<OpenShard>> openShards();

    /**
     * Puts the same record into the shards that hold some hash keys, each of which takes or refuses it on its own.
     *
     * @return for each hash key, in their order, the id of the shard that took it
     */
    List<CompletableFuture<String>> put(List<BigInteger> hashKeys, byte[] data);

    @Override
    void close();
}
