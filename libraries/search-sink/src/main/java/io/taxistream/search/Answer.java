package io.taxistream.search;

import io.taxistream.search.BulkResponse.Item;
import io.taxistream.search.SearchClient.Reply;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Result of a bulk request: one item per document, or a single verdict for all of them.
 *
 * @param items in the order of the documents; empty if the request failed as a whole
 * @param verdict verdict on all documents if there are no items; never {@link Verdict#STORED} in that case
 * @param reason reason for the verdict
 */
record Answer(List<Item> items, Verdict verdict, Item reason) {

    /** Creates an answer from either a reply or a failure; exactly one of them must be given. */
    static Answer of(List<BulkEntry> request, @Nullable Reply reply, @Nullable Exception failure) {
        if (reply == null) {
            return new Answer(List.of(), Verdict.RETRY, new Item(0, "", String.valueOf(failure)));
        }
        if (reply.status() / 100 != 2) {
            Item reason = BulkResponse.whole(reply.status(), reply.body());
            return new Answer(List.of(), Verdict.ofRequest(reason), reason);
        }
        try {
            return new Answer(
                    BulkResponse.read(reply.body(), request), Verdict.STORED, new Item(reply.status(), "", ""));
        } catch (IOException e) {
            return new Answer(List.of(), Verdict.RETRY, new Item(0, "", String.valueOf(e.getMessage())));
        }
    }
}
