package io.taxistream.local.status;

/**
 * Counts the checkpoints that failed while all tasks were running. Flink also counts a checkpoint that was due while tasks were
 * starting; it is taken once they run, so its failure needs no attention. Not thread-safe.
 */
public final class FailedCheckpoints {

    private String job = "";
    private long lastFailed;
    private long counted;
    private boolean wasStarting = true;

    /**
     * Updates the count.
     *
     * @param jobId the job; a restored job is counted from zero
     * @param failed the job's number of failed checkpoints according to Flink
     * @param starting whether some tasks are not running
     * @return number of checkpoints of the job that failed between two calls with all tasks running
     */
    public long update(String jobId, long failed, boolean starting) {
        if (!job.equals(jobId)) {
            job = jobId;
            lastFailed = 0;
            counted = 0;
            wasStarting = true;
        }
        if (!starting && !wasStarting) {
            counted += failed - lastFailed;
        }
        lastFailed = failed;
        wasStarting = starting;
        return counted;
    }
}
