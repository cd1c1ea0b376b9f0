package io.taxistream.local.http;

import java.io.IOException;

/** Answers the requests to a server. Must be thread-safe. */
@FunctionalInterface
public interface HttpService {

    /**
     * Answers a request: ends the call, now or later on another thread.
     *
     * @throws IOException if the client has closed its connection
     */
    void answer(HttpCall call) throws IOException, InterruptedException;
}
