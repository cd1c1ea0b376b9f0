package io.taxistream.producer;

import static java.util.Objects.requireNonNull;

import io.taxistream.commandline.UsageException;
import io.taxistream.events.TripEvent;
import io.taxistream.eventtime.sender.EventSender;
import io.taxistream.eventtime.sender.EventSenderBuilder;
import io.taxistream.producer.kinesis.KinesisSink;
import io.taxistream.producer.replay.EventSink;
import io.taxistream.producer.replay.PrintedEvents;
import io.taxistream.producer.replay.PrintedEvents.OutputClosedException;
import io.taxistream.producer.replay.Progress;
import io.taxistream.producer.replay.Replay;
import io.taxistream.producer.replay.StreamFailedException;
import io.taxistream.producer.replay.TimeSource;
import io.taxistream.producer.replay.TripForm;
import io.taxistream.producer.trips.FileStore;
import io.taxistream.producer.trips.InputFailedException;
import io.taxistream.producer.trips.InputStatistics;
import io.taxistream.producer.trips.ObjectTrips;
import io.taxistream.producer.trips.Rejects;
import io.taxistream.producer.trips.ReorderedTrips;
import io.taxistream.producer.trips.S3Store;
import io.taxistream.producer.trips.SortedTrips;
import io.taxistream.producer.trips.StoppableTrips;
import io.taxistream.producer.trips.TimeRange;
import io.taxistream.producer.trips.TripSource;
import io.taxistream.producer.trips.TripStore;
import java.io.OutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.regions.providers.DefaultAwsRegionProviderChain;

/** Replays taxi trips from S3 or files into a Kinesis stream; {@code -help} tells how. */
public final class TaxiStreamProducer {

    private static final int DONE = 0;
    private static final int FAILED = 1;
    private static final int WRONG_USAGE = 2;

    private static final Duration BAR_INTERVAL = Duration.ofSeconds(1);
    private static final String FALLBACK_REGION = "us-east-1";

    private final ProducerOptions options;
    private final OutputStream out;
    private final PrintStream err;
    private final boolean terminal;
    private final InputStatistics statistics = new InputStatistics();

    /** Told to end before the end of the input. */
    private volatile boolean stopped;

    /** What the stream holds already is skipped. */
    private boolean resumed;

    private TaxiStreamProducer(ProducerOptions options, OutputStream out, PrintStream err, boolean terminal) {
        this.options = options;
        this.out = out;
        this.err = err;
        this.terminal = terminal && !options.statisticsFrequency().isZero();
    }

    /** Runs the producer and ends the process: 0 all input is sent, 1 it is not, 2 the command line is wrong. */
    public static void main(String[] args) {
        Termination.exitWith(termination ->
                run(args, Termination.standardOutput(), System.err, TerminalProgress.isOnTerminal(), termination));
    }

    /**
     * Runs the producer.
     *
     * @param terminal whether what goes to {@code err} is drawn on a terminal
     * @param termination is told how to stop the replay once it runs
     * @return the exit code
     */
    static int run(String[] args, OutputStream out, PrintStream err, boolean terminal, Termination termination) {
        try {
            Optional<ProducerOptions> options = CommandLineArguments.parse(args);
            if (options.isEmpty()) {
                new PrintStream(out, true).print(CommandLineArguments.parser().help());
                return DONE;
            }
            return new TaxiStreamProducer(options.get(), out, err, terminal).replay(termination);
        } catch (UsageException e) {
            err.println(e.getMessage());
            return WRONG_USAGE;
        } catch (InputFailedException | StreamFailedException e) {
            // After an error in another thread, which has been told, this is only what came of it.
            if (!termination.hasFailed()) {
                err.println(e.getMessage());
            }
            return FAILED;
        } finally {
            termination.tell();
        }
    }

    private int replay(Termination termination) {
        if (options.end()) {
            return endPart();
        }
        TimeSource time = TimeSource.system();
        var form = new TripForm();
        TripStore store = store();
        try (var rejects = new Rejects(options.rejects(), options.overwriteRejects(), this::print);
                EventSink<TripEvent> sink = options.print()
                        ? new PrintedEvents<>(out, form, options.watermarks(), options.part())
                        : stream(form);
                TripSource trips = trips(store, rejects, range(sink))) {
            var settings =
                    new Replay.Settings(options.speedup(), options.adaptTime(), options.maxGap(), options.part());
            var replay = new Replay<>(trips::next, form, sink, settings, time, this::print);
            var progress = new Progress(statistics, sink, replay, options.sort(), time);
            termination.onSignal(() -> {
                stopped = true;
                replay.stop();
            });
            try {
                showing(progress, replay::run, termination);
            } catch (OutputClosedException e) {
                // Whoever reads the output, such as head, has seen enough; nobody wants a summary.
                return DONE;
            } catch (InputFailedException | StreamFailedException e) {
                if (!termination.hasFailed()) {
                    err.println(progress.summary());
                }
                throw e;
            }
            if (termination.hasFailed()) {
                return FAILED;
            }
            err.println(progress.summary());
            return verdict(sink.status().sent() + replay.othersEvents());
        }
    }

