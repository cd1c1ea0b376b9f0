package io.taxistream.eventtime.sender;

import java.nio.charset.StandardCharsets;

/** An event of the tests: its bytes are its id and its time. */
record SampleEvent(String id, long timeMillis) {

    byte[] bytes() {
        return (id + "@" + timeMillis).getBytes(StandardCharsets.UTF_8);
    }

    static SampleEvent read(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.UTF_8);
        int at = text.lastIndexOf('@');
        return new SampleEvent(text.substring(0, at), Long.parseLong(text.substring(at + 1)));
    }
}
