package io.taxistream.embeddedkinesis;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/** How a number of shards becomes another by splits and merges, ending with hash key ranges of one size. */
final class UniformScaling {

    private UniformScaling() {}

    /** A split or a merge of one round. */
    sealed interface Change {}

    /** Splits the shard that has a range in two, of which the second starts at a key. */
    record Split(HashKeyRange range, BigInteger newStart) implements Change {}

    /** Joins the shards that have two adjacent ranges. */
    record Merge(HashKeyRange range, HashKeyRange adjacent) implements Change {}

    /**
     * What can be done at once, each shard taking part in one change at most: first splits at the boundaries that are
     * to be, then merges within them.
     *
     * @param open the open shards' ranges in order, together the whole key space
     * @return nothing when the open shards are the target already
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
