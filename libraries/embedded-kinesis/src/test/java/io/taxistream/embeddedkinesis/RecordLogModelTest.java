package io.taxistream.embeddedkinesis;

import static org.assertj.core.api.Assertions.assertThat;

import io.taxistream.embeddedkinesis.RecordLog.Slice;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Random appends, trims and reads of a log whose chunks are in memory and on disk, against a list of the same records. */
class RecordLogModelTest {

    private static final int STEPS = 400;
    private static final int LARGEST_RECORD = 150_000;

    // compared by nobody
    @SuppressWarnings("ArrayRecordComponent")
    private record Model(long position, long arrivalMillis, byte[] key, byte[] data) {

        int payload() {
            return key.length + data.length;
        }
    }

    private List<Model> model;
    private long nextPosition;
    private long now;
    private long trimmed;

    @Property(tries = 60)
    void behavesLikeAListOfRecords(@ForAll long seed) {
        Random random = new Random(seed);
        model = new ArrayList<>();
        nextPosition = 0;
        now = 0;
        trimmed = 0;
        try (SegmentStore store = TestStores.unlimited()) {
            RecordLog log = new RecordLog(store);
            for (int step = 0; step < STEPS; step++) {
                switch (random.nextInt(10)) {
                    case 0 -> trimByPosition(log, random);
                    case 1 -> trimByTime(log, random);
                    case 2 -> findTime(log, random);
                    case 3 -> readLast(log, random);
                    case 4, 5 -> read(log, random);
                    default -> append(log, random);
                }
                assertThat(log.endOrdinal() - log.firstOrdinal()).isEqualTo(model.size());
                assertThat(log.firstOrdinal()).isEqualTo(trimmed);
                assertThat(log.diskBytes()).isLessThanOrEqualTo(store.bytesOnDisk());
            }
            assertThat(log.memoryBytes()).isLessThan(LARGEST_RECORD + 68L * STEPS + 1_000);
            log.clear();
            assertThat(log.diskBytes()).isZero();
            assertThat(log.memoryBytes()).isZero();
        }
    }

    private void append(RecordLog log, Random random) {
        for (int i = random.nextInt(40); i >= 0; i--) {
            nextPosition += 1 + random.nextInt(3);
            now += random.nextInt(2);
            byte[] key = new byte[1 + random.nextInt(256)];
            byte[] data = new byte[random.nextInt(30) == 0 ? random.nextInt(LARGEST_RECORD) : random.nextInt(2_000)];
            random.nextBytes(key);
            random.nextBytes(data);
            for (int k = 0; k < key.length; k++) {
                key[k] &= 0x7f;
            }
            log.append(nextPosition, now, key, data);
            model.add(new Model(nextPosition, now, key, data));
        }
    }

    private void trimByPosition(RecordLog log, Random random) {
        long position = anyPosition(random) - nextPosition / 2;
        int before = model.size();
        model.removeIf(record -> record.position() < position);
        trimmed += before - model.size();

        assertThat(log.trimTo(position)).isEqualTo(before - model.size());
    }

    private void trimByTime(RecordLog log, Random random) {
        long time = now - random.nextInt(200) + 2;
        int before = model.size();
        model.removeIf(record -> record.arrivalMillis() < time);
        trimmed += before - model.size();

        assertThat(log.trimArrivedBefore(time)).isEqualTo(before - model.size());
    }

    private void findTime(RecordLog log, Random random) {
        long time = now - random.nextInt(300) + 2;
        long expected = model.stream()
                .filter(record -> record.arrivalMillis() >= time)
                .mapToLong(Model::position)
                .findFirst()
                .orElse(-7);

        assertThat(log.positionAtTime(time, -7)).isEqualTo(expected);
    }

    private void readLast(RecordLog log, Random random) {
        int count = 1 + random.nextInt(500);

        try (Slice slice = log.readLast(count)) {
            assertSame(slice, model.subList(Math.max(0, model.size() - count), model.size()));
            assertThat(slice.reachesEnd()).isTrue();
        }
    }

    private void read(RecordLog log, Random random) {
        long from = anyPosition(random);
        int maxRecords = 1 + random.nextInt(random.nextBoolean() ? 20 : 1_000);
        long maxBytes = 1L + random.nextInt(random.nextBoolean() ? 5_000 : 1_000_000);
        int first = 0;
        while (first < model.size() && model.get(first).position() < from) {
            first++;
        }
        int end = first;
        long bytes = 0;
        while (end < model.size()
                && end - first < maxRecords
                && (end == first || bytes + model.get(end).payload() <= maxBytes)) {
            bytes += model.get(end).payload();
            end++;
        }

        Slice slice = log.read(from, maxRecords, maxBytes);
        if (random.nextInt(4) == 0) {
            // what is trimmed or appended after a read does not change what it gives
            List<Model> expected = List.copyOf(model.subList(first, end));
            trimByPosition(log, random);
            append(log, random);
            assertSame(slice, expected);
        } else {
            assertSame(slice, model.subList(first, end));
            assertThat(slice.bytes()).isEqualTo(bytes);
            assertThat(slice.endOrdinal()).isEqualTo(trimmed + end);
            assertThat(slice.endPosition(-7))
                    .isEqualTo(end == first ? -7 : model.get(end - 1).position() + 1);
            assertThat(slice.reachesEnd()).isEqualTo(end == model.size());
            if (end < model.size()) {
                assertThat(slice.nextArrivalMillis()).isEqualTo(model.get(end).arrivalMillis());
            }
        }
        slice.close();
    }

    private long anyPosition(Random random) {
        return (long) (random.nextDouble() * (nextPosition + 5)) - 1;
    }

    private static void assertSame(Slice slice, List<Model> expected) {
        List<Model> read = new ArrayList<>();
        slice.forEach((RecordLog.Entry entry) -> read.add(new Model(
                entry.position(),
                entry.arrivalMillis(),
                entry.partitionKey().getBytes(StandardCharsets.US_ASCII),
                entry.data())));
        assertThat(slice.count()).isEqualTo(expected.size());
        assertThat(read).hasSameSizeAs(expected);
        for (int i = 0; i < read.size(); i++) {
            assertThat(read.get(i).position()).isEqualTo(expected.get(i).position());
            assertThat(read.get(i).arrivalMillis()).isEqualTo(expected.get(i).arrivalMillis());
            assertThat(Arrays.equals(read.get(i).key(), expected.get(i).key())).isTrue();
            assertThat(Arrays.equals(read.get(i).data(), expected.get(i).data()))
                    .isTrue();
        }
    }
}
