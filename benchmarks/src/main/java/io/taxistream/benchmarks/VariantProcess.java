package io.taxistream.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A Java process with the class path of this one that answers each line of its standard input with a line on its
 * standard output.
 */
final class VariantProcess implements AutoCloseable {

    private final Process process;
    private final BufferedReader answers;
    private final OutputStream questions;

    private VariantProcess(Process process) {
        this.process = process;
        this.answers = process.inputReader(StandardCharsets.UTF_8);
        this.questions = process.getOutputStream();
    }

    /**
     * Starts a program that shares standard error with this process.
     *
     * @param options options of the JVM
     * @param program class name and arguments
     */
    static VariantProcess start(List<String> options, List<String> program) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        // Flink's serializers access JDK classes by reflection
        command.addAll(List.of("--add-opens", "java.base/java.util=ALL-UNNAMED", "-XX:+UseParallelGC"));
        command.addAll(List.of("-Daws.accessKeyId=benchmark", "-Daws.secretAccessKey=benchmark"));
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        command.addAll(program);
        return new VariantProcess(new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
    }

    String requestLine() throws IOException {
        questions.write('\n');
        questions.flush();
        String answer = answers.readLine();
        if (answer == null) {
            throw new IOException("the process of a variant exited; see its output above");
        }
        return answer;
    }

    @Override
    public void close() {
        process.destroy();
    }
}
