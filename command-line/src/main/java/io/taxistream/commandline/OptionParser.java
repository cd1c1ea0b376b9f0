package io.taxistream.commandline;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;

/** Parses the command line of a program into the fields of an object with picocli's annotations. */
public final class OptionParser {

    private static final int HELP_WIDTH = 110;

    private final CommandLine commandLine;
    private final String helpOption;
    private final Map<Class<?>, Values.Type> types = new HashMap<>();

    /**
     * Adds an option for help, {@code --help} or {@code -help} as the other options have it, and completes descriptions.
     *
     * @param command object whose {@code @Option} fields a command line sets
     */
    public OptionParser(Object command) {
        commandLine = new CommandLine(command)
                .setPosixClusteredShortOptionsAllowed(false)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExpandAtFiles(false);
        Values.TYPES.forEach(this::register);
        CommandSpec spec = commandLine.getCommandSpec();
        spec.usageMessage().sortOptions(false).width(HELP_WIDTH);
        for (OptionSpec option : List.copyOf(spec.options())) {
            spec.remove(option).addOption(described(option));
        }
        boolean singleDash =
                spec.options().stream().noneMatch(option -> option.longestName().startsWith("--"));
        helpOption = singleDash ? "-help" : "--help";
        spec.addOption(OptionSpec.builder(helpOption)
                .type(boolean.class)
                .usageHelp(true)
                .description("Print this help.")
                .build());
    }

    /** Adds a type of option. Its options say with {@link Accepts} what the converter, which may throw anything, accepts. */
    public <T> OptionParser with(Class<T> type, ITypeConverter<T> converter) {
        register(type, new Values.Type("", converter));
        return this;
    }

    @SuppressWarnings("unchecked")
    private void register(Class<?> type, Values.Type values) {
        types.put(type, values);
        commandLine.registerConverter((Class<Object>) type, (ITypeConverter<Object>) values.converter());
    }

    /** Ends the description of an option with its range and default. */
    private OptionSpec described(OptionSpec option) {
        Declaration declaration = declaration(option);
        OptionSpec.Builder builder = OptionSpec.builder(option);
        List<String> lines = new ArrayList<>(List.of(builder.description()));
        String line = Stream.concat(
                        declaration.range().map(range -> "Range: " + range + ".").stream(),
                        declaration.byDefault().map(value -> "Default: " + value + ".").stream())
                .collect(Collectors.joining(" "));
        if (!line.isEmpty()) {
            lines.add(line.replace("%", "%%")); // picocli formats descriptions
        }
        return builder.description(lines.toArray(String[]::new)).build();
    }

    /**
     * Parses a command line.
     *
     * @return whether to run the program; {@code false} if the command line asks for help
     * @throws UsageException if an option is unknown, lacks its value or has one that it does not accept
     */
    public boolean parse(String... args) {
        try {
            commandLine.parseArgs(args);
        } catch (ParameterException e) {
            throw new UsageException(message(e), e);
        }
        if (commandLine.isUsageHelpRequested()) {
            return false;
        }
        commandLine
                .getParseResult()
                .matchedOptions()
                .forEach(option -> declaration(option).check());
        return true;
    }

    private String message(ParameterException e) {
        if (e.getArgSpec() != null && e.getValue() != null) {
            return new Declaration(e.getArgSpec(), types).refusal(e.getValue());
        }
        return "%s; %s lists the options"
                .formatted(
                        String.valueOf(e.getMessage()).lines().findFirst().orElse("Invalid command line"), helpOption);
    }

    /** Help page of the program. */
    public String help() {
        return commandLine.getUsageMessage(Help.Ansi.OFF);
    }

    /** Options of the program in their order. */
    List<OptionSpec> options() {
        return commandLine.getCommandSpec().options();
    }

    Declaration declaration(OptionSpec option) {
        return new Declaration(option, types);
    }
}
