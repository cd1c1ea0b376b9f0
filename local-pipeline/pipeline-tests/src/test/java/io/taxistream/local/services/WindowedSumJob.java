package io.taxistream.local.services;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiterStrategy;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.connector.datagen.source.GeneratorFunction;
import org.apache.flink.metrics.Counter;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.streaming.api.windowing.assigners.TumblingEventTimeWindows;

/**
 * A test job whose event time advances to a point and stays there, as in the pipeline after the replay: its last window closes
 * only when the job is drained.
 *
 * <p>Argument: a file, to which the sum of each window is appended as a line. The source emits the numbers from 0 on, each with
 * itself as event time in seconds, and stops at {@value #LAST}. Fails unless it is loaded by the class loader of a separate
 * jar.
 */
public final class WindowedSumJob {

    static final long LAST = 25;

    private WindowedSumJob() {}

    /** Entry point of the jar. */
    public static void main(String[] args) throws Exception {
        if (WindowedSumJob.class.getClassLoader() == ClassLoader.getSystemClassLoader()) {
            throw new IllegalStateException("the job was loaded from the class path of the cluster");
        }
        if (args.length != 1) {
            throw new IllegalArgumentException("exactly one argument is needed: a file");
        }
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        GeneratorFunction<Long, Long> numbers = index -> Math.min(index, LAST);
        var source = new DataGeneratorSource<>(numbers, Long.MAX_VALUE, RateLimiterStrategy.perSecond(200), Types.LONG);
        env.fromSource(
                        source,
                        WatermarkStrategy.<Long>forMonotonousTimestamps()
                                .withTimestampAssigner((number, timestamp) -> number * 1_000),
                        "numbers")
                .map(new Counting())
                .filter(number -> number < LAST)
                .keyBy(number -> 0)
                .window(TumblingEventTimeWindows.of(Duration.ofSeconds(10)))
                .reduce(Long::sum)
                .map(new Appending(args[0]))
                .sinkTo(new DiscardingSink<>());
        env.execute("windowed sum");
    }

    private static final class Counting extends RichMapFunction<Long, Long> {

        private transient Counter read;
        private transient Counter beyondLast;

        @Override
        public void open(OpenContext context) {
            read = getRuntimeContext().getMetricGroup().counter("numbersRead");
            beyondLast = getRuntimeContext().getMetricGroup().counter("numbersLate");
        }

        @Override
        public Long map(Long number) {
            read.inc();
            if (number < 0) {
                beyondLast.inc();
            }
            return number;
        }
    }

    private static final class Appending extends RichMapFunction<Long, Long> {

        private final String file;

        Appending(String file) {
            this.file = file;
        }

        @Override
        public Long map(Long sum) throws IOException {
            Files.writeString(Path.of(file), sum + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            return sum;
        }
    }
}
