package io.taxistream.local.guard;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Decodes the path of a request whose meaning does not depend on the server that reads it.
 *
 * <p>Servers differ in what they decode, how often, and whether before or after they split the path. A rule about paths therefore
 * holds only if the paths that servers read differently are refused.
 */
public final class RequestPath {

    /** Characters that separate parts of a path, a query or a fragment when a server decodes before it splits, or twice. */
    private static final String AMBIGUOUS = "/%?#;\\";

    private static final int HEX = 16;
    private static final int ESCAPE_LENGTH = 3;

    private RequestPath() {}

    /**
     * Returns the decoded segments of a path, without those that are empty. Empty if the path is ambiguous: not absolute,
     * incorrectly or doubly encoded, with an encoded separator, a control character, or the segments {@code .} or {@code ..}.
     *
     * @param target target of the request line as received, such as {@code /path?query}
     */
    public static Optional<List<String>> segments(String target) {
        int query = target.indexOf('?');
        String path = query < 0 ? target : target.substring(0, query);
        if (!path.startsWith("/") || target.indexOf('#') >= 0) {
            return Optional.empty();
        }
        List<Optional<String>> segments = Arrays.stream(path.split("/"))
                .filter(segment -> !segment.isEmpty())
                .map(RequestPath::decoded)
                .toList();
        return segments.stream().allMatch(Optional::isPresent)
                ? Optional.of(segments.stream().flatMap(Optional::stream).toList())
                : Optional.empty();
    }

    private static Optional<String> decoded(String segment) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int i = 0; i < segment.length(); i++) {
            char c = segment.charAt(i);
            if (c == '%') {
                int value =
                        i + ESCAPE_LENGTH > segment.length() ? -1 : octet(segment.charAt(i + 1), segment.charAt(i + 2));
                if (value < 0) {
                    return Optional.empty();
                }
                bytes.write(value);
                i += ESCAPE_LENGTH - 1;
            } else {
                bytes.writeBytes(String.valueOf(c).getBytes(StandardCharsets.UTF_8));
            }
        }
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes.toByteArray()))
                    .toString();
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
        boolean ambiguous = text.equals(".")
                || text.equals("..")
                || text.chars().anyMatch(c -> AMBIGUOUS.indexOf(c) >= 0 || Character.isISOControl(c));
        return ambiguous ? Optional.empty() : Optional.of(text);
    }

    private static int octet(char high, char low) {
        int first = Character.digit(high, HEX);
        int second = Character.digit(low, HEX);
        return first < 0 || second < 0 || high > 'f' || low > 'f' ? -1 : first * HEX + second;
    }
}
