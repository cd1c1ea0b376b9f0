package io.taxistream.commandline;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.OptionSpec;

/**
 * The table of a program's options in its page under {@code docs/}, between the lines {@code <!-- options -->} and
 * {@code <!-- end of options -->}.
 */
public final class OptionTable {

    private static final String BEGIN = "<!-- options -->\n";
    private static final String END = "<!-- end of options -->\n";

    private OptionTable() {}

    /**
     * Compares the table in a page with the declarations, or rewrites it where the system property {@code docs.write} is
     * set.
     *
     * @param module Maven module of the program
     * @throws AssertionError if they differ
     */
    public static void check(OptionParser parser, String module, Path page) throws IOException {
        String text = Files.readString(page);
        int begin = text.indexOf(BEGIN) + BEGIN.length();
        int end = text.indexOf(END);
        if (begin < BEGIN.length() || end < begin) {
            throw new AssertionError(page + " must have the lines " + BEGIN.strip() + " and " + END.strip());
        }
        String written = text.substring(0, begin) + table(parser) + text.substring(end);
        if (System.getProperty("docs.write") != null) {
            Files.writeString(page, written);
        } else if (!written.equals(text)) {
            throw new AssertionError(page.normalize() + " differs from the declared options; to rewrite it run"
                    + " ./mvnw test -pl " + module + " -am -Dtest=OptionTableTest"
                    + " -Dsurefire.failIfNoSpecifiedTests=false -Ddocs.write");
        }
    }

    static String table(OptionParser parser) {
        return parser.options().stream()
                .map(option -> row(option, parser.declaration(option)))
                .collect(Collectors.joining("\n", "| option | meaning | default |\n|---|---|---|\n", "\n"));
    }

    private static String row(OptionSpec option, Declaration declaration) {
        String name = String.join("`, `", option.names()) + (declaration.takesValue() ? " " + option.paramLabel() : "");
        String range = declaration.range().map(each -> " Range: " + each + ".").orElse("");
        return "| `%s` | %s%s | %s |"
                .formatted(
                        cell(name),
                        cell(option.description()[0]),
                        range,
                        option.required()
                                ? "required"
                                : cell(declaration.byDefault().orElse("")));
    }

    private static String cell(String text) {
        return text.replace("|", "\\|");
    }
}
