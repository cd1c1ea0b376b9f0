package io.taxistream.processor.trips;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class TripIdSetTest {

    @Property
    void behavesLikeAHashSet(@ForAll("ids") List<Long> ids) {
        TripIdSet set = new TripIdSet();
        Set<Long> expected = new HashSet<>();

        for (long id : ids) {
            assertThat(set.add(id)).isEqualTo(expected.add(id));
        }
        for (long id : expected) {
            assertThat(set.add(id)).isFalse();
        }
    }

    /** Generates hashes, counters, and ids that map to the same slot. */
    @Provide
    Arbitrary<List<Long>> ids() {
        Arbitrary<Long> hashes = Arbitraries.longs();
        Arbitrary<Long> counters = Arbitraries.longs().between(-20, 20);
        Arbitrary<Long> multiples = Arbitraries.longs().between(-20, 20).map(i -> i << 32);
        return Arbitraries.oneOf(hashes, counters, multiples).list().ofMaxSize(200);
    }
}
