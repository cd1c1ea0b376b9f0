package io.taxistream.embeddedkinesis;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/** Fields of a request or of one of its members. Errors have the wording of the service. */
final class Request {

    private static final Pattern STREAM_NAME = Pattern.compile("[a-zA-Z0-9_.-]{1,128}");
    private static final Pattern STREAM_ARN =
            Pattern.compile("arn:aws[^:]*:kinesis:[^:]*:\\d{12}:stream/([a-zA-Z0-9_.-]{1,128})");
    private static final Pattern CONSUMER_ARN = Pattern.compile(
            "arn:aws[^:]*:kinesis:[^:]*:\\d{12}:stream/([a-zA-Z0-9_.-]{1,128})/consumer/([a-zA-Z0-9_.-]{1,128}):\\d+");
    private static final Pattern HASH_KEY = Pattern.compile("0|[1-9]\\d{0,38}");

    private final Wire wire;
    private final JsonNode node;
    private final String path;

    Request(Wire wire, JsonNode node) {
        this(wire, node, "");
    }

    /** @param path path of the member in the request, ending in a dot, such as {@code records.1.member.} */
    Request(Wire wire, JsonNode node, String path) {
        this.wire = wire;
        this.node = node;
        this.path = path;
    }

    boolean has(String field) {
        return node.hasNonNull(field);
    }

    Optional<Request> member(String field) {
        return has(field)
                ? Optional.of(new Request(wire, node.get(field), path + lowerCamel(field) + "."))
                : Optional.empty();
    }

    Request requiredMember(String field) {
        return member(field).orElseThrow(() -> isNull(field));
    }

    /** Returns the members of a list with 1 to {@code max} elements. */
    List<Request> members(String field, int max) {
        if (!has(field)) {
            throw isNull(field);
        }
        JsonNode list = node.get(field);
        if (!list.isArray()) {
            throw KinesisException.serialization(field + " is not a list.");
        }
        if (list.isEmpty()) {
            throw violates(field, "[]", "Member must have length greater than or equal to 1");
        }
        if (list.size() > max) {
            throw violates(
                    field, "[" + list.size() + " members]", "Member must have length less than or equal to " + max);
        }
        List<Request> members = new ArrayList<>(list.size());
        for (int i = 0; i < list.size(); i++) {
            members.add(new Request(wire, list.get(i), path + lowerCamel(field) + "." + (i + 1) + ".member."));
        }
        return members;
    }

    Optional<String> optionalText(String field) {
        if (!has(field)) {
            return Optional.empty();
        }
        if (!node.get(field).isTextual()) {
            throw KinesisException.serialization(field + " is not a string.");
        }
        return Optional.of(node.get(field).textValue());
    }

    String text(String field) {
        return optionalText(field).orElseThrow(() -> isNull(field));
    }

    OptionalInt optionalInt(String field, int min, int max) {
        if (!has(field)) {
            return OptionalInt.empty();
        }
        if (!node.get(field).isIntegralNumber()) {
            throw KinesisException.serialization(field + " is not an integer.");
        }
        long value = node.get(field).longValue();
        if (value < min) {
            throw violates(field, value, "Member must have value greater than or equal to " + min);
        }
        if (value > max) {
            throw violates(field, value, "Member must have value less than or equal to " + max);
        }
        return OptionalInt.of((int) value);
    }

    int integer(String field, int min, int max) {
        return optionalInt(field, min, max).orElseThrow(() -> isNull(field));
    }

    OptionalLong optionalTimestampMillis(String field) {
        if (!has(field)) {
            return OptionalLong.empty();
        }
        if (!node.get(field).isNumber()) {
            throw KinesisException.serialization(field + " is not a time.");
        }
        return OptionalLong.of(wire.timestampMillis(node.get(field)));
    }

    boolean isTrue(String field) {
        if (has(field) && !node.get(field).isBoolean()) {
            throw KinesisException.serialization(field + " is not a boolean.");
        }
        return has(field) && node.get(field).booleanValue();
    }

