package io.taxistream.local.chaos;

import io.taxistream.embeddedkinesis.FaultRule;
import io.taxistream.eventtime.Part;
import java.time.Duration;

/** One thing that goes wrong, or is changed under way, during a replay. {@code toString} says it to a person. */
public sealed interface ChaosFault {

    /** What sort of fault it is, as tables count them. */
    Kind kind();

    /** A sort of fault, with its name for a person. */
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

        /** The name for a person. */
        public String label() {
            return label;
        }
    }

    /**
     * An open shard is split in the middle.
     *
     * @param position which of the open shards, 0 (first by hash key) to 1 (exclusive)
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
     * Two adjacent open shards are merged.
     *
     * @param position which of the pairs, 0 (first by hash key) to 1 (exclusive)
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
     * The stream gets another number of shards, as UpdateShardCount does it.
     *
     * @param shards open ones afterwards
     */
    record SetShardCount(int shards) implements ChaosFault {
        @Override
        public Kind kind() {
            return Kind.SHARD_COUNT;
        }

        @Override
        public String toString() {
            return "the stream is set to " + shards + (shards == 1 ? " shard" : " shards");
        }
    }

    /**
     * Calls of Kinesis go wrong for a while.
     *
     * @param rule which, how and for how long
     * @param text what it is for a person
     */
    record StreamFailure(Kind kind, FaultRule rule, String text) implements ChaosFault {
        @Override
        public String toString() {
            return text;
        }
    }

    /**
     * A task manager is lost, and another takes its place.
     *
     * @param taskManager which of those that run, 0 for the oldest
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
     * The job is stopped with a savepoint and started again from it.
     *
     * @param parallelism of the job afterwards
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

    /** How the search engine refuses. */
    enum Refusal {
        TOO_MANY_BULKS("bulk requests get status 429"),
        TOO_MANY_DOCUMENTS("documents in bulk requests get status 429"),
        UNAVAILABLE("requests get status 503"),
        CONNECTIONS_REFUSED("connections are refused"),
        RESPONSES_CUT("bulk requests are executed, and their responses are cut off"),
        SLOW("bulk requests are answered late");

        private final String text;

        Refusal(String text) {
            this.text = text;
        }
    }

    /**
     * The search engine does not take what it is sent for a while.
     *
     * @param lasting how long
     */
    record SearchFailure(Refusal refusal, Duration lasting) implements ChaosFault {
        @Override
        public Kind kind() {
            return Kind.SEARCH_REFUSES;
        }

        @Override
        public String toString() {
            return "the search engine: " + refusal.text + ", " + ChaosSchedule.seconds(lasting);
        }
    }

    /**
     * A record goes into the stream that is no event, and the search engine refuses its document for good.
     *
     * @param position which of the open shards, 0 (first by hash key) to 1 (exclusive)
     * @param number tells it from others
     */
    record PoisonDocument(double position, long number) implements ChaosFault {
        @Override
        public Kind kind() {
            return Kind.POISON;
        }

        @Override
        public String toString() {
            return "a record whose document the search engine refuses for good";
        }
    }

    /**
     * A producer's process is killed.
     *
     * @param part which of the producers
     * @param isResumed whether another process resumes at once; if not, a {@link StartProducer} follows
     */
    record KillProducer(Part part, boolean isResumed) implements ChaosFault {
        @Override
        public Kind kind() {
            return Kind.PRODUCER_KILLED;
        }

        @Override
        public String toString() {
            return producer(part) + " is killed" + (isResumed ? " and resumed" : " and stays dead for a while");
        }
    }

    /**
     * A producer that does not run is started: for the first time, or to resume where it was killed.
     *
     * @param part which of the producers
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
     * Records of a shard are delivered a second time: its last ones, which may be ahead of the watermark, and an older
     * one, which may be behind.
     *
     * @param from which of all shards, 0 (oldest) to 1 (exclusive)
     * @param to into which of the open shards, 0 (first by hash key) to 1 (exclusive)
     * @param records how many of its last
     * @param older which record besides, 0 (first of the shard) to 1 (exclusive)
     */
    record DuplicateRecords(double from, double to, int records, double older) implements ChaosFault {
        @Override
        public Kind kind() {
            return Kind.DUPLICATES;
        }

        @Override
        public String toString() {
            return records + 1 + " records are delivered a second time";
        }
    }

    /**
     * Two new trips come to a shard whose watermark has passed their window.
     *
     * @param position which of the shards with a watermark, 0 (first by hash key) to 1 (exclusive)
     * @param firstTripId the other's is one more
     */
    record LateTrips(double position, long firstTripId) implements ChaosFault {
        @Override
        public Kind kind() {
            return Kind.LATE;
        }

        @Override
        public String toString() {
            return "two trips come after their shard's watermark";
        }
    }

    /**
     * A watermark of the far future goes into one shard.
     *
     * @param position which of the open shards, 0 (first by hash key) to 1 (exclusive)
     */
    record StrayWatermark(double position) implements ChaosFault {
        @Override
        public Kind kind() {
            return Kind.STRAY_WATERMARK;
        }

        @Override
        public String toString() {
            return "a shard gets a stray watermark";
        }
    }
}
