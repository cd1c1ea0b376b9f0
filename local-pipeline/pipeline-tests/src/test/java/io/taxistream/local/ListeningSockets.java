package io.taxistream.local;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** Lists the TCP sockets on which processes listen, from Linux's {@code /proc}. */
final class ListeningSockets {

    private static final String LISTEN = "0A";
    private static final int LOCAL_ADDRESS_COLUMN = 1;
    private static final int STATE_COLUMN = 3;
    private static final int INODE_COLUMN = 9;

    private ListeningSockets() {}

    /** A socket and the process that holds it. */
    record Listener(long pid, InetSocketAddress address) {}

    /** Returns the listeners of this process and of all its descendants. */
    static Set<Listener> ofThisProcessAndItsDescendants() throws IOException {
        Map<String, InetSocketAddress> addressByInode = new HashMap<>();
        for (String table : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
            if (Files.exists(Path.of(table))) {
                read(Path.of(table), addressByInode);
            }
        }
        Set<Listener> listeners = new LinkedHashSet<>();
        List<ProcessHandle> processes = Stream.concat(
                        Stream.of(ProcessHandle.current()),
                        ProcessHandle.current().descendants())
                .toList();
        for (ProcessHandle process : processes) {
            for (String file : openFiles(process.pid())) {
                InetSocketAddress address = addressByInode.get(file.replaceAll("socket:\\[(\\d+)\\]", "$1"));
                if (address != null) {
                    listeners.add(new Listener(process.pid(), address));
                }
            }
        }
        return listeners;
    }

    private static void read(Path table, Map<String, InetSocketAddress> addressByInode) throws IOException {
        for (String line : Files.readAllLines(table)) {
            String[] columns = line.strip().split("\\s+", -1);
            if (columns[STATE_COLUMN].equals(LISTEN)) {
                addressByInode.put(columns[INODE_COLUMN], address(columns[LOCAL_ADDRESS_COLUMN]));
            }
        }
    }

    /** Parses an address such as {@code 0100007F:1F90}: 32-bit words in native byte order, and the port. */
    private static InetSocketAddress address(String hex) throws UnknownHostException {
        String[] parts = hex.split(":", 2);
        ByteBuffer words = ByteBuffer.wrap(HexFormat.of().parseHex(parts[0]));
        ByteBuffer bytes = ByteBuffer.allocate(words.capacity()).order(ByteOrder.nativeOrder());
        while (words.hasRemaining()) {
            bytes.putInt(words.getInt());
        }
        return new InetSocketAddress(InetAddress.getByAddress(bytes.array()), Integer.parseInt(parts[1], 16));
    }

    /** Returns the targets of a process's file descriptors; empty for a process that has ended. */
    private static List<String> openFiles(long pid) {
        try (Stream<Path> descriptors = Files.list(Path.of("/proc", Long.toString(pid), "fd"))) {
            return descriptors.flatMap(ListeningSockets::target).toList();
        } catch (IOException e) {
            return List.of();
        }
    }

    private static Stream<String> target(Path descriptor) {
        try {
            return Stream.of(Files.readSymbolicLink(descriptor).toString());
        } catch (IOException e) {
            // closed since it was listed
            return Stream.empty();
        }
    }
}
