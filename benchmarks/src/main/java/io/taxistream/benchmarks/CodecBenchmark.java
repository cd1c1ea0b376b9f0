package io.taxistream.benchmarks;

import ch.hsr.geohash.GeoHash;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.taxistream.events.Event;
import io.taxistream.events.EventReader;
import io.taxistream.events.EventWriter;
import io.taxistream.events.MalformedEventException;
import io.taxistream.events.TripEvent;
import io.taxistream.processor.trips.AnalysisOptions;
import io.taxistream.processor.trips.CellTrip;
import io.taxistream.processor.trips.CellTrips;
import io.taxistream.producer.events.EventSource;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.java.typeutils.GenericTypeInfo;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Per-trip work on one thread, in trips per second. Each step is compared with the straightforward alternative:
 * Jackson's tree model and {@code java.time}, a geohash library, or Flink's general serializers.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class CodecBenchmark {

    /** Trips in a bundle, about as many as in the job. */
    private static final int BUNDLE = 10;

    private static final int TRIPS = 1 << 16;

    /** Description of each step, in the order of the table. */
    static final Map<String, String> STEPS = steps();

    /** A trip file; if empty, a generated day is used. */
    @Param("")
    public String data = "";

    private final EventReader reader = new EventReader();
    private final EventWriter writer = new EventWriter();
    private final ObjectMapper mapper = new ObjectMapper();
    private final TripEvent[] trips = new TripEvent[TRIPS];
    private final byte[][] records = new byte[TRIPS][];
    private final byte[][] recordsOfOthers = new byte[TRIPS][];
    private final TypeSerializer<CellTrip> serializer =
            TypeInformation.of(CellTrip.class).createSerializer(new SerializerConfigImpl());
    private final TypeSerializer<CellTrips> bundleSerializer =
            TypeInformation.of(CellTrips.class).createSerializer(new SerializerConfigImpl());
    private final TypeSerializer<CellTrip> kryoSerializer =
            new GenericTypeInfo<>(CellTrip.class).createSerializer(new SerializerConfigImpl());
    private final DataOutputSerializer serialized = new DataOutputSerializer(64);
    private final DataInputDeserializer deserializer = new DataInputDeserializer();
    private final CellTrip cellTrip = new CellTrip();
    private final CellTrips bundle = emptyBundle();
    private Input input;
    private EventSource<TripEvent> source;
    private int next;

    /** Reads the input. */
    @Setup
    public void open() throws IOException {
        input = Input.of(data.isEmpty() ? Optional.empty() : Optional.of(Path.of(data)));
        source = input.open();
        for (int i = 0; i < TRIPS; i++) {
            trips[i] = nextTrip();
            records[i] = writer.write(trips[i]);
            recordsOfOthers[i] = new String(records[i], StandardCharsets.UTF_8)
                    .replace("_lat\"", "_latitude\"")
                    .replace("_lon\"", "_longitude\"")
                    .getBytes(StandardCharsets.UTF_8);
        }
    }

    private static Map<String, String> steps() {
        Map<String, String> steps = new LinkedHashMap<>();
        steps.put("parse", "CSV line to trip, including gunzip");
        steps.put(
                "parseAndEncode",
                "CSV line to record, including gunzip: everything the producer does before" + " sending");
        steps.put("encode", "trip to record");
        steps.put("encodeTree", "the same with the tree model");
        steps.put("decode", "record to trip, as written by the producer");
        steps.put("decodeOther", "record to trip, as written by others: with the streaming parser");
        steps.put("decodeTree", "record to trip with the tree model");
        steps.put("cell", "coordinates to geohash cell");
        steps.put("cellLibrary", "the same with geohash-java");
        steps.put("serialize", "trip sent through Flink's network in a bundle of ten, to bytes and back");
        steps.put("serializeSingle", "the same, each trip on its own");
        steps.put("serializeKryo", "the same with Kryo, Flink's fallback serializer");
        return steps;
    }

    /** Closes the input. */
    @TearDown
    public void close() {
        source.close();
    }

    /** Reads the next line of the file as a trip, decompression included, and starts over at the end of the file. */
    @Benchmark
    public TripEvent parse() {
        return nextTrip();
    }

    /** Reads the next line of the file as a record and encodes it: everything the producer does before sending. */
    @Benchmark
    public byte[] parseAndEncode() {
        return writer.write(nextTrip());
    }

    /** Encodes a trip. */
    @Benchmark
    public byte[] encode() {
        return writer.write(trips[advance()]);
    }

    /** Encodes a trip through Jackson's tree model. */
    @Benchmark
    public byte[] encodeTree() throws JsonProcessingException {
        TripEvent trip = trips[advance()];
        ObjectNode tree = mapper.createObjectNode();
        tree.put("type", "trip");
        tree.put("trip_id", trip.tripId());
        tree.put("pickup_datetime", Instant.ofEpochMilli(trip.pickupMillis()).toString());
        tree.put("dropoff_datetime", Instant.ofEpochMilli(trip.dropoffMillis()).toString());
        tree.put("pickup_lat", trip.pickupLat());
        tree.put("pickup_lon", trip.pickupLon());
        tree.put("dropoff_lat", trip.dropoffLat());
        tree.put("dropoff_lon", trip.dropoffLon());
        tree.put("total_amount", trip.totalAmount());
        return (mapper.writeValueAsString(tree) + "\n").getBytes(StandardCharsets.UTF_8);
    }

    /** Decodes a trip. */
    @Benchmark
    public Event decode() throws MalformedEventException {
        return reader.read(records[advance()]);
    }

    /** Decodes a trip from another writer, whose field names are those of a later public data set. */
    @Benchmark
    public Event decodeOther() throws MalformedEventException {
        return reader.read(recordsOfOthers[advance()]);
    }

    /** Decodes a trip through Jackson's tree model. */
    @Benchmark
    public Event decodeTree() throws IOException {
        JsonNode tree = mapper.readTree(records[advance()]);
        return new TripEvent(
                tree.get("trip_id").asLong(),
                Instant.parse(tree.get("pickup_datetime").asText()).toEpochMilli(),
                Instant.parse(tree.get("dropoff_datetime").asText()).toEpochMilli(),
                tree.get("pickup_lat").asDouble(),
                tree.get("pickup_lon").asDouble(),
                tree.get("dropoff_lat").asDouble(),
                tree.get("dropoff_lon").asDouble(),
                tree.get("total_amount").asDouble());
    }

    /** Computes the geohash cell of a point. */
    @Benchmark
    public long cell() {
        TripEvent trip = trips[advance()];
        return AnalysisOptions.DEFAULTS.cellAt(trip.pickupLat(), trip.pickupLon());
    }

    /** Computes the geohash cell of a point with the library. */
    @Benchmark
    public long cellLibrary() {
        TripEvent trip = trips[advance()];
        return GeoHash.withCharacterPrecision(
                        trip.pickupLat(), trip.pickupLon(), AnalysisOptions.DEFAULTS.geohashPrecision())
                .longValue();
    }

    /** Serializes and deserializes trips in a bundle. */
    @Benchmark
    @OperationsPerInvocation(BUNDLE)
    public CellTrips serialize() throws IOException {
        for (int i = 0; i < BUNDLE; i++) {
            TripEvent trip = trips[advance()];
            bundle.tripIds[i] = trip.tripId();
            bundle.durationMillis[i] = trip.dropoffMillis() - trip.pickupMillis();
            bundle.dropoffMillis[i] = trip.dropoffMillis();
        }
        return roundTrip(bundle, bundleSerializer);
    }

    /** Serializes and deserializes a single trip. */
    @Benchmark
    public CellTrip serializeSingle() throws IOException {
        return roundTrip(nextCellTrip(), serializer);
    }

    /** Serializes and deserializes a single trip with Kryo, Flink's fallback for types that it does not recognise. */
    @Benchmark
    public CellTrip serializeKryo() throws IOException {
        return roundTrip(nextCellTrip(), kryoSerializer);
    }

    private CellTrip nextCellTrip() {
        TripEvent trip = trips[advance()];
        cellTrip.tripId = trip.tripId();
        cellTrip.durationMillis = trip.dropoffMillis() - trip.pickupMillis();
        cellTrip.dropoffMillis = trip.dropoffMillis();
        return cellTrip;
    }

    private <T> T roundTrip(T value, TypeSerializer<T> by) throws IOException {
        serialized.clear();
        by.serialize(value, serialized);
        deserializer.setBuffer(serialized.getSharedBuffer(), 0, serialized.length());
        return by.deserialize(value, deserializer);
    }

    private static CellTrips emptyBundle() {
        CellTrips bundle = new CellTrips();
        bundle.tripIds = new long[BUNDLE];
        bundle.airports = new int[BUNDLE];
        bundle.durationMillis = new long[BUNDLE];
        bundle.dropoffMillis = new long[BUNDLE];
        bundle.count = BUNDLE;
        return bundle;
    }

    private int advance() {
        return next++ & TRIPS - 1;
    }

    private TripEvent nextTrip() {
        TripEvent trip = source.next();
        while (trip == null) {
            source.close();
            source = input.open();
            trip = source.next();
        }
        return trip;
    }
}
