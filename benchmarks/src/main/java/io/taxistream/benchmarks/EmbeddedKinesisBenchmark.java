package io.taxistream.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import io.taxistream.embeddedkinesis.EmbeddedKinesis;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.reflect.Method;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * Compares two versions of the embedded Kinesis in one run: CPU time and elapsed time of putting and getting 50 KB
 * records over HTTP, as JSON and in sequential calls, and the heap occupied by the stored records.
 *
 * <p>Rounds alternate between the versions, each of which has its own class loader. CPU time covers the whole process,
 * including the client, whose share is the same for both.
 */
public final class EmbeddedKinesisBenchmark {

    private static final String STREAM = "bench";
    private static final int SHARDS = 4;
    private static final int RECORDS_PER_CALL = 20;
    private static final int RECORD_BYTES = 50_000;
    private static final int CALLS = 200;
    private static final int WARM_UP_PAIRS = 2;
    private static final int PAIRS = 9;
    private static final double MEGA = 1e6;

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final URI endpoint;

    private EmbeddedKinesisBenchmark(URI endpoint) {
        this.endpoint = endpoint;
    }

    /**
     * Compares two versions.
     *
     * @param args the jar of the version to compare with the one on the class path
     */
    public static void main(String[] args) throws Exception {
        if (args.length != 1) {
            throw new IllegalArgumentException("one argument is required: the jar of the version to compare with");
        }
        Method builderOfBaseline = builder(baselineLoader(Path.of(args[0])));
        Method builderOfThis = builder(EmbeddedKinesisBenchmark.class.getClassLoader());
        byte[] body = putRecords();
        List<Round> baseline = new ArrayList<>();
        List<Round> current = new ArrayList<>();
        for (int pair = 0; pair < WARM_UP_PAIRS + PAIRS; pair++) {
            boolean baselineFirst = pair % 2 == 0;
            Round first = round(baselineFirst ? builderOfBaseline : builderOfThis, body);
            Round second = round(baselineFirst ? builderOfThis : builderOfBaseline, body);
            if (pair >= WARM_UP_PAIRS) {
                baseline.add(baselineFirst ? first : second);
                current.add(baselineFirst ? second : first);
            }
        }
        System.out.printf(Locale.ROOT, "%-26s %10s %10s %8s%n", "median of " + PAIRS, "baseline", "this", "ratio");
        print("put, CPU ms", baseline, current, round -> round.put().cpuNanos() / MEGA);
        print("get, CPU ms", baseline, current, round -> round.get().cpuNanos() / MEGA);
        print("put, elapsed ms", baseline, current, round -> round.put().elapsedNanos() / MEGA);
        print("get, elapsed ms", baseline, current, round -> round.get().elapsedNanos() / MEGA);
        print("heap, MB", baseline, current, round -> round.heapBytes() / MEGA);
    }

    private record Cost(long cpuNanos, long elapsedNanos) {

        Cost since(Cost earlier) {
            return new Cost(cpuNanos - earlier.cpuNanos, elapsedNanos - earlier.elapsedNanos);
        }

        static Cost now() {
            OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
            return new Cost(system.getProcessCpuTime(), System.nanoTime());
        }
    }

    private record Round(Cost put, Cost get, long heapBytes) {}

