package io.taxistream.local;

import io.taxistream.commandline.Printable;
import io.taxistream.commandline.UsageException;
import io.taxistream.local.chaos.ChaosExtension;
import io.taxistream.local.launcher.LocalOptions;
import io.taxistream.local.launcher.PipelineRun;
import io.taxistream.local.launcher.RunExtension;
import io.taxistream.local.launcher.RunSettings;
import io.taxistream.local.services.Installation;
import io.taxistream.local.services.LocalCredentials;
import io.taxistream.local.services.LocalPipelineException;
import io.taxistream.local.services.RunLogs;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The whole pipeline on one machine: starts the local services, submits the processor jar, runs the producer jar and
 * tells how they are doing.
 */
public final class LocalPipeline {

    private static final int OK = 0;
    private static final int FAILED = 1;
    private static final int WRONG_USAGE = 2;

    private LocalPipeline() {}

    /** Runs the pipeline and ends this process with the code that {@link #run} answers. */
    public static void main(String[] args) {
        System.exit(run(Installation.ofThisClass(), System.out, System.err, LocalPipeline::halt, args));
    }

    /**
     * Runs the pipeline in this process, which may be done again and again, but not twice at a time: the local
     * credentials are set as system properties.
     *
     * @param args the command line, as {@code --help} explains it
     * @return 0 if all went well, 1 if the run failed, 2 if the command line is wrong; in the last two cases one line on
     *     standard error says why
     */
    public static int run(String... args) {
        return run(Installation.ofThisClass(), System.out, System.err, args);
    }

    static int run(Installation installation, PrintStream out, PrintStream err, String... args) {
        return run(installation, out, err, line -> {}, args);
    }

    /** Ends this process at once; its child processes end by themselves. */
    private static void halt(String line) {
        System.err.println(Printable.of(line));
        System.err.flush();
        Runtime.getRuntime().halt(FAILED);
    }

    private static int run(
            Installation installation,
            PrintStream out,
            PrintStream err,
            Consumer<String> onEndTimeout,
            String... args) {
        try {
            Optional<LocalOptions> options = LocalOptions.parse(args);
            if (options.isEmpty()) {
                out.print(LocalOptions.parser().help());
                return OK;
            }
            if (options.get().export().isPresent()) {
                requireWritable(options.get().export().get());
            }
            installation.requireBuilt();
            LocalCredentials.setSystemProperties();
            RunSettings settings = RunSettings.DEFAULT;
            new PipelineRun(
                            withOwnLogs(installation),
                            options.get(),
                            settings,
                            extension(options.get(), settings),
                            out,
                            onEndTimeout)
                    .run();
            return OK;
        } catch (UsageException e) {
            err.println(Printable.of(String.valueOf(e.getMessage())));
            return WRONG_USAGE;
        } catch (LocalPipelineException e) {
            err.println(Printable.of(String.valueOf(e.getMessage())));
            return FAILED;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            err.println("the pipeline was interrupted");
            return FAILED;
        }
    }

    private static Installation withOwnLogs(Installation installation) throws LocalPipelineException {
        String folder = System.getenv(RunLogs.FOLDER_VARIABLE);
        Path logs = RunLogs.create(
                folder == null || folder.isBlank() ? installation.logFolder() : Path.of(folder),
                LocalDateTime.now(ZoneId.systemDefault()));
        // read by logback.xml as soon as anything logs
        System.setProperty("taxistream.logs", logs.toString());
        return installation.withLogFolder(logs);
    }

    private static RunExtension extension(LocalOptions options, RunSettings settings) {
        return options.chaos().isEmpty()
                ? RunExtension.NONE
                : ChaosExtension.draw(
                        options.chaos().getAsLong(),
                        options.producers(),
                        options.shards(),
                        options.parallelism(),
                        settings.indices(),
                        1);
    }

    /** Makes the folder, so that nobody waits for the end of a replay to learn that its results cannot be kept. */
    private static void requireWritable(Path export) {
        try {
            Files.createDirectories(export);
            Files.delete(Files.createTempFile(export, "export", ".tmp"));
        } catch (IOException e) {
            throw new UsageException("--export is '" + export + "', which is not writable; name a writable folder", e);
        }
    }
}