    private void showing(Progress progress, Runnable work, Termination termination) {
        if (!terminal) {
            Ticker.during(work, options.statisticsFrequency(), () -> print(progress.line()), termination::fail);
            return;
        }
        try (var bar = new TerminalProgress(progress, options.sort(), err, termination::fail)) {
            Ticker.during(work, BAR_INTERVAL, bar::update, termination::fail);
        }
    }

    private void print(String line) {
        if (terminal) {
            TerminalProgress.printAbove(err, line);
        } else {
            err.println(line);
        }
    }

    /** @param sent trips that were sent, by this part or by others */
    private int verdict(long sent) {
        if (statistics.late() > 0) {
            err.println(
                    statistics.late() + " trips came too late to be put in order and were not sent; -sort sends all");
        }
        if (stopped) {
            return statistics.damagedObjects() > 0 ? FAILED : DONE;
        }
        Optional<String> failure = Verdict.failure(statistics, input(), sent, options.maxRejects(), resumed);
        failure.ifPresent(err::println);
        return failure.isPresent() ? FAILED : DONE;
    }

    /** What is read, in the words of the command line. */
    private String input() {
        return options.data() != null ? "-data " + options.data() : "s3://" + options.bucket() + "/" + options.prefix();
    }

    /** The event times to send: those that were asked for or, of these, the ones behind what is in the stream. */
    private TimeRange range(EventSink<TripEvent> sink) {
        TimeRange range = options.range();
        if (!options.resume() || !(sink instanceof KinesisSink<TripEvent> stream)) {
            return range;
        }
        OptionalLong last = stream.lastWatermarkMillis();
        if (last.isEmpty()) {
            err.println("stream " + options.stream() + " holds no watermark: -resume starts from the beginning");
            return range;
        }
        err.println("all trips up to " + Instant.ofEpochMilli(last.getAsLong()) + " are in stream " + options.stream()
                + ": -resume goes on behind them");
        resumed = true;
        return new TimeRange(Math.max(range.fromMillis(), last.getAsLong() + 1), range.toMillis());
    }

    private int endPart() {
        try (KinesisSink<TripEvent> stream = stream(new TripForm())) {
            stream.endPart();
            err.println("stream " + options.stream() + " no longer waits for part " + options.part());
            return DONE;
        }
    }

    private TripSource trips(TripStore store, Rejects rejects, TimeRange range) {
        TripSource trips = new StoppableTrips(
                new ObjectTrips(store, options.timezone(), range, statistics, rejects, this::print), () -> stopped);
        return options.sort()
                ? new SortedTrips(trips, options.sortMemoryBytes())
                : new ReorderedTrips(trips, ReorderedTrips.DEFAULT_CAPACITY, statistics);
    }

    private TripStore store() {
        if (options.data() != null) {
            return new FileStore(options.data());
        }
        var access = new S3Store.Access(region(), options.s3Endpoint(), options.anonymous(), options.requesterPays());
        return new S3Store(options.bucket(), options.prefix(), access);
    }

    private KinesisSink<TripEvent> stream(TripForm form) {
        EventSenderBuilder stream = EventSender.builder().stream(
                        requireNonNull(options.stream(), "without a stream, records are printed"))
                .region(region())
                .endpoint(options.endpoint())
                .part(options.part())
                .aggregate(options.aggregate())
                .watermarks(options.watermarks())
                .giveUpAfter(options.giveUpAfter());
        return KinesisSink.open(
                stream, form, options.watermarks() && !options.part().isOnly());
    }

    private String region() {
        if (options.region() != null) {
            return options.region();
        }
        try {
            return DefaultAwsRegionProviderChain.builder().build().getRegion().id();
        } catch (SdkClientException e) {
            // Neither environment nor profile names one.
            return FALLBACK_REGION;
        }
    }
}
