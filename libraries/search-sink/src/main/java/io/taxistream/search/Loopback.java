package io.taxistream.search;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.regex.Pattern;

/** Checks whether an address is on this machine. No name server is queried, because its answer cannot be trusted. */
final class Loopback {

    private static final Pattern IPV4 = Pattern.compile("127(\\.(25[0-5]|2[0-4]\\d|1?\\d?\\d)){3}");

    private Loopback() {}

    /** Returns whether the host is {@code localhost} or an address literal of 127.0.0.0/8 or ::1. */
    static boolean isHostOf(URI uri) {
        String host = uri.getHost();
        if (host == null) {
            return false;
        }
        if (host.startsWith("[")) {
            return isLoopbackIpv6(host);
        }
        return host.equalsIgnoreCase("localhost") || IPV4.matcher(host).matches();
    }

    private static boolean isLoopbackIpv6(String literal) {
        try {
            // a literal in brackets is parsed, never looked up
            return InetAddress.getByName(literal) instanceof Inet6Address address && address.isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }
}