    byte[] binary(String field) {
        if (!has(field)) {
            throw isNull(field);
        }
        JsonNode value = node.get(field);
        try {
            if (value.isTextual()) {
                // the JDK decodes several times faster than Jackson, and most data arrives in this form
                return Base64.getDecoder().decode(value.textValue());
            }
            if (value.isBinary()) {
                return value.binaryValue();
            }
        } catch (IllegalArgumentException | IOException e) {
            throw KinesisException.serialization(field + " is not Base64: " + e.getMessage());
        }
        throw KinesisException.serialization(field + " is not binary data.");
    }

    /** @throws KinesisException if the value is not a decimal number from 0 to 2^128 - 1 */
    Optional<BigInteger> optionalHashKey(String field) {
        return optionalText(field).map(text -> {
            if (!HASH_KEY.matcher(text).matches()) {
                throw violates(field, text, "Member must satisfy regular expression pattern: 0|([1-9]\\d{0,38})");
            }
            BigInteger key = new BigInteger(text);
            if (key.compareTo(HashKeyRange.SPACE_SIZE) >= 0) {
                throw KinesisException.invalidArgument("Invalid " + field + ". " + field
                        + " must be in the range: [0, 2^128-1]. Specified value was " + text);
            }
            return key;
        });
    }

    BigInteger hashKey(String field) {
        return optionalHashKey(field).orElseThrow(() -> isNull(field));
    }

    private Optional<String> optionalStreamName() {
        Optional<String> name = optionalText("StreamName");
        name.ifPresent(text -> {
            if (!STREAM_NAME.matcher(text).matches()) {
                throw violates("StreamName", text, "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+");
            }
        });
        Optional<String> nameInArn = optionalText("StreamARN").map(this::streamNameIn);
        if (name.isPresent() && nameInArn.isPresent() && !name.equals(nameInArn)) {
            throw KinesisException.invalidArgument("StreamName and StreamARN name different streams.");
        }
        return name.or(() -> nameInArn);
    }

    /** Returns the name of the stream given by {@code StreamName} or {@code StreamARN}. */
    String streamName() {
        return optionalStreamName()
                .orElseThrow(() -> KinesisException.invalidArgument("Either StreamName or StreamARN must be given."));
    }

    /** Returns the name of the stream given by {@code StreamARN}, for operations that do not accept a name. */
    String streamNameOfArn() {
        return streamNameIn(text("StreamARN"));
    }

    private String streamNameIn(String arn) {
        var matcher = STREAM_ARN.matcher(arn);
        if (!matcher.matches()) {
            throw violates(
                    "StreamARN",
                    arn,
                    "Member must satisfy regular expression pattern: arn:aws.*:kinesis:.*:\\d{12}:stream/\\S+");
        }
        return matcher.group(1);
    }

    String consumerName() {
        String name = text("ConsumerName");
        if (!STREAM_NAME.matcher(name).matches()) {
            throw violates("ConsumerName", name, "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+");
        }
        return name;
    }

    /** Parsed value of {@code ConsumerARN}. */
    record ConsumerArn(String text, String streamName, String consumerName) {}

    ConsumerArn consumerArn() {
        String arn = text("ConsumerARN");
        var matcher = CONSUMER_ARN.matcher(arn);
        if (!matcher.matches()) {
            throw violates(
                    "ConsumerARN",
                    arn,
                    "Member must satisfy regular expression pattern:"
                            + " ^(arn):aws.*:kinesis:.*:\\d{12}:.*stream\\/[a-zA-Z0-9_.-]+\\/consumer\\/[a-zA-Z0-9_.-]+:[0-9]+");
        }
        return new ConsumerArn(arn, matcher.group(1), matcher.group(2));
    }

    KinesisException violates(String field, Object value, String constraint) {
        return KinesisException.validation("Value '" + value + "' at '" + path + lowerCamel(field)
                + "' failed to satisfy constraint: " + constraint);
    }

    private KinesisException isNull(String field) {
        return KinesisException.validation("Value null at '" + path + lowerCamel(field)
                + "' failed to satisfy constraint: Member must not be null");
    }

    private static String lowerCamel(String field) {
        return field.substring(0, 1).toLowerCase(Locale.ROOT) + field.substring(1);
    }
}
