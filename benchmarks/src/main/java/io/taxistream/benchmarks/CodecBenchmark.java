package io.taxistream.benchmarks;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.taxistream.events.Event;
import io.taxistream.events.EventReader;
import io.taxistream.events.EventWriter;
import io.taxistream.events.MalformedEventException;
import io.taxistream.events.TripEvent;
import io.taxistream.producer.trips.TripSource;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Lines to trips, trips to records, records to trips, one thread: trips a second. The tree variants are what a
 * straightforward program does, with Jackson's tree model and {@code java.time}.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class CodecBenchmark {

    private static final int TRIPS = 1 << 16;

    /** A trip file, or nothing for a generated day. */
    @Param("")
    public String data;

    private final EventReader reader = new EventReader();
    private final EventWriter writer = new EventWriter();
    private final ObjectMapper mapper = new ObjectMapper();
    private final TripEvent[] trips = new TripEvent[TRIPS];
    private final byte[][] records = new byte[TRIPS][];
    private Input input;
    private TripSource source;
    private int next;

    /** Reads the input. */
    @Setup
    public void open() throws IOException {
        input = Input.of(data.isEmpty() ? Optional.empty() : Optional.of(Path.of(data)));
        source = input.open();
        for (int i = 0; i < TRIPS; i++) {
            trips[i] = nextTrip();
            records[i] = writer.write(trips[i]);
        }
    }

    /** Closes the input. */
    @TearDown
    public void close() {
        source.close();
    }

    /** The next line of the file as a trip; at its end from the beginning. Decompression included. */
    @Benchmark
    public TripEvent parse() {
        return nextTrip();
    }

    /** The next line of the file as a record: all that the producer does before it sends. */
    @Benchmark
    public byte[] parseAndEncode() {
        return writer.write(nextTrip());
    }

    /** A trip as a record. */
    @Benchmark
    public byte[] encode() {
        return writer.write(trips[advance()]);
    }

    /** A trip as a record, through a tree. */
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

    /** A record as a trip. */
    @Benchmark
    public Event decode() throws MalformedEventException {
        return reader.read(records[advance()]);
    }

    /** A record as a trip, through a tree. */
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
