package io.taxistream.search;

import io.taxistream.search.SearchClient.Reply;
import java.io.Closeable;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** Sends bulk requests asynchronously. */
interface BulkClient extends Closeable {

    /**
     * Sends a bulk request once the number of requests in flight is below the limit.
     *
     * @param body as written by {@link BulkBody}
     * @param callback called once, with either a reply or an exception, on a thread of the client
     */
    void bulk(byte[] body, boolean compressed, BiConsumer<@Nullable Reply, @Nullable Exception> callback);

    @Override
    void close();
}
