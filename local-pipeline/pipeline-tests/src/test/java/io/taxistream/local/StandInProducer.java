package io.taxistream.local;

import java.util.List;

/**
 * Stand-in for the producer that sends nothing: checks its arguments, reports progress and exits.
 *
 * <p>With a speed-up of {@value #FAILING_SPEEDUP} it fails; of several producers only the second one does.
 */
public final class StandInProducer {

    static final String FAILING_SPEEDUP = "0.125";

    private static final List<String> OPTIONS =
            List.of("-region", "-stream", "-endpoint", "-bucket", "-prefix", "-s3Endpoint", "-speedup", "-sort");

    private StandInProducer() {}

    /** Entry point of the jar. */
    public static void main(String[] args) {
        List<String> arguments = List.of(args);
        if (!arguments.containsAll(OPTIONS) || System.getenv("AWS_SECRET_ACCESS_KEY") == null) {
            System.err.println("an option or the credentials are missing");
            System.exit(2);
        }
        System.err.println("progress sent=7 rate=7 lag=0.0 rejected=0");
        int part = arguments.indexOf("-part");
        boolean mayFail = part < 0 || arguments.get(part + 1).startsWith("2/");
        if (mayFail && arguments.get(arguments.indexOf("-speedup") + 1).equals(FAILING_SPEEDUP)) {
            System.err.println("the stream takes nothing");
            System.exit(1);
        }
        System.err.println("summary read=7 sent=7 rejected=0");
    }
}
