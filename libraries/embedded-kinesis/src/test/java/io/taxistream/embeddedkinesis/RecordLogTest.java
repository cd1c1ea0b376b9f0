package io.taxistream.embeddedkinesis;

import static org.assertj.core.api.Assertions.assertThat;

import io.taxistream.embeddedkinesis.RecordLog.Slice;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** The packed log against a plain list of the same records. */
class RecordLogTest {

    private static final SegmentStore STORE = TestStores.unlimited();

    /** The n-th record has position 3n, arrived at 10n, and its data has a size of its own. */
    private static RecordLog filled(List<Integer> sizes) {
        RecordLog log = new RecordLog(STORE);
        for (int i = 0; i < sizes.size(); i++) {
            log.append(3L * i, 10L * i, key(i), new byte[sizes.get(i)]);
        }
        return log;
    }

    @Property
    void readReturnsRecordsFromAPositionUpToTheLimits(
            @ForAll @Size(max = 300) List<@IntRange(max = 3_000) Integer> sizes,
            @ForAll @IntRange(min = -2, max = 1_000) int from,
            @ForAll @IntRange(min = 1, max = 400) int maxRecords,
            @ForAll @IntRange(min = 1, max = 300_000) int maxBytes) {
        int first = Math.min(sizes.size(), Math.max(0, Math.floorDiv(from + 2, 3)));
        List<Long> expected = new ArrayList<>();
        long bytes = 0;
        for (int i = first; i < sizes.size() && expected.size() < maxRecords; i++) {
            bytes += key(i).length + sizes.get(i);
            if (!expected.isEmpty() && bytes > maxBytes) {
                break;
            }
            expected.add(3L * i);
        }

        Slice slice = filled(sizes).read(from, maxRecords, maxBytes);

        int next = first + expected.size();
        assertThat(positions(slice)).isEqualTo(expected);
        assertThat(slice.count()).isEqualTo(expected.size());
        assertThat(slice.reachesEnd()).isEqualTo(next == sizes.size());
        assertThat(slice.endPosition(-7)).isEqualTo(expected.isEmpty() ? -7 : 3L * (next - 1) + 1);
        if (!slice.reachesEnd()) {
            assertThat(slice.nextArrivalMillis()).isEqualTo(10L * next);
        }
    }

    @Property
    void trimmingRemovesRecordsBeforeATime(
            @ForAll @Size(max = 300) List<@IntRange(max = 3_000) Integer> sizes,
            @ForAll @IntRange(max = 3_500) int before) {
        RecordLog log = filled(sizes);
        int kept = (int) Math.max(0, sizes.size() - (before + 9L) / 10);

        long trimmed = log.trimArrivedBefore(before);

        assertThat(trimmed).isEqualTo(sizes.size() - kept);
        assertThat(log.trimArrivedBefore(before)).isZero();
        assertThat(positions(log.read(0, Integer.MAX_VALUE, Long.MAX_VALUE))).hasSize(kept);
        assertThat(log.positionAtTime(0, -1)).isEqualTo(kept == 0 ? -1 : 3L * (sizes.size() - kept));
    }

    @Property
    void timestampResolvesToTheFirstRecordAtOrAfterIt(
            @ForAll @Size(min = 1, max = 200) List<@IntRange(max = 3_000) Integer> sizes,
            @ForAll @IntRange(min = -5, max = 2_500) int time) {
        long first = Math.max(0, (time + 9) / 10);

        assertThat(filled(sizes).positionAtTime(time, -1)).isEqualTo(first < sizes.size() ? 3 * first : -1);
    }

    @Example
    void restoresARecord() {
        RecordLog log = new RecordLog(STORE);
        byte[] data = {1, 2, 3};
        log.append(5, 6, "Schlüssel".getBytes(StandardCharsets.UTF_8), data);

        log.read(0, 1, 1).forEach((RecordLog.Entry entry) -> {
            assertThat(entry.position()).isEqualTo(5);
            assertThat(entry.arrivalMillis()).isEqualTo(6);
            assertThat(entry.partitionKey()).isEqualTo("Schlüssel");
            assertThat(entry.data()).isEqualTo(data);
        });
    }

    @Example
    void whatHasBeenReadStaysAsTheLogGrows() {
        RecordLog log = filled(List.of(10, 10));
        Slice slice = log.read(0, 10, 1_000);

        for (int i = 2; i < 10_000; i++) {
            log.append(3L * i, 10L * i, key(i), new byte[100]);
        }

        assertThat(positions(slice)).containsExactly(0L, 3L);
    }

    @Example
    void aDayOfTripsTakesTwoHundredKilobytesOfMemory() {
        try (SegmentStore store = TestStores.unlimited()) {
            RecordLog log = new RecordLog(store);
            byte[] key = "0123456789".getBytes(StandardCharsets.UTF_8);
            for (int i = 0; i < 371_000; i++) {
                log.append(i, i, key, new byte[220]);
            }

            assertThat(log.memoryBytes()).isLessThan(200_000);
            assertThat(log.diskBytes()).isGreaterThan(371_000 * 230L);
        }
    }

    private static byte[] key(int i) {
        return ("key" + i).getBytes(StandardCharsets.UTF_8);
    }

    private static List<Long> positions(Slice slice) {
        List<Long> positions = new ArrayList<>();
        slice.forEach((RecordLog.Entry entry) -> positions.add(entry.position()));
        return positions;
    }
}
