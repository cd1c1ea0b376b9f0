package io.taxistream.eventtime.source;

import java.util.List;
import java.util.Objects;

/** Checkpointed state of the enumerator: the stream, its start position, and the state of each shard. */
public final class EnumeratorState {

    /** Value of an unknown time. */
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

    /**
     * Returns the start position of all shards: {@link ShardPosition.TrimHorizon} or {@link
     * ShardPosition.AtTimestamp}.
     */
    ShardPosition startPosition() {
        return startPosition;
    }

    /**
     * Returns the creation time of the stream in milliseconds since the epoch, which distinguishes it from another stream of
     * the same name.
     */
    long streamCreatedMillis() {
        return streamCreatedMillis;
    }

    /** Returns the newest event time reported by any reader, in milliseconds since the epoch. */
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
