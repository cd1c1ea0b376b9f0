package io.taxistream.search;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.apache.flink.connector.base.sink.writer.AsyncSinkWriterStateSerializer;
import org.apache.flink.connector.base.sink.writer.BufferedRequestState;

/**
 * Writes the documents that are not acknowledged yet into checkpoints, and reads them from there.
 *
 * <p>How often a document failed is left out: after a restart its time to be retried starts anew.
 */
final class BulkEntryStateSerializer extends AsyncSinkWriterStateSerializer<BulkEntry> {

    private static final int VERSION = 1;

    @Override
    public int getVersion() {
        return VERSION;
    }

    @Override
    public BufferedRequestState<BulkEntry> deserialize(int version, byte[] serialized) throws IOException {
        if (version != VERSION) {
            throw new IOException("the sink's state has version " + version + ", but this release of the job reads only"
                    + " version " + VERSION + "; restore it with the release that wrote it");
        }
        return super.deserialize(version, serialized);
    }

    @Override
    protected void serializeRequestToStream(BulkEntry entry, DataOutputStream out) throws IOException {
        SearchDocument document = entry.document();
        writeBytes(document.index().getBytes(StandardCharsets.UTF_8), out);
        writeBytes(document.id().getBytes(StandardCharsets.UTF_8), out);
        writeBytes(document.source(), out);
        out.writeBoolean(entry.deadLetter());
    }

    @Override
    protected BulkEntry deserializeRequestFromStream(long requestSize, DataInputStream in) throws IOException {
        String index = new String(readBytes(in), StandardCharsets.UTF_8);
        String id = new String(readBytes(in), StandardCharsets.UTF_8);
        var document = new SearchDocument(index, id, readBytes(in));
        return in.readBoolean() ? BulkEntry.deadLetter(document) : BulkEntry.first(document);
    }

    private static void writeBytes(byte[] bytes, DataOutputStream out) throws IOException {
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static byte[] readBytes(DataInputStream in) throws IOException {
        byte[] bytes = new byte[in.readInt()];
        in.readFully(bytes);
        return bytes;
    }
}
