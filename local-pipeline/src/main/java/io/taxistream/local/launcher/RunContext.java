package io.taxistream.local.launcher;

import io.taxistream.local.data.GeneratedDay;
import io.taxistream.local.services.Installation;
import io.taxistream.local.status.EventLog;
import io.taxistream.local.status.EventLog.Kind;
import io.taxistream.local.status.PipelineStatus;
import io.taxistream.local.status.PipelineStatus.Part;
import io.taxistream.local.terminal.ProgressLines;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;

/** Options, output and parts of one run, shared by the classes that carry it out. */
record RunContext(
        Installation installation,
        LocalOptions options,
        RunSettings settings,
        RunExtension extension,
        Clock clock,
        ProgressLines terminal,
        EventLog events,
        PipelineStatus status,
        RunningParts parts,
        FatalErrors errors) {

    /** Prints a line on the terminal and adds it to the event log. */
    void announce(Kind kind, String line) {
        terminal.printLine(line);
        events.add(kind, line);
    }

    /** Records that a part is running, and prints its address. */
    void running(Part part, String name, URI address) {
        status.running(part, address);
        terminal.printLine(name + " at " + address);
    }

    /** Describes the input of the replay. */
    String input() {
        return options.data().map(Path::toString).orElse("a generated day (" + GeneratedDay.DATE + ")");
    }

    /** Returns the name of a part's producer in messages. */
    static String producerName(io.taxistream.eventtime.Part part) {
        return part.isOnly() ? "producer" : "producer " + part;
    }

    String logHint() {
        return " (see the logs in " + installation.logFolder() + ")";
    }
}
