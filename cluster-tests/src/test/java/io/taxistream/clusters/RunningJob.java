package io.taxistream.clusters;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A job on a cluster, and how its users stop it.
 *
 * @param flink whose command line they use
 * @param target what tells that command line which cluster is meant; empty for the one of its configuration
 * @param id Flink's id of the job
 * @param rest where the job manager answers
 */
record RunningJob(FlinkInstallation flink, List<String> target, String id, FlinkRest rest) {

    private static final Pattern SAVEPOINT = Pattern.compile("Savepoint completed\\. Path: (\\S+)");

    /**
     * Runs {@code flink stop}.
     *
     * @param options {@code --drain} or nothing
     * @param savepoints the folder for the savepoint
     * @return the path of the savepoint
     */
    String stop(String savepoints, String... options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("stop"));
        command.addAll(target);
        command.addAll(List.of("--savepointPath", savepoints));
        command.addAll(List.of(options));
        command.add(id);
        FlinkInstallation.Result stop = flink.flink(command);
        Matcher savepoint = SAVEPOINT.matcher(stop.text());
        assertThat(savepoint.find()).as("a savepoint in: %s", stop.text()).isTrue();
        assertThat(stop.exitCode()).as(stop.text()).isZero();
        return savepoint.group(1);
    }

    /** As messages name it. */
    @Override
    public String toString() {
        return "job " + id;
    }
}
