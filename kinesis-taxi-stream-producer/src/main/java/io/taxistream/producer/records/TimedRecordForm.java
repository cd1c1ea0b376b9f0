package io.taxistream.producer.records;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.taxistream.producer.events.EventForm;
import io.taxistream.producer.input.RecordIds;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A record of any layout as an event: its bytes are sent unchanged unless its times are shifted. Not thread-safe. */
public final class TimedRecordForm implements EventForm<TimedRecord> {

    /** The objects, their references and the overhead of sorting. */
    private static final int HEAP_BYTES = 160;

    private static final int FIXED_STORED_BYTES = 3 * Integer.BYTES + 2 * Long.BYTES;
    private static final int NONE = -1;

    /** The limit of Kinesis. */
    private static final int MAX_KEY_LENGTH = 256;

    private final JsonFields fields;
    private final List<TimeFormat> formats = new ArrayList<>();
    private final long unitMillis;

    /**
     * @param fields the time fields
     */
    public TimedRecordForm(RecordFields fields) {
        List<String> names = new ArrayList<>();
        names.add(fields.time());
        formats.add(TimeFormat.of(fields.timeFormat(), fields.zone()));
        fields.adapted().forEach((name, format) -> {
            if (!name.equals(fields.time())) {
                names.add(name);
                formats.add(TimeFormat.of(format, fields.zone()));
            }
        });
        this.fields = new JsonFields(names);
        this.unitMillis =
                formats.stream().mapToLong(TimeFormat::unitMillis).max().orElse(1);
    }

    @Override
    public long timeMillis(TimedRecord event) {
        return event.timeMillis();
    }

    @Override
    public String id(TimedRecord event) {
        return event.id() != null ? event.id() : Long.toString(event.position(), Character.MAX_RADIX);
    }

    @Override
    public String key(TimedRecord event) {
        String key = event.key() != null ? event.key() : id(event);
        return key.length() <= MAX_KEY_LENGTH ? key : Long.toString(RecordIds.ofText(key), Character.MAX_RADIX);
    }

    @Override
    public long smallestShift(long millis) {
        return -Math.floorDiv(-millis, unitMillis) * unitMillis;
    }

    @Override
    public TimedRecord shifted(TimedRecord event, long millis) {
        byte[] bytes = event.bytes();
        try (JsonParser parser = JsonFields.JSON.createParser(bytes)) {
            parser.nextToken();
            fields.read(parser, true);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot parse JSON that was parsed before", e);
        }
        List<Integer> given = new ArrayList<>();
        for (int i = 0; i < formats.size(); i++) {
            if (fields.isGiven(i)) {
                given.add(i);
            }
        }
        given.sort(Comparator.comparingInt(fields::start));
        var out = new ByteArrayOutputStream(bytes.length + 16);
        int copied = 0;
        for (int i : given) {
            int start = fields.start(i);
            String shifted = formats.get(i).shifted(fields.text(i), millis);
            out.write(bytes, copied, start - copied);
            if (bytes[start] == '"') {
                out.write('"');
                out.writeBytes(JsonStringEncoder.getInstance().quoteAsUTF8(shifted));
                out.write('"');
            } else {
                out.writeBytes(JsonStringEncoder.getInstance().encodeAsUTF8(shifted));
            }
            copied = fields.end(i, bytes);
        }
        out.write(bytes, copied, bytes.length - copied);
        return new TimedRecord(
                out.toByteArray(), event.timeMillis() + millis, event.position(), event.id(), event.key());
    }

    @Override
    public byte[] bytes(TimedRecord event) {
        return event.bytes();
    }

    @Override
    public int heapBytes(TimedRecord event) {
        return HEAP_BYTES + event.bytes().length + length(event.id()) + length(event.key());
    }

    @Override
    public int storedBytes(TimedRecord event) {
        return FIXED_STORED_BYTES + event.bytes().length + Character.BYTES * (length(event.id()) + length(event.key()));
    }

    @Override
    public void store(TimedRecord event, ByteBuffer to) {
        to.putInt(storedBytes(event)).putLong(event.timeMillis()).putLong(event.position());
        store(event.id(), to);
        store(event.key(), to);
        to.put(event.bytes());
    }

    @Override
    public int nextStoredBytes(ByteBuffer from) {
        return from.remaining() < Integer.BYTES ? Integer.BYTES : from.getInt(from.position());
    }

    @Override
    public TimedRecord restored(ByteBuffer from) {
        int end = from.position() + from.getInt();
        long timeMillis = from.getLong();
        long position = from.getLong();
        String id = restoredText(from);
        String key = restoredText(from);
        byte[] bytes = new byte[end - from.position()];
        from.get(bytes);
        return new TimedRecord(bytes, timeMillis, position, id, key);
    }

    private static int length(@Nullable String text) {
        return text == null ? 0 : text.length();
    }

    private static void store(@Nullable String text, ByteBuffer to) {
        to.putInt(text == null ? NONE : text.length());
        for (int i = 0; i < length(text); i++) {
            to.putChar(text == null ? 0 : text.charAt(i));
        }
    }

    private static @Nullable String restoredText(ByteBuffer from) {
        int length = from.getInt();
        if (length == NONE) {
            return null;
        }
        char[] text = new char[length];
        for (int i = 0; i < length; i++) {
            text[i] = from.getChar();
        }
        return new String(text);
    }
}
