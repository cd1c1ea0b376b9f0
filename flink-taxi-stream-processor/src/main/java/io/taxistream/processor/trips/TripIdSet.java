package io.taxistream.processor.trips;

import java.util.Arrays;

/**
 * A growing set of trip ids: a hash table of primitive longs with open addressing.
 *
 * <p>It avoids boxed longs in the state and in its serializer. Fields are public for Flink's POJO serializer.
 */
public final class TripIdSet {

    private static final int INITIAL_CAPACITY = 8;

    /** The ids, 0 in free slots; the length is a power of two, and at most two thirds of the slots are taken. */
    public long[] slots = new long[INITIAL_CAPACITY];

    /** Number of slots taken. */
    public int taken;

    /** Whether the set contains the id 0, which marks free slots. */
    public boolean containsZero;

    /** Adds an id; returns false if the set contained it already. */
    boolean add(long id) {
        if (id == 0) {
            boolean added = !containsZero;
            containsZero = true;
            return added;
        }
        int slot = slotOf(id, slots);
        if (slots[slot] == id) {
            return false;
        }
        slots[slot] = id;
        taken++;
        if (taken * 3 > slots.length * 2) {
            grow();
        }
        return true;
    }

    private void grow() {
        long[] larger = new long[slots.length * 2];
        for (long id : slots) {
            if (id != 0) {
                larger[slotOf(id, larger)] = id;
            }
        }
        slots = larger;
    }

    /** Returns the slot that holds the id, or the free slot where it belongs. */
    private static int slotOf(long id, long[] slots) {
        int mask = slots.length - 1;
        // ids may be counters as well as hashes: spread them (from the SplitMix64 finalizer)
        long hash = (id ^ (id >>> 30)) * 0xBF58476D1CE4E5B9L;
        int slot = (int) (hash ^ (hash >>> 32)) & mask;
        while (slots[slot] != 0 && slots[slot] != id) {
            slot = (slot + 1) & mask;
        }
        return slot;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TripIdSet that
                && taken == that.taken
                && containsZero == that.containsZero
                && Arrays.equals(slots, that.slots);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(slots);
    }
}
