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
 * @param flink installation whose command line is used
 * @param target arguments that select the cluster; empty for the one in the installation's configuration
 * @param id Flink's id of the job
 * @param rest REST endpoint of the job manager
 */
record RunningJob(FlinkInstallation flink, List<String> target, String id, FlinkRest rest) {

    private static final Pattern SAVEPOINT = Pattern.compile("Savepoint completed\\. Path: (\\S+)");

    /**
     * Runs {@code flink stop}.
     *
     * @param savepoints folder for the savepoint
     * @param options {@code --drain} or nothing
     * @return path of the savepoint
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

    /** Returns the name used in messages. */
    @Override
    public String toString() {
        return "job " + id;
    }
}
