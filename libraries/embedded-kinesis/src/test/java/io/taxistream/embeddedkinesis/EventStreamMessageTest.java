package io.taxistream.embeddedkinesis;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.eventstream.Message;

/** Messages as the decoder of the AWS SDK reads them, which checks both checksums. */
class EventStreamMessageTest {

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 1_000, 100_000})
    void readsBackEventsOfAnySize(int textLength) throws IOException {
        String text = "x".repeat(textLength);

        Message message = decoded(EventStreamMessage.event("SubscribeToShardEvent", Wire.JSON, 10, out -> {
            out.writeStartObject();
            out.writeStringField("Text", text);
            out.writeEndObject();
        }));

        assertThat(headers(message))
                .isEqualTo(Map.of(
                        ":message-type", "event",
                        ":event-type", "SubscribeToShardEvent",
                        ":content-type", "application/x-amz-json-1.1"));
        assertThat(new ObjectMapper().readTree(message.getPayload()).get("Text").textValue())
                .isEqualTo(text);
    }

    @Test
    void exceptionMessageHasTypeAndText() throws IOException {
        Message message = decoded(EventStreamMessage.exception(KinesisException.resourceInUse("é: in use"), Wire.JSON));

        assertThat(headers(message))
                .containsEntry(":message-type", "exception")
                .containsEntry(":exception-type", "ResourceInUseException");
        assertThat(new String(message.getPayload(), StandardCharsets.UTF_8)).isEqualTo("{\"message\":\"é: in use\"}");
    }

    private static Message decoded(ByteBuffer bytes) {
        return Message.decode(bytes.slice());
    }

    private static Map<String, String> headers(Message message) {
        Map<String, String> headers = new HashMap<>();
        message.getHeaders().forEach((name, value) -> headers.put(name, value.getString()));
        return headers;
    }
}
