package io.taxistream.processor;

import com.amazonaws.services.kinesisanalytics.runtime.KinesisAnalyticsRuntime;
import io.taxistream.commandline.UsageException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeSet;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/**
 * The job as an application of Amazon Managed Service for Apache Flink. There it has no command line: the service writes the
 * application's runtime properties to a file.
 */
final class ManagedService {

    /** Group of runtime properties that holds the job's options, by their names without dashes. */
    static final String PROPERTY_GROUP = "FlinkApplicationProperties";

    /** The service publishes the metrics that are in this group. */
    static final String METRIC_GROUP = "kinesisanalytics";

    /** System property that names another file of runtime properties, for tests. */
    static final String FILE_PROPERTY = "io.taxistream.application-properties";

    private static final String FILE = "/etc/flink/application_properties.json";

    private static final String NAME = "Amazon Managed Service for Apache Flink";

    private static final String SIGN = "use es-auth sigv4 to sign requests with the application's role";

    private static final String ASSUME = "credentials come from the application's role; use aws-role to assume another";

    /** Options that have no use there, and what to do instead. */
    private static final Map<String, String> UNSUPPORTED_OPTIONS = Map.of(
            "checkpoint",
            "set the checkpoint interval of the application",
            "checkpoint-dir",
            "the service manages checkpoints and snapshots",
            "state-backend",
            "the service always keeps state in RocksDB",
            "es-credentials",
            SIGN,
            "es-basic-over-http",
            SIGN,
            "aws-profile",
            ASSUME,
            "aws-web-identity-token-file",
            ASSUME,
            "help",
            "docs/processor.md lists all options");

    private ManagedService() {}

    /** Whether the job runs there: it was given no arguments, and there is a file of runtime properties. */
    static boolean runs(String[] args) {
        return args.length == 0 && Files.exists(file());
    }

    /**
     * Reads the options from the runtime properties.
     *
     * @throws UsageException if they cannot be read, or are not options of a job that can run there
     */
    static ProcessorOptions options() {
        String[] arguments = arguments(properties());
        ProcessorOptions options;
        try {
            options = ProcessorCommand.parse(arguments).orElseThrow();
        } catch (UsageException e) {
            throw new UsageException("property group " + PROPERTY_GROUP + ": " + e.getMessage());
        }
        requireSupportedOptions(options);
        return options;
    }

    private static Path file() {
        return Path.of(System.getProperty(FILE_PROPERTY, FILE));
    }

    private static Properties properties() {
        Map<String, Properties> groups;
        try {
            groups = KinesisAnalyticsRuntime.getApplicationProperties(file().toString());
        } catch (IOException | RuntimeException e) {
            String reason = e.toString().lines().findFirst().orElse("");
            throw new UsageException("runtime properties in " + file() + " cannot be read: " + reason);
        }
        Properties properties = groups.get(PROPERTY_GROUP);
        if (properties == null) {
            throw new UsageException("the application has no property group " + PROPERTY_GROUP + " (its groups: "
                    + (groups.isEmpty() ? "none" : String.join(", ", new TreeSet<>(groups.keySet())))
                    + "); create it with the options of the job, such as region and stream");
        }
        return properties;
    }

    /** The command line of the same meaning. */
    private static String[] arguments(Properties properties) {
        CommandLine commandLine = new CommandLine(new ProcessorCommand());
        List<String> arguments = new ArrayList<>();
        for (String name : new TreeSet<>(properties.stringPropertyNames())) {
            String instead = UNSUPPORTED_OPTIONS.get(name);
            if (instead != null) {
                throw new UsageException("property " + name + " is not supported by " + NAME + "; " + instead);
            }
            OptionSpec option = commandLine.getCommandSpec().findOption("--" + name);
            String value = properties.getProperty(name);
            if (option == null) {
                throw new UsageException(
                        "property '" + name + "' is not an option of the job; docs/processor.md lists all options");
            } else if (option.typeInfo().isBoolean()) {
                addFlag(arguments, name, value);
            } else if (option.isMultiValue() && option.splitRegex().isEmpty()) {
                // an option that may be repeated, which a property may not
                for (String each : value.split(";", -1)) {
                    arguments.addAll(List.of("--" + name, each.strip()));
                }
            } else {
                arguments.addAll(List.of("--" + name, value));
            }
        }
        return arguments.toArray(String[]::new);
    }

    private static void addFlag(List<String> arguments, String name, String value) {
        switch (value) {
            case "true" -> arguments.add("--" + name);
            case "false" -> {}
            default -> throw new UsageException("property " + name + " is '" + value + "'; it must be true or false");
        }
    }

    private static void requireSupportedOptions(ProcessorOptions options) {
        if (options.search().authentication().sendsPassword()) {
            throw new UsageException("property es-auth: basic authentication is not supported by " + NAME
                    + ", which has no place for user and password; " + SIGN);
        }
        requireRemote("es-dead-letters", options.search().deadLetterFolder().map(URI::create));
        if (options.rejectedRecords() instanceof RejectedRecords.ToFiles files) {
            requireRemote("rejected", Optional.of(files.folder()));
        }
    }

    private static void requireRemote(String name, Optional<URI> folder) {
        if (folder.isPresent()
                && (folder.get().getScheme() == null || folder.get().getScheme().equalsIgnoreCase("file"))) {
            throw new UsageException("property " + name + " is " + folder.get() + "; a folder on the disks of " + NAME
                    + " does not outlive the application; use one in S3, or omit the property to use an index");
        }
    }
}
