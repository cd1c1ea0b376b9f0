package io.taxistream.search;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.flink.connector.base.sink.writer.strategy.BasicRequestInfo;
import org.apache.flink.connector.base.sink.writer.strategy.BasicResultInfo;
import org.junit.jupiter.api.Test;

class InFlightLimitTest {

    private final InFlightLimit limit = new InFlightLimit(4, 100);

    @Test
    void allowsSoManyRequestsAtOnceAndOneAhead() {
        for (int i = 0; i < 4 + 1; i++) {
            assertThat(limit.shouldBlock(new BasicRequestInfo(100))).isFalse();
            limit.registerInFlightRequest(new BasicRequestInfo(100));
        }
        assertThat(limit.shouldBlock(new BasicRequestInfo(1))).isTrue();

        limit.registerCompletedRequest(new BasicResultInfo(0, 100));
        assertThat(limit.shouldBlock(new BasicRequestInfo(100))).isFalse();
    }

    @Test
    void halvesWhatMayBeUnderWayAfterEachFailureAndGrowsSlowlyAgain() {
        limit.pushedBack();
        limit.pushedBack();
        assertThat(limit.getMaxBatchSize()).isEqualTo(100);
        limit.registerInFlightRequest(new BasicRequestInfo(60));
        assertThat(limit.shouldBlock(new BasicRequestInfo(60))).isTrue();

        limit.taken();
        limit.taken();
        assertThat(limit.getMaxBatchSize()).isEqualTo(120);
        assertThat(limit.shouldBlock(new BasicRequestInfo(60))).isFalse();
    }

    @Test
    void allowsNoneAheadUntilTheEngineTakesAllOfThemAgain() {
        limit.pushedBack();
        limit.registerInFlightRequest(new BasicRequestInfo(100));
        limit.registerInFlightRequest(new BasicRequestInfo(100));
        assertThat(limit.shouldBlock(new BasicRequestInfo(1))).isTrue();

        for (int i = 0; i < 20; i++) {
            limit.taken();
        }
        limit.registerInFlightRequest(new BasicRequestInfo(100));
        limit.registerInFlightRequest(new BasicRequestInfo(100));
        assertThat(limit.shouldBlock(new BasicRequestInfo(100))).isFalse();
    }

    @Test
    void letsOneDocumentPassHoweverOftenItFails() {
        for (int i = 0; i < 50; i++) {
            limit.pushedBack();
        }
        assertThat(limit.getMaxBatchSize()).isEqualTo(1);
        assertThat(limit.shouldBlock(new BasicRequestInfo(1))).isFalse();
    }

    @Test
    void doesNotGrowBeyondWhatIsAllowed() {
        for (int i = 0; i < 50; i++) {
            limit.taken();
        }
        assertThat(limit.getMaxBatchSize()).isEqualTo(400);
    }
}
