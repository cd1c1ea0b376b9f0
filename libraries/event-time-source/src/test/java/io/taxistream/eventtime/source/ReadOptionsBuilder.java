package io.taxistream.eventtime.source;

import java.time.Duration;

/** Builds {@link ReadOptions} for tests: the defaults of {@link KinesisSource.Builder}, but no limit on reading ahead. */
final class ReadOptionsBuilder {

    private ConsumerType consumer = new Polling();
    private Duration pollInterval = Duration.ofMillis(250);
    private int maxRecordsPerRead = 10_000;
    private int maxReadThreads = 16;
    private Duration discoveryInterval = Duration.ofSeconds(10);
    private Duration watermarkInterval = Duration.ofMillis(100);
    private Duration maxReadAhead = KinesisSource.UNLIMITED_READ_AHEAD;

    private ReadOptionsBuilder() {}

    /** Creates a builder with the intervals of the source, for tests that set the clock or need no polling. */
    static ReadOptionsBuilder withDefaults() {
        return new ReadOptionsBuilder();
    }

    /** Creates a builder with intervals of milliseconds and small reads, for tests on the system clock. */
    static ReadOptionsBuilder inQuickSteps() {
        ReadOptionsBuilder builder = new ReadOptionsBuilder();
        builder.pollInterval = Duration.ofMillis(5);
        builder.maxRecordsPerRead = 100;
        builder.maxReadThreads = 2;
        builder.discoveryInterval = Duration.ofMillis(100);
        builder.watermarkInterval = Duration.ofMillis(10);
        return builder;
    }

    ReadOptionsBuilder consumer(ConsumerType type) {
        consumer = type;
        return this;
    }

    ReadOptionsBuilder maxRecordsPerRead(int records) {
        maxRecordsPerRead = records;
        return this;
    }

    ReadOptionsBuilder maxReadThreads(int threads) {
        maxReadThreads = threads;
        return this;
    }

    ReadOptionsBuilder discoveryInterval(Duration interval) {
        discoveryInterval = interval;
        return this;
    }

    ReadOptionsBuilder watermarkInterval(Duration interval) {
        watermarkInterval = interval;
        return this;
    }

    ReadOptionsBuilder maxReadAhead(Duration drift) {
        maxReadAhead = drift;
        return this;
    }

    ReadOptions build() {
        return new ReadOptions(
                consumer,
                pollInterval,
                maxRecordsPerRead,
                maxReadThreads,
                discoveryInterval,
                watermarkInterval,
                maxReadAhead,
                Duration.ofDays(1),
                Duration.ofSeconds(10));
    }
}
