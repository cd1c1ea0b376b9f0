package io.taxistream.producer;

import static org.assertj.core.api.Assertions.assertThat;

import io.taxistream.commandline.Printable;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests that an error in any thread ends the run with one line and exit code 1. */
class TerminationTest {

    private static final String TRIPS = """
            pickup_datetime,dropoff_datetime,pickup_longitude,pickup_latitude,dropoff_longitude,dropoff_latitude,total_amount
            2015-12-01 00:00:00,2015-12-01 00:10:00,-73.9,40.7,-73.8,40.6,9.5
            2015-12-01 00:00:00,2015-12-01 00:50:00,-73.9,40.7,-73.8,40.6,30
            """;

    @TempDir
    Path folder;

    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @ParameterizedTest
    @EnumSource(FailingProgram.Place.class)
    void errorInAnyThreadEndsTheProcess(FailingProgram.Place place) throws Exception {
        Path output = folder.resolve("output");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        String.join(
                                File.pathSeparator,
                                classes(FailingProgram.class).toString(),
                                classes(Termination.class).toString(),
                                classes(Printable.class).toString()),
                        FailingProgram.class.getName(),
                        place.name())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();

        assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("it ends").isTrue();
        assertThat(process.exitValue()).as(Files.readString(output)).isEqualTo(1);
        assertThat(Files.readAllLines(output))
                .hasSize(2)
                .contains("released")
                .anySatisfy(line -> assertThat(line)
                        .matches("out of memory: the heap of \\d+ MiB is full; start with a larger heap, such as .*"));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void errorWhileShowingProgressStopsTheReplay(boolean terminal) throws IOException {
        Path trips = Files.writeString(folder.resolve("trips.csv"), TRIPS);
        var errors = new PrintStream(err, true, StandardCharsets.UTF_8) {
            @Override
            public void print(String text) {
                failOnProgress(text);
                super.print(text);
            }

            @Override
            public void println(String line) {
                failOnProgress(line);
                super.println(line);
            }
        };
        // forty minutes of event time in real time
        String[] args = {"-data", trips.toString(), "-speedup", "1", "-print", "-statisticsFrequency", "10"};

        int status = TaxiStreamProducer.run(
                args, OutputStream.nullOutputStream(), errors, terminal, new Termination(errors));

        boolean interrupted = Thread.interrupted();

        // The library that draws the bar eventually swallows the interrupt.
        assertThat(interrupted || terminal).isTrue();
        assertThat(status).isEqualTo(1);
        assertThat(err.toString(StandardCharsets.UTF_8).strip())
                .isEqualTo("stack overflow in a thread; start with a larger stack, such as java -Xss4m -jar ...");
    }

    @Test
    void reportsOnlyTheFirstError() {
        var termination = new Termination(new PrintStream(err, true, StandardCharsets.UTF_8));

        termination.fail(new OutOfMemoryError("unable to create native thread: possibly out of memory"));
        termination.fail(new StackOverflowError());

        assertThat(termination.hasFailed()).isTrue();
        assertThat(err.toString(StandardCharsets.UTF_8).lines())
                .singleElement()
                .asString()
                .startsWith("no more threads can be started; raise the process limit");
    }

    @Test
    void errorThatALibraryHasWrappedEndsTheRun() {
        var termination = new Termination(new PrintStream(err, true, StandardCharsets.UTF_8));

        termination.failOnErrorIn(new IllegalStateException("sending failed", new IOException("no connection")));
        assertThat(termination.hasFailed()).isFalse();

        termination.failOnErrorIn(
                new IllegalStateException("sending failed", new IOException(new OutOfMemoryError("Java heap space"))));
        assertThat(termination.hasFailed()).isTrue();
        assertThat(err.toString(StandardCharsets.UTF_8).lines())
                .singleElement()
                .asString()
                .startsWith("out of memory: the heap of ");
    }

    @Test
    void stopActionRegisteredAfterAnErrorRunsImmediately() {
        var termination = new Termination(new PrintStream(err, true, StandardCharsets.UTF_8));
        var stopped = new CountDownLatch(1);
        termination.fail(new NoClassDefFoundError("io/taxistream/Missing"));

        termination.onSignal(stopped::countDown);

        assertThat(stopped.getCount()).isZero();
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("the jar is incomplete", "io/taxistream/Missing");
    }

    private static void failOnProgress(String text) {
        if (text.contains("progress ") || text.contains("send ")) {
            throw new StackOverflowError();
        }
    }

    private static Path classes(Class<?> of) throws URISyntaxException {
        return Path.of(of.getProtectionDomain().getCodeSource().getLocation().toURI());
    }
}
