package io.taxistream.local.page;

import java.util.Arrays;
import java.util.Optional;

/** What the page's buttons do to the running pipeline. */
public enum ScalingAction {
    /** Split the widest shard in two. */
    SPLIT_SHARD("split-shard"),
    /** Merge the two neighbouring shards that are the narrowest together. */
    MERGE_SHARDS("merge-shards"),
    /** Split and merge until there are so many shards of one size. */
    SET_SHARD_COUNT("set-shard-count"),
    /** End a task manager in the midst of its work, and start another in its place. */
    KILL_TASK_MANAGER("kill-task-manager"),
    /** Start a task manager more. */
    START_TASK_MANAGER("start-task-manager");

    private final String path;

    ScalingAction(String path) {
        this.path = path;
    }

    /** The action that the last part of an address names. */
    static Optional<ScalingAction> ofPath(String path) {
        return Arrays.stream(values())
                .filter(action -> action.path.equals(path))
                .findFirst();
    }
}
