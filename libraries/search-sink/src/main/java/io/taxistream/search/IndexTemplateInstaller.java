package io.taxistream.search;

import io.taxistream.search.BulkResponse.Item;
import io.taxistream.search.SearchClient.Reply;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Creates index templates before the first document is sent, and verifies that existing indices are compatible with them.
 *
 * <p>Every writer of a job does this on startup: any of them may send the first document, and only the task managers are
 * certain to reach the engine. The operation is idempotent, even if several writers execute it concurrently.
 */
final class IndexTemplateInstaller {

    private static final Logger LOG = LoggerFactory.getLogger(IndexTemplateInstaller.class);

    private final SearchClient client;
    private final RetryPolicy retryPolicy;
    private final Clock clock;
    private final Sleeper sleeper;

    /** Sleeps for a number of milliseconds. */
    interface Sleeper {
        void sleep(long millis) throws InterruptedException;
    }

    IndexTemplateInstaller(SearchClient client, RetryPolicy retryPolicy, Clock clock, Sleeper sleeper) {
        this.client = client;
        this.retryPolicy = retryPolicy;
        this.clock = clock;
        this.sleeper = sleeper;
    }

    /**
     * @throws SearchSinkException if the engine rejects a template, if an existing index has an incompatible mapping, or if the
     *     engine cannot be reached before the timeout of the retry policy
     */
    void install(List<IndexTemplate> templates) throws IOException {
        for (IndexTemplate template : templates) {
            Reply put = send("/_index_template/" + template.pathSegment(), template.requestBody());
            if (put.status() / 100 != 2) {
                throw new SearchSinkException("index template " + template.name() + " was rejected: " + error(put)
                        + IndexFault.of(error(put))
                                .map(fault -> "; " + fault.remedy())
                                .orElseGet(() -> hint(put.status())));
            }
            // Adds missing fields; rejected if a field exists with another type.
            Reply mapping = send("/" + template.pathSegment() + "/_mapping", template.mappings());
            if (mapping.status() / 100 != 2 && mapping.status() != 404) {
                throw new SearchSinkException("index " + template.name()
                        + " exists with a mapping that does not match its documents (" + error(mapping) + ")"
                        + (mapping.status() == 400
                                ? "; delete the index, or choose another index name"
                                : hint(mapping.status())));
            }
        }
    }

    private static String hint(int status) {
        return status == 401 || status == 403
                ? "; check the credentials of the job and the access policy of the domain"
                : "";
    }

    private static Item error(Reply reply) {
        return BulkResponse.whole(reply.status(), reply.body());
    }

    private Reply send(String path, String body) throws IOException {
        long startMillis = clock.millis();
        for (int failures = 1; ; failures++) {
            String reason;
            try {
                Reply reply = client.put(path, body);
                if (reply.status() / 100 == 2 || Verdict.ofRequest(error(reply)) != Verdict.RETRY) {
                    return reply;
                }
                reason = error(reply).toString();
            } catch (InterruptedIOException e) {
                throw e;
            } catch (IOException e) {
                reason = e.getMessage();
            }
            long delayMillis = retryPolicy.delayMillis(
                    failures, () -> ThreadLocalRandom.current().nextDouble());
            if (clock.millis() + delayMillis - startMillis
                    > retryPolicy.timeout().toMillis()) {
                throw new SearchSinkException("the search engine did not answer PUT " + path + " within "
                        + Duration.ofMillis(clock.millis() - startMillis) + " and " + failures + " attempts: " + reason
                        + "; check the endpoint, and that the task managers can reach it");
            }
            LOG.warn("Retrying PUT {} in {} ms: {}", path, delayMillis, reason);
            sleep(delayMillis);
        }
    }

    private void sleep(long millis) throws InterruptedIOException {
        try {
            sleeper.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while waiting for the search engine");
        }
    }
}
