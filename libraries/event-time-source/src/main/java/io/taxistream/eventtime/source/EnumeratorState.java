package io.taxistream.eventtime.source;

import java.util.List;
import java.util.Objects;

/** What a checkpoint holds of the enumerator: which stream it reads, from where, and what is known of each shard. */
public final class EnumeratorState {

    /** Stands for a time that is not known yet. */
    static final long UNKNOWN = Long.MIN_VALUE;

    private final ShardPosition startPosition;
    private final long streamCreatedMillis;
    private final long newestEventMillis;
    private final List<TrackedShard> shards;

    EnumeratorState(
            ShardPosition startPosition, long streamCreatedMillis, long newestEventMillis, List<TrackedShard> shards) {
        this.startPosition = Objects.requireNonNull(startPosition, "startPosition");
        this.streamCreatedMillis = streamCreatedMillis;
        this.newestEventMillis = newestEventMillis;
        this.shards = List.copyOf(shards);
    }

    /** Where each shard begins: {@link ShardPosition.TrimHorizon} or {@link ShardPosition.AtTimestamp}. */
    ShardPosition startPosition() {
        return startPosition;
    }

    /** Creation time of the stream in milliseconds since the epoch, which tells it from another of the same name. */
    long streamCreatedMillis() {
        return streamCreatedMillis;
    }

    /** The newest event time that any reader has reported, in milliseconds since the epoch. */
    long newestEventMillis() {
        return newestEventMillis;
    }

    List<TrackedShard> shards() {
        return shards;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof EnumeratorState state
                && startPosition.equals(state.startPosition)
                && streamCreatedMillis == state.streamCreatedMillis
                && newestEventMillis == state.newestEventMillis
                && shards.equals(state.shards);
    }

    @Override
    public int hashCode() {
        return Objects.hash(startPosition, streamCreatedMillis, newestEventMillis, shards);
    }

    @Override
    public String toString() {
        return "EnumeratorState[start=" + startPosition + ", shards=" + shards + "]";
    }
}
