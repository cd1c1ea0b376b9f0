package io.taxistream.local.chaos;

import static io.taxistream.embeddedkinesis.KinesisOperation.GET_RECORDS;
import static io.taxistream.embeddedkinesis.KinesisOperation.GET_SHARD_ITERATOR;
import static io.taxistream.embeddedkinesis.KinesisOperation.LIST_SHARDS;
import static io.taxistream.embeddedkinesis.KinesisOperation.PUT_RECORD;
import static io.taxistream.embeddedkinesis.KinesisOperation.PUT_RECORDS;
import static io.taxistream.embeddedkinesis.KinesisOperation.SUBSCRIBE_TO_SHARD;

import io.taxistream.embeddedkinesis.Fault;
import io.taxistream.embeddedkinesis.FaultRule;
import io.taxistream.eventtime.Part;
import io.taxistream.local.chaos.ChaosFault.Kind;
import io.taxistream.local.chaos.ChaosFault.Refusal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Faults and the times at which they strike: shares of the replay rather than wall-clock times, so that the schedule does not
 * depend on the speed of the machine.
 *
 * @param seed seed of the schedule; the same seed and the same numbers give the same schedule
 * @param aggregate whether the producers pack many trips into a record
 * @param fanOut whether the job reads with enhanced fan-out, as it does for every second seed
 * @param producers number of producers
 * @param faults faults in the order in which they strike
 */
public record ChaosSchedule(long seed, boolean aggregate, boolean fanOut, int producers, List<PlannedFault> faults) {

    /** Highest parallelism of a restored job, unless it started with a higher one. */
    public static final int MAX_PARALLELISM = 4;

    private static final int MAX_SHARDS = 16;
    private static final double FIRST_SHARE = 0.03;
    private static final double LAST_SHARE = 0.95;

    /**
     * Earliest share for late trips and stray watermarks; before, there may be no watermark to be late for, and no trip to
     * judge a stray watermark by.
     */
    private static final double FIRST_LATE_SHARE = 0.3;

    private static final int MAX_PRODUCERS = 4;

    private static final double FIRST_START_SHARE = 0.002;

    /** Share of a replay by which every producer has started, minutes or hours of event time after the first. */
    private static final double LAST_START_SHARE = 0.08;

    /** Longest time that a killed producer stays dead, as a share of the replay. */
    private static final double MAX_DEAD_SHARE = 0.3;

    /** Later than any kill, so that every producer is running again after the last fault. */
    private static final double LAST_RESUME_SHARE = 0.97;

    /** Changes the seed for the faults of producers, so that the other faults of a seed do not depend on their number. */
    private static final long PRODUCERS_SALT = 0x9E3779B97F4A7C15L;

    private static final Set<Kind> LATE_KINDS = EnumSet.of(Kind.LATE, Kind.STRAY_WATERMARK);

    private static final Duration CONNECTIONS_REFUSED = Duration.ofSeconds(20);

    /**
     * A fault and its time.
     *
     * @param share share of the trips that have been sent when it strikes, 0 to 1
     */
    public record PlannedFault(double share, ChaosFault fault) {

        @Override
        public String toString() {
            return String.format(Locale.ROOT, "%3.0f %%  %s", 100 * share, fault);
        }
    }

    /** Copies the list. */
    public ChaosSchedule {
        faults = List.copyOf(faults);
    }

    /**
     * Draws a schedule.
     *
     * @param producers number of producers; empty to draw it as well
     * @param shards initial number of shards of the stream
     * @param parallelism initial parallelism of the job
     * @param timeScale factor for the duration of faults; 1 for an interactive run
     */
    public static ChaosSchedule draw(long seed, OptionalInt producers, int shards, int parallelism, double timeScale) {
        return new Draw(seed, producers, shards, parallelism, timeScale).schedule();
    }

    /** Whether the producer of a part starts later than the replay. */
    public boolean startsLate(Part part) {
        for (PlannedFault planned : faults) {
            if (planned.fault() instanceof ChaosFault.KillProducer kill
                    && kill.part().equals(part)) {
                return false;
            }
            if (planned.fault() instanceof ChaosFault.StartProducer start
                    && start.part().equals(part)) {
                return true;
            }
        }
        return false;
    }

