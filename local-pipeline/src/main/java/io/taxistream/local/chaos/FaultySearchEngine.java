package io.taxistream.local.chaos;

import io.taxistream.local.chaos.ChaosFault.Refusal;
import io.taxistream.local.faults.SearchFault;
import io.taxistream.local.faults.SearchFault.RejectDocuments;
import io.taxistream.local.faults.SearchFaultRule;
import io.taxistream.local.faults.SearchProxy;
import io.taxistream.local.services.Indices;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A proxy between the job and the search engine that rejects requests on demand. Thread-safe. */
public final class FaultySearchEngine implements AutoCloseable {

    private static final double THROTTLED_SHARE = 0.5;
    private static final Duration LATE = Duration.ofSeconds(2);

    private final SearchProxy refusing;
    private final SearchProxy poisoned;
    private final Random random;
    private final Set<String> poisonedIds = ConcurrentHashMap.newKeySet();

    private FaultySearchEngine(SearchProxy poisoned, SearchProxy refusing, Random random) {
        this.poisoned = poisoned;
        this.refusing = refusing;
        this.random = random;
    }

    /**
     * Starts a proxy without faults.
     *
     * @throws IOException if no port is available
     */
    public static FaultySearchEngine start(URI engine, long seed) throws IOException {
        Random random = new Random(seed);
        // Two proxies, because only the first matching rule of a proxy applies, and poison must always be in force.
        SearchProxy poisoned = SearchProxy.start(engine);
        try {
            FaultySearchEngine faulty = new FaultySearchEngine(poisoned, SearchProxy.start(poisoned.address()), random);
            poisoned.add(SearchFaultRule.onBulks(new RejectDocuments(
                    400,
                    "mapper_parsing_exception",
                    document -> faulty.poisonedIds.contains(document.id())
                            && !document.index().endsWith(Indices.DEAD_LETTER_SUFFIX))));
            return faulty;
        } catch (IOException e) {
            poisoned.close();
            throw e;
        }
    }

    /** Returns the address that the job writes to. */
    public URI address() {
        return refusing.address();
    }

    void refuse(Refusal refusal, Duration lasting) {
        switch (refusal) {
            case TOO_MANY_BULKS -> refuseBulks(new SearchFault.Status(429, false), lasting);
            case TOO_MANY_DOCUMENTS -> refuseBulks(RejectDocuments.throttled(THROTTLED_SHARE, random), lasting);
            case UNAVAILABLE ->
                refusing.add(SearchFaultRule.onAll(new SearchFault.Status(503, false))
                        .lasting(lasting));
            case CONNECTIONS_REFUSED -> refusing.refuseConnections(lasting);
            case RESPONSES_CUT -> refuseBulks(new SearchFault.TruncatedResponse(), lasting);
            case SLOW -> refuseBulks(new SearchFault.DelayedResponse(LATE), lasting);
        }
    }

    /** Makes the search engine reject a document permanently, except as a dead letter. */
    void poison(String documentId) {
        poisonedIds.add(documentId);
    }

    @Override
    public void close() {
        refusing.close();
        poisoned.close();
    }

    private void refuseBulks(SearchFault fault, Duration lasting) {
        refusing.add(SearchFaultRule.onBulks(fault).lasting(lasting));
    }
}
