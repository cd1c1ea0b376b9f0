package io.taxistream.local.http;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * Makes HTTP servers on the loopback address.
 *
 * <p>The JDK's server reads its settings once, when the first server of the process is made. All servers are therefore made
 * here, with settings that suit every one of them, so that the order in which parts start does not matter.
 */
public final class HttpServers {

    private static final int BACKLOG = 256;

    static {
        // Without it, every answer on a connection that is kept open waits 40 ms.
        setDefaultProperty("sun.net.httpserver.nodelay", "true");
        // Seconds. With the default of 30, connections that a client keeps in a pool are closed while it uses them.
        setDefaultProperty("sun.net.httpserver.idleInterval", "300");
        // Seconds that a client may take to send a request; without a limit, half-sent requests hold threads for good.
        setDefaultProperty("sun.net.httpserver.maxReqTime", "20");
    }

    private HttpServers() {}

    /**
     * Makes a server that has not started.
     *
     * @param port 0 for any free port
     * @throws java.net.BindException if the port is taken
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