    /** Returns a rule for a failure of Kinesis as a whole; it has no effect on operations that the job does not call. */
    private static FaultRule onAnyCall(Fault fault) {
        return FaultRule.of(fault)
                .on(PUT_RECORDS, PUT_RECORD, GET_RECORDS, GET_SHARD_ITERATOR, LIST_SHARDS, SUBSCRIBE_TO_SHARD);
    }

    /** Returns the number of faults of each kind, without the kinds that do not occur. */
    public Map<Kind, Integer> countByKind() {
        Map<Kind, Integer> counts = new EnumMap<>(Kind.class);
        faults.forEach(planned -> counts.merge(planned.fault().kind(), 1, Integer::sum));
        return counts;
    }

    static String seconds(Duration duration) {
        return String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1000.0);
    }

    private static final class Draw {

        private final long seed;
        private final SplittableRandom random;
        private final SplittableRandom producersRandom;
        private final int producers;
        private final double timeScale;
        private final boolean fanOut;
        private int shards;
        private int parallelism;

        Draw(long seed, OptionalInt producers, int shards, int parallelism, double timeScale) {
            this.seed = seed;
            this.random = new SplittableRandom(seed);
            this.fanOut = Math.floorMod(seed, 2) == 1;
            this.producersRandom = new SplittableRandom(seed ^ PRODUCERS_SALT);
            int drawn = producersRandom.nextInt(1, MAX_PRODUCERS + 1);
            this.producers = producers.orElse(drawn);
            this.shards = shards;
            this.parallelism = parallelism;
            this.timeScale = timeScale;
        }

        ChaosSchedule schedule() {
            boolean aggregate = random.nextBoolean();
            List<Kind> kinds = kinds();
            double[] shares = IntStream.range(0, kinds.size())
                    .mapToDouble(i -> random.nextDouble(FIRST_SHARE, LAST_SHARE))
                    .sorted()
                    .toArray();
            List<PlannedFault> faults = new ArrayList<>();
            for (int i = 0; i < shares.length; i++) {
                double share = rounded(shares[i]);
                ChaosFault fault = fault(kindAt(share, i, kinds));
                faults.add(new PlannedFault(share, fault));
                if (fault instanceof ChaosFault.KillProducer kill && !kill.isResumed()) {
                    faults.add(startAfter(share, kill.part()));
                }
            }
            addOfSeveralProducers(faults);
            faults.sort(Comparator.comparingDouble(PlannedFault::share));
            return new ChaosSchedule(seed, aggregate, fanOut, producers, faults);
        }

        /** Delays the start of some producers, and kills more of them. */
        private void addOfSeveralProducers(List<PlannedFault> faults) {
            if (producers == 1) {
                return;
            }
            int first = producersRandom.nextInt(1, producers + 1);
            for (int index = 1; index <= producers; index++) {
                if (index != first && producersRandom.nextBoolean()) {
                    faults.add(new PlannedFault(
                            rounded(producersRandom.nextDouble(FIRST_START_SHARE, LAST_START_SHARE)),
                            new ChaosFault.StartProducer(new Part(index, producers))));
                }
            }
            for (int left = producersRandom.nextInt(producers); left > 0; left--) {
                double share = rounded(producersRandom.nextDouble(LAST_START_SHARE, LAST_SHARE));
                ChaosFault.KillProducer kill = killProducer();
                faults.add(new PlannedFault(share, kill));
                if (!kill.isResumed()) {
                    faults.add(startAfter(share, kill.part()));
                }
            }
        }

        /** Kills one of several producers, which stays dead for a while in two of three cases. */
        private ChaosFault.KillProducer killProducer() {
            Part part = new Part(producersRandom.nextInt(1, producers + 1), producers);
            return new ChaosFault.KillProducer(part, producers == 1 || producersRandom.nextInt(3) == 0);
        }

        private PlannedFault startAfter(double killShare, Part part) {
            double share = killShare + producersRandom.nextDouble(MAX_DEAD_SHARE);
            return new PlannedFault(rounded(Math.min(share, LAST_RESUME_SHARE)), new ChaosFault.StartProducer(part));
        }

        private static double rounded(double share) {
            return Math.round(share * 1_000) / 1_000.0;
        }

        /** Returns the kinds that every schedule has and a selection of the others, shuffled. */
        private List<Kind> kinds() {
            List<Kind> kinds = new ArrayList<>(List.of(
                    Kind.TASK_MANAGER_KILLED,
                    Kind.JOB_RESTORED,
                    Kind.POISON,
                    Kind.PRODUCER_KILLED,
                    Kind.LATE,
                    Kind.STRAY_WATERMARK));
            add(kinds, 2, 4, Kind.SPLIT, Kind.MERGE, Kind.SHARD_COUNT);
            add(kinds, 2, 4, Kind.WRITES_THROTTLED, Kind.READS_THROTTLED, Kind.SERVER_ERRORS, Kind.TIMEOUTS);
            add(kinds, 1, 3, Kind.SEARCH_REFUSES);
            add(kinds, 1, 2, Kind.DUPLICATES);
            add(kinds, 0, 2, Kind.TASK_MANAGER_KILLED, Kind.JOB_RESTORED);
            if (fanOut) {
                add(kinds, 1, 3, Kind.SUBSCRIPTIONS_FAIL);
            }
            // Collections.shuffle with a JDK random source, whose numbers are specified
            Collections.shuffle(kinds, new Random(random.nextLong()));
            return kinds;
        }

        private void add(List<Kind> kinds, int min, int max, Kind... of) {
            for (int left = random.nextInt(min, max + 1); left > 0; left--) {
                kinds.add(of[random.nextInt(of.length)]);
            }
        }

        /** Returns the kind at a position; a kind that would strike too early swaps places with a later one. */
        private static Kind kindAt(double share, int i, List<Kind> kinds) {
            if (LATE_KINDS.contains(kinds.get(i)) && share < FIRST_LATE_SHARE) {
                int later = i + 1;
                while (later < kinds.size() && LATE_KINDS.contains(kinds.get(later))) {
                    later++;
                }
                if (later < kinds.size()) {
                    Collections.swap(kinds, i, later);
                }
            }
            return kinds.get(i);
        }

        private ChaosFault fault(Kind kind) {
            return switch (kind) {
                case SPLIT -> split();
                case MERGE -> shards == 1 ? split() : merge();
                case SHARD_COUNT -> setShardCount();
                case WRITES_THROTTLED -> writesThrottled();
                case READS_THROTTLED -> readsThrottled();
                case SERVER_ERRORS -> serverErrors();
                case TIMEOUTS -> timeouts();
                case TASK_MANAGER_KILLED -> new ChaosFault.KillTaskManager(random.nextInt(2));
                case JOB_RESTORED -> restoreJob();
                case SEARCH_REFUSES -> searchRefuses();
                case POISON -> new ChaosFault.PoisonDocument(random.nextDouble(), random.nextLong());
                case PRODUCER_KILLED -> killProducer();
                case PRODUCER_STARTED -> throw new IllegalArgumentException("a start follows a kill");
                case DUPLICATES ->
                    new ChaosFault.DuplicateRecords(
                            random.nextDouble(), random.nextDouble(), random.nextInt(1, 21), random.nextDouble());
                case LATE -> new ChaosFault.LateTrips(random.nextDouble(), random.nextLong());
                case SUBSCRIPTIONS_FAIL -> subscriptionsFail();
                case STRAY_WATERMARK -> new ChaosFault.StrayWatermark(random.nextDouble());
            };
        }

        private ChaosFault split() {
            if (shards >= MAX_SHARDS) {
                return merge();
            }
            shards++;
            return new ChaosFault.SplitShard(random.nextDouble());
        }

        private ChaosFault merge() {
            shards--;
            return new ChaosFault.MergeShards(random.nextDouble());
        }

        /** Sets the number of shards to between half and twice the current one, the limits of the service. */
        private ChaosFault setShardCount() {
            int least = (shards + 1) / 2;
            int most = Math.max(least + 1, Math.min(2 * shards, MAX_SHARDS));
            int other = random.nextInt(least, most);
            shards = other < shards ? other : other + 1;
            return new ChaosFault.SetShardCount(shards);
        }

        private ChaosFault restoreJob() {
            int other = random.nextInt(1, MAX_PARALLELISM);
            parallelism = other < parallelism ? other : other + 1;
            return new ChaosFault.RestoreJob(parallelism);
        }

        private ChaosFault writesThrottled() {
            double share = 0.2 + 0.6 * random.nextDouble();
            Duration lasting = lasting(3, 10);
            return new ChaosFault.StreamFailure(
                    Kind.WRITES_THROTTLED,
                    FaultRule.of(new Fault.Throttle(share))
                            .on(PUT_RECORDS, PUT_RECORD)
                            .withProbability(share)
                            .lasting(lasting),
                    "writes are throttled for " + seconds(lasting));
        }

        private ChaosFault readsThrottled() {
            Duration lasting = lasting(3, 10);
            return new ChaosFault.StreamFailure(
                    Kind.READS_THROTTLED,
                    FaultRule.of(new Fault.Throttle(1))
                            .on(GET_RECORDS, GET_SHARD_ITERATOR, LIST_SHARDS, SUBSCRIBE_TO_SHARD)
                            .withProbability(0.3 + 0.6 * random.nextDouble())
                            .lasting(lasting),
                    "reads are throttled for " + seconds(lasting));
        }

        private ChaosFault serverErrors() {
            int status = random.nextBoolean() ? 500 : 503;
            boolean executed = random.nextBoolean();
            Duration lasting = lasting(3, 10);
            return new ChaosFault.StreamFailure(
                    Kind.SERVER_ERRORS,
                    onAnyCall(new Fault.ServerError(status, executed))
                            .withProbability(0.2 + 0.5 * random.nextDouble())
                            .lasting(lasting),
                    "Kinesis returns status " + status + (executed ? ", though it executes the calls, for " : " for ")
                            + seconds(lasting));
        }

        private ChaosFault timeouts() {
            boolean executed = random.nextBoolean();
            boolean closed = random.nextInt(4) > 0;
            Fault fault = closed ? new Fault.ConnectionClosed(executed) : new Fault.NoAnswer(executed);
            int times = closed ? random.nextInt(5, 31) : random.nextInt(1, 4);
            return new ChaosFault.StreamFailure(
                    Kind.TIMEOUTS,
                    onAnyCall(fault).withProbability(0.5).times(times),
                    "Kinesis " + (closed ? "closes the connection of " : "does not respond to ") + times + " calls"
                            + (executed ? ", though it executes them" : ""));
        }

        /** Makes the next subscriptions fail after a few events. Silent ones fail once only, as each takes half a minute. */
        private ChaosFault subscriptionsFail() {
            int afterEvents = random.nextInt(6);
            int way = random.nextInt(5);
            Fault fault = switch (way) {
                case 0 -> new Fault.SubscriptionSilent(afterEvents);
                case 1, 2 -> new Fault.SubscriptionDropped(afterEvents);
                case 3 -> new Fault.SubscriptionError("InternalFailureException", afterEvents);
                default -> new Fault.SubscriptionError("ResourceInUseException", afterEvents);
            };
            int times = way == 0 ? 1 : random.nextInt(2, 9);
            return new ChaosFault.StreamFailure(
                    Kind.SUBSCRIPTIONS_FAIL,
                    FaultRule.of(fault).times(times),
                    "the next " + times + (times == 1 ? " subscription " : " subscriptions ")
                            + switch (way) {
                                case 0 -> "falls silent";
                                case 1, 2 -> "are dropped";
                                default -> "end with an error";
                            }
                            + " after " + afterEvents + " events");
        }

        private ChaosFault searchRefuses() {
            List<Refusal> refusals = List.of(Refusal.values());
            Refusal refusal = refusals.get(random.nextInt(refusals.size()));
            Duration lasting = lasting(3, 15);
            return new ChaosFault.SearchFailure(
                    refusal, refusal == Refusal.CONNECTIONS_REFUSED ? scaled(CONNECTIONS_REFUSED) : lasting);
        }

        private Duration lasting(int minSeconds, int maxSeconds) {
            return scaled(Duration.ofSeconds(random.nextInt(minSeconds, maxSeconds + 1)));
        }

        private Duration scaled(Duration duration) {
            return Duration.ofMillis(Math.max(1, Math.round(duration.toMillis() * timeScale)));
        }
    }
}
