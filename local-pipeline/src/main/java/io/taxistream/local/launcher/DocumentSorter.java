package io.taxistream.local.launcher;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/**
 * Sorts documents by id, in the order of UTF-16 code units, in bounded memory: an external merge sort with temporary files for
 * the sorted runs. Not thread-safe.
 *
 * <p>The files are deleted when they are closed; on Unix, as soon as they are open.
 */
final class DocumentSorter implements Closeable {

    /** Number of characters in a run: about 100,000 documents of this pipeline. */
    static final int DEFAULT_RUN_LENGTH = 16 << 20;

    private static final int BUFFER_BYTES = 1 << 16;
    private static final Comparator<Document> BY_ID = Comparator.comparing(Document::id);

    private final int runLength;
    private final List<FileChannel> runs = new ArrayList<>();
    private final List<Document> unsorted = new ArrayList<>();
    private long unsortedLength;

    /** A document with its source as JSON. */
    record Document(String id, String source) {}

    /** Receives the documents in order. */
    @FunctionalInterface
    interface Action {

        void accept(Document document) throws IOException;
    }

    /**
     * Creates a sorter.
     *
     * @param runLength number of characters to hold in memory while documents are added
     */
    DocumentSorter(int runLength) {
        this.runLength = runLength;
    }

    /**
     * Adds a document.
     *
     * @throws IOException if a temporary file cannot be written
     */
    void add(String id, String source) throws IOException {
        unsorted.add(new Document(id, source));
        unsortedLength += id.length() + source.length();
        if (unsortedLength >= runLength) {
            writeRun();
        }
    }

    /** Returns the number of runs written to files so far. */
    int runs() {
        return runs.size();
    }

    /**
     * Passes all documents to the action in order; called once, after the last {@link #add}.
     *
     * @throws IOException if a temporary file cannot be read, or if the action fails
     */
    void forEach(Action action) throws IOException {
        PriorityQueue<Run> queue = new PriorityQueue<>(Comparator.comparing(run -> run.first, BY_ID));
        for (FileChannel file : runs) {
            queue.add(new Run(file));
        }
        unsorted.sort(BY_ID);
        int next = 0;
        while (next < unsorted.size() || !queue.isEmpty()) {
            if (queue.isEmpty()
                    || (next < unsorted.size() && BY_ID.compare(unsorted.get(next), queue.peek().first) < 0)) {
                action.accept(unsorted.get(next++));
            } else {
                Run run = queue.poll();
                action.accept(run.first);
                if (run.advance()) {
                    queue.add(run);
                }
            }
        }
    }

    @Override
    public void close() throws IOException {
        for (FileChannel file : runs) {
            file.close();
        }
    }

    private void writeRun() throws IOException {
        unsorted.sort(BY_ID);
        Path path = Files.createTempFile("taxi-stream-export-", ".tmp");
        FileChannel file = FileChannel.open(
                path, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE);
        runs.add(file);
        // not closed, because that would delete the file
        DataOutputStream out =
                new DataOutputStream(new BufferedOutputStream(Channels.newOutputStream(file), BUFFER_BYTES));
        out.writeInt(unsorted.size());
        for (Document document : unsorted) {
            write(out, document.id());
            write(out, document.source());
        }
        out.flush();
        unsorted.clear();
        unsortedLength = 0;
    }

    private static void write(DataOutputStream out, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static String read(DataInputStream in) throws IOException {
        byte[] bytes = new byte[in.readInt()];
        in.readFully(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** A run that is being read; never empty. */
    private static final class Run {

        private final DataInputStream in;
        private int remaining;
        private Document first;

        Run(FileChannel file) throws IOException {
            file.position(0);
            in = new DataInputStream(new BufferedInputStream(Channels.newInputStream(file), BUFFER_BYTES));
            remaining = in.readInt();
            first = readDocument();
        }

        boolean advance() throws IOException {
            if (remaining == 0) {
                return false;
            }
            first = readDocument();
            return true;
        }

        private Document readDocument() throws IOException {
            remaining--;
            return new Document(read(in), read(in));
        }
    }
}
