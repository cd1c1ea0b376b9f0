package io.taxistream.embeddedkinesis;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/** Plans the splits and merges that change the number of shards, resulting in hash key ranges of equal size. */
final class UniformScaling {

    private UniformScaling() {}

    /** A split or merge within a round. */
    sealed interface Change {}

    /** Splits the shard with this range in two, the second of which starts at a key. */
    record Split(HashKeyRange range, BigInteger newStart) implements Change {}

    /** Merges the shards with these adjacent ranges. */
    record Merge(HashKeyRange range, HashKeyRange adjacent) implements Change {}

    /**
     * Returns the changes that can be made simultaneously, with each shard in at most one of them: first splits at the target
     * boundaries, then merges within them.
     *
     * @param open ranges of the open shards in order, covering the whole key space
     * @return empty if the open shards match the target
     */
    static List<Change> nextRound(List<HashKeyRange> open, int targetCount) {
        List<HashKeyRange> target = HashKeyRange.uniform(targetCount);
        List<Change> splits = new ArrayList<>();
        for (HashKeyRange range : open) {
            List<BigInteger> boundaries = target.stream()
                    .map(HashKeyRange::start)
                    .filter(start -> range.contains(start) && !start.equals(range.start()))
                    .toList();
            if (!boundaries.isEmpty()) {
                splits.add(new Split(range, boundaries.get(boundaries.size() / 2)));
            }
        }
        if (!splits.isEmpty()) {
            return splits;
        }
        List<Change> merges = new ArrayList<>();
        for (HashKeyRange whole : target) {
            List<HashKeyRange> pieces = open.stream().filter(whole::contains).toList();
            for (int i = 0; i + 1 < pieces.size(); i += 2) {
                merges.add(new Merge(pieces.get(i), pieces.get(i + 1)));
            }
        }
        return merges;
    }
}
