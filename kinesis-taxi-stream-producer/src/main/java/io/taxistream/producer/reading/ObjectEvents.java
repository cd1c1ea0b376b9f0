package io.taxistream.producer.reading;

import static java.util.Objects.requireNonNull;

import io.taxistream.producer.events.EventSource;
import io.taxistream.producer.input.CountingInputStream;
import io.taxistream.producer.input.DamagedParquetException;
import io.taxistream.producer.input.InputFailedException;
import io.taxistream.producer.input.InputObject;
import io.taxistream.producer.input.InputStatistics;
import io.taxistream.producer.input.InputStore;
import io.taxistream.producer.input.RejectListener;
import io.taxistream.producer.input.RejectReason;
import io.taxistream.producer.input.SingleLine;
import io.taxistream.producer.input.TimeRange;
import java.io.IOException;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The events of all objects of a store, object by object in the order of their keys.
 *
 * <p>A damaged object is read up to the damage, counted and reported; the replay continues with the next object.
 *
 * @param <E> type of the events
 */
public final class ObjectEvents<E> implements EventSource<E> {

    private final InputStore store;
    private final RecordReaders<E> readers;
    private final InputStatistics statistics;
    private final Consumer<String> messages;
    private final Iterator<InputObject> objects;

    private @Nullable InputObject object;
    private @Nullable CountingInputStream stored;
    private @Nullable RecordReader<E> reader;

    /**
     * Lists the objects and inspects the beginning of each, so that one without such events is found before the first
     * event is returned. Objects are read on demand.
     *
     * @param formats formats of the events
     * @param records plural noun for the expected records in messages, such as {@code trips}
     * @param range event times of interest; records outside are counted as skipped
     * @param messages receives one line per damaged object
     * @throws InputFailedException if the store cannot be listed, is empty, or has an object that does not hold such events
     */
    public ObjectEvents(
            InputStore store,
            RecordFormats<E> formats,
            String records,
            TimeRange range,
            InputStatistics statistics,
            RejectListener rejects,
            Consumer<String> messages) {
        this.store = store;
        this.readers = new RecordReaders<>(
                formats,
                new ReadContext(
                        range,
                        statistics,
                        (key, line, reason, message) -> {
                            statistics.countRejected(reason);
                            if (reason != RejectReason.NOWHERE) {
                                rejects.rejected(key, line, reason, message);
                            }
                        },
                        messages));
        this.statistics = statistics;
        this.messages = messages;
        List<InputObject> list = store.list();
        new ObjectCheck(formats, records).check(list);
        statistics.setTotalBytes(list.stream().mapToLong(InputObject::sizeBytes).sum());
        this.objects = list.iterator();
    }

    @Override
    public @Nullable E next() {
        while (true) {
            InputObject current = object;
            if (current == null) {
                if (!objects.hasNext()) {
                    return null;
                }
                current = objects.next();
                object = current;
            }
            try {
                if (reader == null) {
                    stored = new CountingInputStream(current.open(), statistics);
                    reader = readers.open(current, stored);
                }
                E event = reader.next();
                if (event != null) {
                    statistics.countEvent();
                    return event;
                }
                statistics.countObject();
            } catch (IOException e) {
                statistics.countDamagedObject();
                messages.accept(damaged(current, e));
            }
            closeObject();
        }
    }

    @Override
    public void close() {
        closeObject();
        store.close();
    }

    private void closeObject() {
        try {
            if (reader != null) {
                reader.close();
            } else if (stored != null) {
                stored.close();
            }
        } catch (IOException e) {
            String key = requireNonNull(object, "only what is open is closed").key();
            messages.accept(key + " could not be closed: " + SingleLine.of(String.valueOf(e.getMessage())));
        } finally {
            object = null;
            stored = null;
            reader = null;
        }
    }

    private String damaged(InputObject damaged, IOException e) {
        if (e instanceof DamagedParquetException) {
            return damaged.key() + " is damaged: " + SingleLine.of(String.valueOf(e.getMessage()));
        }
        long position = stored == null ? 0 : stored.position();
        String why = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        return damaged.key() + " is damaged or truncated near byte " + position + " of " + damaged.sizeBytes()
                + ", the rest is skipped: " + SingleLine.of(why);
    }
}
