package io.taxistream.local.http;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * Creates HTTP servers on the loopback address.
 *
 * <p>The JDK's server reads its settings once per process, when the first server is created. All servers are therefore created
 * here, with settings that suit them all, so that the order in which parts start does not matter.
 */
public final class HttpServers {

    private static final int BACKLOG = 256;

    static {
        // Without it, every response on a keep-alive connection is delayed by 40 ms.
        setDefaultProperty("sun.net.httpserver.nodelay", "true");
        // Seconds. With the default of 30, pooled connections are closed while a client uses them.
        setDefaultProperty("sun.net.httpserver.idleInterval", "300");
        // Seconds that a client may take to send a request. Without a limit, half-sent requests hold threads forever.
        setDefaultProperty("sun.net.httpserver.maxReqTime", "10");
    }

    private HttpServers() {}

    /**
     * Creates a server that has not started.
     *
     * @param port 0 for any free port
     * @throws java.net.BindException if the port is in use
     */
    public static HttpServer create(int port) throws IOException {
        return HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), BACKLOG);
    }

    private static void setDefaultProperty(String name, String value) {
        if (System.getProperty(name) == null) {
            System.setProperty(name, value);
        }
    }
}
