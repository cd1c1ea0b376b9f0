package io.taxistream.local.chaos;

import io.taxistream.embeddedkinesis.FaultRule;
import io.taxistream.eventtime.Part;
import java.time.Duration;

/** A fault, or a change to a running pipeline, during a replay. {@code toString} describes it to the user. */
public sealed interface ChaosFault {

    /** Returns the kind of fault, by which tables count. */
    Kind kind();

    /** A kind of fault, with a label. */
    enum Kind {
        SPLIT("split"),
        MERGE("merge"),
        SHARD_COUNT("shard count"),
        WRITES_THROTTLED("writes throttled"),
        READS_THROTTLED("reads throttled"),
        SERVER_ERRORS("server errors"),
        TIMEOUTS("timeouts"),
        TASK_MANAGER_KILLED("task manager killed"),
        JOB_RESTORED("job restored"),
        SEARCH_REFUSES("search refuses"),
        POISON("poison"),
        PRODUCER_KILLED("producer killed"),
        PRODUCER_STARTED("producer started"),
        DUPLICATES("duplicates"),
        LATE("late"),
        STRAY_WATERMARK("stray watermark"),
        SUBSCRIPTIONS_FAIL("subscriptions fail");

        private final String label;

        Kind(String label) {
            this.label = label;
        }

        /** Returns the label to display. */
        public String label() {
            return label;
        }
    }

    /**
     * Splits an open shard in the middle.
     *
     * @param position position among the open shards, 0 (first by hash key) to 1 (exclusive)
     */
    record SplitShard(double position) implements ChaosFault {
        @Override
        public Kind kind() {
            return Kind.SPLIT;
        }

        @Override
        public String toString() {
            return "a shard is split";
        }
    }

    /**
     * Merges two adjacent open shards.
     *
     * @param position position among the pairs, 0 (first by hash key) to 1 (exclusive)
     */
    record MergeShards(double position) implements ChaosFault {
        @Override
        public Kind kind() {
            return Kind.MERGE;
        }

        @Override
        public String toString() {
            return "two shards are merged";
        }
    }

    /**
     * Changes the number of shards, as UpdateShardCount does.
     *
     * @param shards target number of open shards
     */
    record SetShardCount(int shards) implements ChaosFault {
        @Override
        public Kind kind() {
            return Kind.SHARD_COUNT;
        }

        @Override
        public String toString() {
            return "the stream is resharded to " + shards + (shards == 1 ? " shard" : " shards");
        }
    }

    /**
     * Makes calls to Kinesis fail for a while.
     *
     * @param rule calls that fail, how, and for how long
     * @param text description to display
     */
    record StreamFailure(Kind kind, FaultRule rule, String text) implements ChaosFault {
        @Override
        public String toString() {
            return text;
        }
    }

    /**
     * Kills a task manager, which is then replaced.
     *
     * @param taskManager index of the task manager, 0 for the oldest one running
     */
    record KillTaskManager(int taskManager) implements ChaosFault {
        @Override
        public Kind kind() {
            return Kind.TASK_MANAGER_KILLED;
        }

        @Override
        public String toString() {
            return "a task manager is killed";
        }
    }

    /**
     * Stops the job with a savepoint and restarts it from there.
     *
     * @param parallelism new parallelism of the job
     */
    record RestoreJob(int parallelism) implements ChaosFault {
        @Override
        public Kind kind() {
            return Kind.JOB_RESTORED;
        }

        @Override
        public String toString() {
            return "the job is stopped with a savepoint and restored with parallelism " + parallelism;
        }
    }

    /** How the search engine rejects requests or documents. */
    enum Refusal {
        TOO_MANY_BULKS("bulk requests get status 429"),
        TOO_MANY_DOCUMENTS("documents in bulk requests get status 429"),
        UNAVAILABLE("requests get status 503"),
        CONNECTIONS_REFUSED("connections are refused"),
        RESPONSES_CUT("bulk requests are executed, but their responses are truncated"),
        SLOW("responses to bulk requests are delayed");

        private final String text;

        Refusal(String text) {
            this.text = text;
        }
    }

    /**
     * Makes the search engine reject requests or documents for a while.
     *
     * @param lasting duration of the fault
     */
    record SearchFailure(Refusal refusal, Duration lasting) implements ChaosFault {
        @Override
        public Kind kind() {
            return Kind.SEARCH_REFUSES;
        }

        @Override
        public String toString() {
            return "search engine: " + refusal.text + " for " + ChaosSchedule.seconds(lasting);
        }
    }

    /**
     * Writes a record to the stream that is not an event, and whose document the search engine rejects permanently.
     *
     * @param position position among the open shards, 0 (first by hash key) to 1 (exclusive)
     * @param number distinguishes it from other such records
     */
    record PoisonDocument(double position, long number) implements ChaosFault {
        @Override
        public Kind kind() {
            return Kind.POISON;
        }

        @Override
        public String toString() {
            return "a record is written whose document the search engine rejects permanently";
        }
    }

    /**
     * Kills the process of a producer.
     *
     * @param part part of the producer
     * @param isResumed whether another process resumes at once; if not, a {@link StartProducer} follows
     */
    record KillProducer(Part part, boolean isResumed) implements ChaosFault {
        @Override
        public Kind kind() {
            return Kind.PRODUCER_KILLED;
        }

        @Override
        public String toString() {
            return producer(part) + " is killed" + (isResumed ? " and resumed" : " and stays down for a while");
        }
    }

    /**
     * Starts a producer that is not running: for the first time, or to resume where it was killed.
     *
     * @param part part of the producer
     */
    record StartProducer(Part part) implements ChaosFault {
        @Override
        public Kind kind() {
            return Kind.PRODUCER_STARTED;
        }

        @Override
        public String toString() {
            return producer(part) + " is started";
        }
    }

    private static String producer(Part part) {
        return part.isOnly() ? "the producer" : "producer " + part;
    }

    /**
     * Delivers records of a shard a second time: the last ones, which may be ahead of the watermark, and an older one, which
     * may be late.
     *
     * @param from position of the source among all shards, 0 (oldest) to 1 (exclusive)
     * @param to position of the target among the open shards, 0 (first by hash key) to 1 (exclusive)
     * @param records number of last records to deliver again
     * @param older position of the older record, 0 (first of the shard) to 1 (exclusive)
     */
    record DuplicateRecords(double from, double to, int records, double older) implements ChaosFault {
        @Override
        public Kind kind() {
            return Kind.DUPLICATES;
        }

        @Override
        public String toString() {
            return records + 1 + " records are delivered again";
        }
    }

    /**
     * Writes two new trips to a shard whose watermark has passed their window.
     *
     * @param position position among the shards with a watermark, 0 (first by hash key) to 1 (exclusive)
     * @param firstTripId id of the first trip; the second one follows it
     */
    record LateTrips(double position, long firstTripId) implements ChaosFault {
        @Override
        public Kind kind() {
            return Kind.LATE;
        }

        @Override
        public String toString() {
            return "two trips arrive after their shard's watermark";
        }
    }

    /**
     * Writes a watermark of the far future to one shard.
     *
     * @param position position among the open shards, 0 (first by hash key) to 1 (exclusive)
     */
    record StrayWatermark(double position) implements ChaosFault {
        @Override
        public Kind kind() {
            return Kind.STRAY_WATERMARK;
        }

        @Override
        public String toString() {
            return "a stray watermark is written to a shard";
        }
    }
}
