package io.taxistream.search;

import io.taxistream.search.SearchClient.Reply;
import java.io.Closeable;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** Sends bulk requests without waiting for the answers. */
interface BulkClient extends Closeable {

    /**
     * Sends a bulk request as soon as fewer are in flight than the options allow.
     *
     * @param body as of {@link BulkBody}
     * @param whenDone called once, with either a reply or an exception, on a thread of the client
     */
    void bulk(byte[] body, boolean compressed, BiConsumer<@Nullable Reply, @Nullable Exception> whenDone);

    @Override
    void close();
}
