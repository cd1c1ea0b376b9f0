package io.taxistream.producer.trips;

import io.taxistream.producer.input.RejectListener;
import io.taxistream.producer.input.RejectReason;
import java.util.ArrayList;
import java.util.List;

/** Records rejected records. */
final class ListedRejects implements RejectListener {

    /** A record that was left out. */
    record Rejected(String object, long line, RejectReason reason, String message) {}

    final List<Rejected> list = new ArrayList<>();

    @Override
    public void rejected(String object, long line, RejectReason reason, String message) {
        list.add(new Rejected(object, line, reason, message));
    }
}
