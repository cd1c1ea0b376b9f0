package io.taxistream.local.guard;

import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Decides from its headers whether a server on the loopback address answers a request.
 *
 * <p>Any page that the user visits can send requests to this machine. Browsers mark these with {@code Origin} and {@code
 * Sec-Fetch-Site}, which scripts cannot change; programs such as curl send neither and are not restricted. The rules:
 *
 * <ul>
 *   <li>{@code Host} must be a loopback address or {@code localhost}. Any other name means that a page has pointed its own
 *       name at this machine (DNS rebinding).
 *   <li>{@code Origin}, if present, must be the server itself.
 *   <li>Pages of other sites may only link to the server's start page: open it in a tab, but neither link to anything else, nor
 *       embed or fetch anything.
 *   <li>Browsers may only read.
 * </ul>
 */
public final class BrowserGuard {

    private static final Pattern LOOPBACK_HOST =
            Pattern.compile("(?:127\\.0\\.0\\.1|localhost|\\[::1])(?::\\d{1,5})?", Pattern.CASE_INSENSITIVE);

    private static final Set<String> SAFE_METHODS = Set.of("GET", "HEAD");
    private static final Set<String> SAME_ORIGIN_OR_USER = Set.of("same-origin", "none");

    private static final String OTHER_HOST =
            "this server accepts requests from this machine only; use 127.0.0.1 or localhost as the host";

    private BrowserGuard() {}

    /** Whether a {@code Host} header names this machine's loopback interface. */
    public static boolean isLoopback(@Nullable String host) {
        return host != null && LOOPBACK_HOST.matcher(host).matches();
    }

    /**
     * Returns why a request must be refused, in one line; empty if it may be answered.
     *
     * @param method HTTP method, such as {@code GET}
     * @param target target of the request line as received, such as {@code /path?query}
     * @param header returns the value of a header by its lower-case name, null if the request does not have it
     */
    public static Optional<String> refusal(String method, String target, Header header) {
        Optional<String> foreign = foreignRefusal(target, header);
        if (foreign.isPresent()) {
            return foreign;
        }
        return isFromBrowser(header) && !SAFE_METHODS.contains(method.toUpperCase(Locale.ROOT))
                ? Optional.of("browsers have read-only access to this server; use curl or the command line")
                : Optional.empty();
    }

    /**
     * Like {@link #refusal}, for a server whose own pages may send requests with any method.
     *
     * @param target target of the request line as received, such as {@code /path?query}
     * @param header returns the value of a header by its lower-case name, null if the request does not have it
     */
    public static Optional<String> foreignRefusal(String target, Header header) {
        String host = header.value("host");
        if (!isLoopback(host)) {
            return Optional.of(OTHER_HOST);
        }
        String origin = header.value("origin");
        if (origin != null && !origin.equalsIgnoreCase("http://" + host)) {
            return Optional.of("requests from pages of another origin are not allowed");
        }
        String site = header.value("sec-fetch-site");
        if (site == null || SAME_ORIGIN_OR_USER.contains(site)) {
            return Optional.empty();
        }
        if (!isTopLevelNavigation(header)) {
            return Optional.of("pages of another site may link to this server, but not embed or fetch from it");
        }
        return isStartPage(target)
                ? Optional.empty()
                : Optional.of("pages of another site may link to the start page of this server only; enter the address"
                        + " in the address bar");
    }

    /**
     * Returns why a server for programs must refuse a request, in one line; empty if it may be answered. Such a server refuses
     * every request from a browser.
     *
     * @param header returns the value of a header by its lower-case name, null if the request does not have it
     */
    public static Optional<String> browserRefusal(Header header) {
        if (!isLoopback(header.value("host"))) {
            return Optional.of(OTHER_HOST);
        }
        return isFromBrowser(header)
                ? Optional.of("browsers have no access to this server; use a program")
                : Optional.empty();
    }

    private static boolean isFromBrowser(Header header) {
        return header.value("origin") != null || header.value("sec-fetch-site") != null;
    }

    private static boolean isStartPage(String target) {
        return target.equals("/") || target.startsWith("/?");
    }

    private static boolean isTopLevelNavigation(Header header) {
        return "navigate".equals(header.value("sec-fetch-mode")) && "document".equals(header.value("sec-fetch-dest"));
    }

    /** Looks up a header of a request. */
    @FunctionalInterface
    public interface Header {

        /** Returns the first value of the header; null if the request has no such header. */
        @Nullable
        String value(String lowerCaseName);
    }
}
