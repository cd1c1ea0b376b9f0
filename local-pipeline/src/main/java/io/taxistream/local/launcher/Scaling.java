package io.taxistream.local.launcher;

import io.taxistream.embeddedkinesis.ShardDescription;
import io.taxistream.local.page.ScalingAction;
import io.taxistream.local.services.StreamService;
import io.taxistream.local.services.TaskManagers;
import io.taxistream.local.status.EventLog;
import io.taxistream.local.status.EventLog.Kind;
import java.io.IOException;
import java.math.BigInteger;
import java.util.Comparator;
import java.util.List;

/** Changes shards and task managers while the pipeline runs, and records the changes in the event log. One change at a time. */
public final class Scaling {

    private final StreamService stream;
    private final TaskManagers taskManagers;
    private final EventLog events;

    Scaling(StreamService stream, TaskManagers taskManagers, EventLog events) {
        this.stream = stream;
        this.taskManagers = taskManagers;
        this.events = events;
    }

    /**
     * Carries out an action.
     *
     * @param shards target number of shards; only for {@link ScalingAction#SET_SHARD_COUNT}
     * @return one line that says what was done
     * @throws IllegalArgumentException if the action is not possible; the message says why
     */
    synchronized String execute(ScalingAction action, int shards) throws IOException, InterruptedException {
        return switch (action) {
            case SPLIT_SHARD -> logged(split());
            case MERGE_SHARDS -> logged(merge());
            case SET_SHARD_COUNT -> logged(updateShardCount(shards));
            case KILL_TASK_MANAGER -> killTaskManager();
            case START_TASK_MANAGER -> logged("Started a task manager; " + running(taskManagers.startTaskManager()));
        };
    }

    private String logged(String done) {
        events.add(Kind.SCALING, done);
        return done;
    }

    private String split() {
        List<ShardDescription> open = stream.openShards();
        requireShardCount(open.size() + 1);
        // the first of the widest shards: because of the order of keys, each split picks another one
        ShardDescription widest =
                open.stream().max(Comparator.comparing(Scaling::width)).orElseThrow();
        stream.split(widest);
        return "Split " + widest.shardId() + "; " + openShards();
    }

    private String merge() {
        List<ShardDescription> open = stream.openShards();
        if (open.size() < 2) {
            throw new IllegalArgumentException("there is only one shard, so there is nothing to merge");
        }
        int first = 0;
        for (int i = 1; i < open.size() - 1; i++) {
            if (pairWidth(open, i).compareTo(pairWidth(open, first)) < 0) {
                first = i;
            }
        }
        stream.merge(open.get(first), open.get(first + 1));
        return "Merged " + open.get(first).shardId() + " and "
                + open.get(first + 1).shardId() + "; " + openShards();
    }

    private String updateShardCount(int shards) {
        requireShardCount(shards);
        stream.updateShardCount(shards);
        return "Changed the number of shards; " + openShards();
    }

    /** Kills a task manager and starts another, like a cluster that replaces lost machines. */
    private String killTaskManager() throws IOException, InterruptedException {
        taskManagers.startTaskManager();
        // added first, since the job fails over at once
        events.add(Kind.FAULT, "Killing a task manager and starting a replacement");
        return "Killed a task manager and started a replacement; " + running(taskManagers.killTaskManager());
    }

    private static void requireShardCount(int shards) {
        if (shards < 1 || shards > LocalOptions.MAX_SHARDS) {
            throw new IllegalArgumentException("the stream can have 1 to " + LocalOptions.MAX_SHARDS + " shards");
        }
    }

    private String openShards() {
        int open = stream.openShards().size();
        return open == 1 ? "1 shard is open now" : open + " shards are open now";
    }

    private static String running(int count) {
        return count == 1 ? "1 is running now" : count + " are running now";
    }

    private static BigInteger pairWidth(List<ShardDescription> shards, int first) {
        return width(shards.get(first)).add(width(shards.get(first + 1)));
    }

    private static BigInteger width(ShardDescription shard) {
        return shard.endingHashKey().subtract(shard.startingHashKey());
    }
}
