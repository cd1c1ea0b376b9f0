package io.taxistream.producer;

import static java.util.Objects.requireNonNull;

import io.taxistream.commandline.Printable;
import io.taxistream.commandline.UsageException;
import io.taxistream.eventtime.sender.EventSender;
import io.taxistream.eventtime.sender.EventSenderBuilder;
import io.taxistream.producer.events.EventForm;
import io.taxistream.producer.events.EventSource;
import io.taxistream.producer.input.FileStore;
import io.taxistream.producer.input.InputFailedException;
import io.taxistream.producer.input.InputStatistics;
import io.taxistream.producer.input.InputStore;
import io.taxistream.producer.input.RejectLog;
import io.taxistream.producer.input.S3Store;
import io.taxistream.producer.input.TimeRange;
import io.taxistream.producer.kinesis.KinesisSink;
import io.taxistream.producer.order.ReorderedEvents;
import io.taxistream.producer.order.SortedEvents;
import io.taxistream.producer.order.StoppableEvents;
import io.taxistream.producer.reading.ObjectEvents;
import io.taxistream.producer.records.RecordFields;
import io.taxistream.producer.records.TimedRecordForm;
import io.taxistream.producer.records.TimedRecordFormats;
import io.taxistream.producer.replay.EventSink;
import io.taxistream.producer.replay.PrintedEvents;
import io.taxistream.producer.replay.PrintedEvents.OutputClosedException;
import io.taxistream.producer.replay.Progress;
import io.taxistream.producer.replay.Replay;
import io.taxistream.producer.replay.StreamFailedException;
import io.taxistream.producer.replay.TimeSource;
import io.taxistream.producer.trips.TripForm;
import io.taxistream.producer.trips.TripFormats;
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
            printLine(err, String.valueOf(e.getMessage()));
            return WRONG_USAGE;
        } catch (InputFailedException | StreamFailedException e) {
            // After an error in another thread, which has been told, this is only what came of it.
            if (!termination.hasFailed()) {
                printLine(err, String.valueOf(e.getMessage()));
            }
            return FAILED;
        } finally {
            termination.printError();
        }
    }

    private int replay(Termination termination) {
        if (options.end()) {
            return endPart();
        }
        return replay(kind(), termination);
    }

    private <E> int replay(EventKind<E> kind, Termination termination) {
        TimeSource time = TimeSource.system();
        EventForm<E> form = kind.form();
        InputStore store = store();
        try (var rejects = new RejectLog(options.rejects(), options.overwriteRejects(), this::print);
                EventSink<E> sink = options.print()
                        ? new PrintedEvents<>(out, form, options.watermarks(), options.part())
                        : stream(form);
                EventSource<E> events = events(kind, store, rejects, range(kind, sink))) {
            var settings =
                    new Replay.Settings(options.speedup(), options.adaptTime(), options.maxGap(), options.part());
            var replay = new Replay<>(events::next, form, sink, settings, time, this::print);
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
            } catch (StreamFailedException e) {
                termination.failOnErrorIn(e);
                printSummaryUnlessFailed(progress, termination);
                throw e;
            } catch (InputFailedException e) {
                printSummaryUnlessFailed(progress, termination);
                throw e;
            }
            if (termination.hasFailed()) {
                return FAILED;
            }
            printLine(err, progress.summary());
            return verdict(kind, sink.status().sent() + replay.eventsOfOtherParts());
        }
    }

    private void printSummaryUnlessFailed(Progress progress, Termination termination) {
        if (!termination.hasFailed()) {
            printLine(err, progress.summary());
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

    /** Prints a line that may contain names and values from the input. */
    private static void printLine(PrintStream err, String line) {
        err.println(Printable.of(line));
    }

    private void print(String line) {
        if (terminal) {
            TerminalProgress.printAbove(err, Printable.of(line));
        } else {
            printLine(err, line);
        }
    }

    /** @param sent events that were sent, by this part or by others */
    private int verdict(EventKind<?> kind, long sent) {
        if (statistics.late() > 0) {
            printLine(
                    err,
                    statistics.late() + " " + kind.names()
                            + " were too far out of order and were not sent; use -sort to send all");
        }
        if (stopped) {
            return statistics.damagedObjects() > 0 ? FAILED : DONE;
        }
        Optional<String> failure =
                ReplayOutcome.failure(kind.name(), statistics, input(), sent, options.maxRejects(), resumed);
        failure.ifPresent(line -> printLine(err, line));
        return failure.isPresent() ? FAILED : DONE;
    }

    /** What is read, in the words of the command line. */
    private String input() {
        return options.data() != null ? "-data " + options.data() : "s3://" + options.bucket() + "/" + options.prefix();
    }

    /** The event times to send: those that were asked for or, of these, the ones behind what is in the stream. */
    private <E> TimeRange range(EventKind<E> kind, EventSink<E> sink) {
        TimeRange range = options.range();
        if (!options.resume() || !(sink instanceof KinesisSink<E> stream)) {
            return range;
        }
        OptionalLong last = stream.resume();
        if (last.isEmpty()) {
            printLine(err, "stream " + options.stream() + " contains no watermark; starting from the beginning");
            return range;
        }
        printLine(
                err,
                "all " + kind.names() + " up to " + Instant.ofEpochMilli(last.getAsLong()) + " are in stream "
                        + options.stream() + "; resuming after them");
        resumed = true;
        return new TimeRange(Math.max(range.fromMillis(), last.getAsLong() + 1), range.toMillis());
    }

    private int endPart() {
        try (var stream = stream(kind().form())) {
            stream.endPart();
            printLine(err, "stream " + options.stream() + " no longer waits for part " + options.part());
            return DONE;
        }
    }

    /** What is replayed: trips, or other records that have a time. */
    private EventKind<?> kind() {
        RecordFields fields = options.fields();
        return fields == null
                ? new EventKind<>("trip", new TripForm(), new TripFormats(options.timezone()))
                : new EventKind<>("record", new TimedRecordForm(fields), new TimedRecordFormats(fields));
    }

    private <E> EventSource<E> events(EventKind<E> kind, InputStore store, RejectLog rejects, TimeRange range) {
        var all = new ObjectEvents<>(store, kind.formats(), kind.names(), range, statistics, rejects, this::print);
        statistics.stopWhen(() -> stopped);
        EventSource<E> events = new StoppableEvents<>(all, () -> stopped);
        return options.sort()
                ? new SortedEvents<>(events, kind.form(), options.sortMemoryBytes())
                : new ReorderedEvents<>(events, kind.form(), ReorderedEvents.DEFAULT_CAPACITY, statistics);
    }

    private InputStore store() {
        if (options.data() != null) {
            return new FileStore(options.data());
        }
        var access = new S3Store.Access(region(), options.s3Endpoint(), options.anonymous(), options.requesterPays());
        return new S3Store(options.bucket(), options.prefix(), access);
    }

    private <E> KinesisSink<E> stream(EventForm<E> form) {
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
