package io.taxistream.local.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.taxistream.local.status.EventLog.Entry;
import io.taxistream.local.status.EventLog.Kind;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

class EventLogTest {

    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    private final EventLog log = new EventLog(Clock.fixed(NOW, ZoneOffset.UTC));

    @Test
    void keepsEventsInOrderWithTheirTime() {
        log.add(Kind.FAULT, "a shard refuses\nwrites");
        log.add(Kind.JOB, "the job restarts");

        assertThat(log.entries())
                .containsExactly(
                        new Entry(1, NOW, Kind.FAULT, "a shard refuses writes"),
                        new Entry(2, NOW, Kind.JOB, "the job restarts"));
    }

    @Test
    void dropsTheOldestEvents() {
        for (int i = 1; i <= EventLog.CAPACITY + 3; i++) {
            log.add(Kind.PART, "happening " + i);
        }

        assertThat(log.entries()).hasSize(EventLog.CAPACITY);
        assertThat(log.entries().get(0).text()).isEqualTo("happening 4");
        assertThat(log.entries().get(0).number()).isEqualTo(4);
    }

    @Test
    void snapshotsAreImmutable() {
        log.add(Kind.PART, "first");
        var before = log.entries();

        log.add(Kind.PART, "second");

        assertThat(before).hasSize(1);
    }
}
