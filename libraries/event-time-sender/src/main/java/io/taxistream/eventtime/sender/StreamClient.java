package io.taxistream.eventtime.sender;

import java.math.BigInteger;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Calls needed to send watermarks. A future fails with a {@link SenderFailedException} if retrying is pointless, and with
 * another exception otherwise.
 */
interface StreamClient extends AutoCloseable {

    /** Lists the shards that currently accept records. */
    CompletableFuture<List<OpenShard>> openShards();

    /**
     * Puts the same record into the shards that hold the given hash keys. Each put succeeds or fails independently.
     *
     * @return for each hash key, in order, the id of the shard that accepted the record
     */
    List<CompletableFuture<String>> put(List<BigInteger> hashKeys, byte[] data);

    @Override
    void close();
}
