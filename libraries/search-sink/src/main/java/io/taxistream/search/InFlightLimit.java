package io.taxistream.search;

import org.apache.flink.connector.base.sink.writer.strategy.AIMDScalingStrategy;
import org.apache.flink.connector.base.sink.writer.strategy.RateLimitingStrategy;
import org.apache.flink.connector.base.sink.writer.strategy.RequestInfo;
import org.apache.flink.connector.base.sink.writer.strategy.ResultInfo;

/**
 * How many documents of a writer may be under way: half as many after each request that the engine could not take, a
 * few more after each that it took, up to what the options allow.
 *
 * <p>As long as the engine takes all of them, one request more is made ahead, which the client sends when another is
 * answered, so that the engine need not wait for it to be made.
 *
 * <p>Unlike with Flink's own strategy, requests that are sent again count too, without going through Flink's buffer,
 * where documents of the same id would overtake each other.
 */
final class InFlightLimit implements RateLimitingStrategy {

    private final int maxRequests;
    private final int bulkActions;
    private final AIMDScalingStrategy scaling;

    private int limit;
    private int requests;
    private int documents;

    /**
     * @param maxRequests most bulk requests under way, without the one ahead
     * @param bulkActions most documents in each
     */
    InFlightLimit(int maxRequests, int bulkActions) {
        this.maxRequests = maxRequests;
        this.bulkActions = bulkActions;
        this.limit = maxRequests * bulkActions;
        this.scaling = AIMDScalingStrategy.builder(limit)
                .setIncreaseRate(Math.max(1, bulkActions / 10))
                .build();
    }

    /** The engine took a request. */
    void taken() {
        limit = scaling.scaleUp(limit);
    }

    /** The engine could not take a request, or a part of it. */
    void pushedBack() {
        limit = scaling.scaleDown(limit);
    }

    @Override
    public void registerInFlightRequest(RequestInfo request) {
        requests++;
        documents += request.getBatchSize();
    }

    @Override
    public void registerCompletedRequest(ResultInfo result) {
        requests--;
        documents -= result.getBatchSize();
    }

    @Override
    public boolean shouldBlock(RequestInfo request) {
        int ahead = limit == maxRequests * bulkActions ? 1 : 0;
        return requests >= maxRequests + ahead
                || (requests > 0 && documents + request.getBatchSize() > limit + ahead * bulkActions);
    }

    @Override
    public int getMaxBatchSize() {
        return limit;
    }
}
