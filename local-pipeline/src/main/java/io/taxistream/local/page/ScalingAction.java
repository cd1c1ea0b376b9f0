package io.taxistream.local.page;

import java.util.Arrays;
import java.util.Optional;

/** Actions of the page's buttons on the running pipeline. */
public enum ScalingAction {
    /** Split the widest shard in two. */
    SPLIT_SHARD("split-shard"),
    /** Merge the two neighbouring shards that are the narrowest together. */
    MERGE_SHARDS("merge-shards"),
    /** Split and merge shards until there are as many as requested, of equal size. */
    SET_SHARD_COUNT("set-shard-count"),
    /** Kill a task manager and start another in its place. */
    KILL_TASK_MANAGER("kill-task-manager"),
    /** Start an additional task manager. */
    START_TASK_MANAGER("start-task-manager");

    private final String path;

    ScalingAction(String path) {
        this.path = path;
    }

    /** Returns the action named by the last segment of a path. */
    static Optional<ScalingAction> ofPath(String path) {
        return Arrays.stream(values())
                .filter(action -> action.path.equals(path))
                .findFirst();
    }
}
