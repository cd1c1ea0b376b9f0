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
 *   <li>Pages of other sites may only link to the server: open it in a tab, but neither embed nor fetch anything.
 *   <li>Browsers may only read.
 * </ul>
 */
public final class BrowserGuard {

    private static final Pattern LOOPBACK_HOST =
            Pattern.compile("(?:127\\.0\\.0\\.1|localhost|\\[::1])(?::\\d{1,5})?", Pattern.CASE_INSENSITIVE);

    private static final Set<String> SAFE_METHODS = Set.of("GET", "HEAD");
    private static final Set<String> SAME_SITE = Set.of("same-origin", "none");

    private BrowserGuard() {}

    /** Whether a {@code Host} header names this machine's loopback interface. */
    public static boolean isLoopback(@Nullable String host) {
        return host != null && LOOPBACK_HOST.matcher(host).matches();
    }

    /**
     * Returns why a request must be refused, in one line; empty if it may be answered.
     *
     * @param method HTTP method, such as {@code GET}
     * @param header returns the value of a header by its lower-case name, null if the request does not have it
     */
    public static Optional<String> refusal(String method, Header header) {
        String host = header.value("host");
        if (!isLoopback(host)) {
            return Optional.of(
                    "this server accepts requests from this machine only; use 127.0.0.1 or localhost as the" + " host");
        }
        String origin = header.value("origin");
        String site = header.value("sec-fetch-site");
        if (origin == null && site == null) {
            return Optional.empty();
        }
        if (origin != null && !origin.equalsIgnoreCase("http://" + host)) {
            return Optional.of("requests from pages of another origin are not allowed");
        }
        if (!SAFE_METHODS.contains(method.toUpperCase(Locale.ROOT))) {
            return Optional.of("browsers have read-only access to this server; use curl or the command line");
        }
        if (site != null && !SAME_SITE.contains(site) && !isTopLevelNavigation(header)) {
            return Optional.of("pages of another site may link to this server, but not embed or fetch from it");
        }
        return Optional.empty();
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
