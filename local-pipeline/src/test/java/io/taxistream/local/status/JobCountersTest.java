package io.taxistream.local.status;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class JobCountersTest {

    private final JobCounters counters = new JobCounters();

    @Test
    void firstAttemptIsExact() {
        counters.update("a/0", true, 0, Map.of("trips", 100L));
        counters.update("a/0", true, 1, Map.of("trips", 250L));

        assertThat(counters.total("trips")).hasValue(250);
        assertThat(counters.total("late")).isEmpty();
        assertThat(counters.areExact()).isTrue();
    }

    @Test
    void continuesFromTheLastCheckpointAfterAFailover() {
        counters.update("a/0", true, 1, Map.of("trips", 200L));
        counters.update("a/0", true, 1, Map.of("trips", 300L));

        counters.update("a/1", false, 1, Map.of("trips", 300L));
        counters.update("a/1", false, 1, Map.of("trips", 300L));
        assertThat(counters.total("trips"))
                .as("while Flink reports the attempt before")
                .hasValue(200);

        counters.update("a/1", false, 1, Map.of("trips", 40L));
        assertThat(counters.total("trips")).hasValue(240);
        assertThat(counters.areExact()).isFalse();
    }

    @Test
    void continuesAfterASavepoint() {
        counters.update("a/0", true, 1, Map.of("trips", 200L));
        counters.update("a/0", true, 1, Map.of("trips", 300L));

        counters.update("b/0", true, 0, Map.of());
        counters.update("b/0", true, 0, Map.of("trips", 5L));

        assertThat(counters.total("trips")).hasValue(305);
    }

    @Test
    void countsAnAttemptAheadOfItsPredecessorAfterAMoment() {
        counters.update("a/0", true, 1, Map.of("trips", 10L));

        for (int i = 0; i < 20; i++) {
            counters.update("a/1", false, 1, Map.of("trips", 1_000L + i));
        }

        assertThat(counters.total("trips")).hasValue(1_029);
    }
}