    private static void print(String name, List<Round> baseline, List<Round> current, ToDoubleFunction<Round> figure) {
        double[] ratios = IntStream.range(0, baseline.size())
                .mapToDouble(i -> figure.applyAsDouble(current.get(i)) / figure.applyAsDouble(baseline.get(i)))
                .toArray();
        System.out.printf(
                Locale.ROOT,
                "%-26s %10.1f %10.1f %8.3f%n",
                name,
                median(baseline.stream().mapToDouble(figure).toArray()),
                median(current.stream().mapToDouble(figure).toArray()),
                median(ratios));
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    private static Round round(Method newBuilder, byte[] body) throws Exception {
        long heapBefore = usedHeap();
        Object builder = newBuilder.invoke(null);
        builder.getClass().getMethod("enforceLimits", boolean.class).invoke(builder, false);
        Object kinesis = builder.getClass().getMethod("start").invoke(builder);
        try {
            kinesis.getClass()
                    .getMethod("createStream", String.class, int.class)
                    .invoke(kinesis, STREAM, SHARDS);
            EmbeddedKinesisBenchmark benchmark = new EmbeddedKinesisBenchmark(
                    (URI) kinesis.getClass().getMethod("httpEndpoint").invoke(kinesis));
            Cost start = Cost.now();
            for (int call = 0; call < CALLS; call++) {
                benchmark.call("PutRecords", body);
            }
            Cost put = Cost.now();
            for (int shard = 0; shard < SHARDS; shard++) {
                benchmark.read(shard);
            }
            Cost get = Cost.now();
            return new Round(put.since(start), get.since(put), usedHeap() - heapBefore);
        } finally {
            kinesis.getClass().getMethod("close").invoke(kinesis);
        }
    }

    private static Method builder(ClassLoader loader) throws ReflectiveOperationException {
        return loader.loadClass(EmbeddedKinesis.class.getName()).getMethod("builder");
    }

    private static ClassLoader baselineLoader(Path jar) throws IOException {
        List<URL> urls = new ArrayList<>();
        urls.add(jar.toUri().toURL());
        for (String path : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            urls.add(Path.of(path).toUri().toURL());
        }
        return new URLClassLoader(urls.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
    }

    private void read(int shard) throws IOException, InterruptedException {
        String iterator = field(
                call(
                        "GetShardIterator",
                        utf8(String.format(
                                Locale.ROOT,
                                "{\"StreamName\":\"%s\",\"ShardId\":\"shardId-%012d\",\"ShardIteratorType\":\"TRIM_HORIZON\"}",
                                STREAM,
                                shard))),
                "\"ShardIterator\":\"",
                "\"");
        while (true) {
            byte[] answer = call("GetRecords", utf8("{\"ShardIterator\":\"" + iterator + "\"}"));
            // the metadata follows the records, so the client's own work hardly counts
            byte[] end = Arrays.copyOfRange(answer, Math.max(0, answer.length - 1_000), answer.length);
            if (field(end, "\"MillisBehindLatest\":", ",").equals("0")) {
                return;
            }
            iterator = field(end, "\"NextShardIterator\":\"", "\"");
        }
    }

    private byte[] call(String operation, byte[] body) throws IOException, InterruptedException {
        HttpResponse<byte[]> response = client.send(
                HttpRequest.newBuilder(endpoint)
                        .header("X-Amz-Target", "Kinesis_20131202." + operation)
                        .header("Content-Type", "application/x-amz-json-1.1")
                        .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                        .build(),
                HttpResponse.BodyHandlers.ofByteArray());
        if (response.statusCode() != 200) {
            throw new IOException(operation + " returned status " + response.statusCode());
        }
        return response.body();
    }

    private static byte[] putRecords() throws IOException {
        Random random = new Random(1);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(utf8("{\"StreamName\":\"" + STREAM + "\",\"Records\":["));
        for (int i = 0; i < RECORDS_PER_CALL; i++) {
            byte[] data = new byte[RECORD_BYTES];
            random.nextBytes(data);
            out.write(utf8((i == 0 ? "" : ",") + "{\"PartitionKey\":\"key" + i + "\",\"Data\":\""));
            out.write(Base64.getEncoder().encode(data));
            out.write(utf8("\"}"));
        }
        out.write(utf8("]}"));
        return out.toByteArray();
    }

    private static String field(byte[] json, String before, String after) {
        String text = new String(json, StandardCharsets.UTF_8);
        int start = text.indexOf(before) + before.length();
        return text.substring(start, text.indexOf(after, start));
    }

    private static long usedHeap() {
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
