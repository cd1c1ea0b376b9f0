package io.taxistream.local.services;

import io.taxistream.local.guard.BrowserGuard;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Field;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.gaul.s3proxy.blobstore.BlobStore;
import org.gaul.s3proxy.blobstore.ForwardingBlobStore;
import org.gaul.s3proxy.nio2blob.FilesystemNio2BlobStore;
import org.gaul.shaded.org.eclipse.jetty.http.HttpHeader;
import org.gaul.shaded.org.eclipse.jetty.http.HttpMethod;
import org.gaul.shaded.org.eclipse.jetty.http.HttpStatus;
import org.gaul.shaded.org.eclipse.jetty.io.EofException;
import org.gaul.shaded.org.eclipse.jetty.server.Handler;
import org.gaul.shaded.org.eclipse.jetty.server.Request;
import org.gaul.shaded.org.eclipse.jetty.server.Response;
import org.gaul.shaded.org.eclipse.jetty.server.Server;
import org.gaul.shaded.org.eclipse.jetty.util.Callback;
import software.amazon.awssdk.services.s3.model.BucketCannedACL;
import software.amazon.awssdk.services.s3.model.ObjectCannedACL;

/**
 * Serves a file or a folder as the objects of an S3 bucket on the loopback address.
 *
 * <p>The bucket contains symbolic links to the files, so that no client can modify them.
 */
public final class S3Service implements AutoCloseable {

    static final String BUCKET = "taxi-trips";

    /** Prefix of all object keys; the rest is the path relative to the folder that is served. */
    static final String PREFIX = "trips/";

    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rwx------");

    private final S3Proxy server;

    private S3Service(S3Proxy server) {
        this.server = server;
    }

    /**
     * Starts serving; requests must be signed with the {@link LocalCredentials}, and must not come from a browser.
     *
     * @param data a file, or a folder whose files are served under their relative paths, except hidden ones
     * @param workFolder an empty folder for the service
     */
    public static S3Service start(Path data, Path workFolder) throws IOException, LocalPipelineException {
        if (Files.isRegularFile(data) && Files.size(data) == 0) {
            throw new LocalPipelineException("--data " + data + ": the file is empty; name a file with trips");
        }
        Path bucket = workFolder.resolve(BUCKET);
        Files.createDirectories(bucket, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
        Path objects = Files.createDirectories(bucket.resolve(PREFIX));
        if (linkFiles(data.toAbsolutePath(), objects) == 0) {
            throw new LocalPipelineException(
                    "--data " + data + ": the folder contains no files; name a folder with trips");
        }
        S3Proxy server = S3Proxy.builder()
                .blobStore(new PrivateBlobStore(new FilesystemNio2BlobStore(workFolder.toString())))
                .endpoint(URI.create("http://127.0.0.1:0"))
                .awsAuthentication(
                        AuthenticationType.AWS_V4, LocalCredentials.ACCESS_KEY_ID, LocalCredentials.SECRET_ACCESS_KEY)
                .ignoreUnknownHeaders(true)
                .build();
        try {
            addGuard(server);
            server.start();
        } catch (Exception e) {
            throw new IOException("the local S3 could not be started: " + e.getMessage(), e);
        }
        return new S3Service(server);
    }

    /** Inserts the guard before S3Proxy's own handler. S3Proxy has no method for it. */
    private static void addGuard(S3Proxy proxy) throws ReflectiveOperationException {
        Field field = S3Proxy.class.getDeclaredField("server");
        field.setAccessible(true);
        ((Server) field.get(proxy)).insertHandler(new Guard());
    }

    /** Refuses requests that a web page can have sent, signed or not: a signed address is all that a page needs. */
    private static final class Guard extends Handler.Wrapper {

        @Override
        public boolean handle(Request request, Response response, Callback callback) throws Exception {
            if (HttpMethod.CONNECT.is(request.getMethod())) {
                refuseTunnel(request, response, callback);
                return true;
            }
            Optional<String> refusal =
                    BrowserGuard.browserRefusal(name -> request.getHeaders().get(name));
            if (refusal.isEmpty()) {
                return super.handle(request, response, callback);
            }
            response.setStatus(HttpStatus.FORBIDDEN_403);
            response.getHeaders().put(HttpHeader.CONTENT_TYPE, "text/plain; charset=utf-8");
            response.getHeaders().put(HttpHeader.CONNECTION, "close");
            response.write(true, ByteBuffer.wrap((refusal.get() + "\n").getBytes(StandardCharsets.UTF_8)), callback);
            return true;
        }
    }

    /** Refuses a request that takes the server for a proxy, and closes the connection, which Jetty would leave open. */
    private static void refuseTunnel(Request request, Response response, Callback callback) {
        response.setStatus(HttpStatus.METHOD_NOT_ALLOWED_405);
        Runnable close = () -> {
            request.getConnectionMetaData().getConnection().getEndPoint().close();
            callback.failed(new EofException("the server closed the connection"));
        };
        response.write(true, ByteBuffer.allocate(0), Callback.from(close, callback::failed));
    }

    public URI endpoint() {
        return URI.create("http://127.0.0.1:" + server.getPort());
    }

    @Override
    public void close() throws IOException {
        try {
            server.stop();
        } catch (Exception e) {
            throw new IOException("the local S3 did not stop cleanly: " + e.getMessage(), e);
        }
    }

    private static int linkFiles(Path data, Path objects) throws IOException {
        if (Files.isRegularFile(data)) {
            Files.createSymbolicLink(objects.resolve(data.getFileName()), data.toRealPath());
            return 1;
        }
        List<Path> files = files(data);
        for (Path file : files) {
            Path object = objects.resolve(data.relativize(file).toString());
            Files.createDirectories(object.getParent());
            Files.createSymbolicLink(object, file.toRealPath());
        }
        return files.size();
    }

    /** Returns the names under which a file or the files of a folder are served. */
    public static List<Path> servedNames(Path data) throws IOException {
        return Files.isRegularFile(data)
                ? List.of(data.getFileName())
                : files(data).stream().map(data::relativize).toList();
    }

    /** Returns the files of a folder that are served: all in it and its subfolders, except hidden ones. */
    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> tree = Files.walk(folder, FileVisitOption.FOLLOW_LINKS)) {
            return tree.filter(Files::isRegularFile)
                    .filter(file -> !isHidden(folder.relativize(file)))
                    .toList();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private static boolean isHidden(Path relative) {
        for (Path name : relative) {
            if (name.toString().startsWith(".")) {
                return true;
            }
        }
        return false;
    }

    /**
     * A store that serves nothing without a signature. The underlying store treats world-readable folders and files as public,
     * and would serve them to every user of the machine.
     */
    private static final class PrivateBlobStore extends ForwardingBlobStore {

        PrivateBlobStore(BlobStore store) {
            super(store);
        }

        @Override
        public BucketCannedACL getContainerAccess(String container) {
            return BucketCannedACL.PRIVATE;
        }

        @Override
        public ObjectCannedACL getBlobAccess(String container, String name) {
            return ObjectCannedACL.PRIVATE;
        }

        @Override
        public ObjectCannedACL getBlobAccess(String container, String name, String versionId) {
            return ObjectCannedACL.PRIVATE;
        }
    }
}
