package io.taxistream.local.services;

import io.taxistream.local.guard.BrowserGuard;
import io.taxistream.local.guard.RequestPath;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.io.network.netty.InboundChannelHandlerFactory;
import org.apache.flink.shaded.netty4.io.netty.buffer.Unpooled;
import org.apache.flink.shaded.netty4.io.netty.channel.ChannelDuplexHandler;
import org.apache.flink.shaded.netty4.io.netty.channel.ChannelFutureListener;
import org.apache.flink.shaded.netty4.io.netty.channel.ChannelHandler;
import org.apache.flink.shaded.netty4.io.netty.channel.ChannelHandlerContext;
import org.apache.flink.shaded.netty4.io.netty.channel.ChannelInboundHandlerAdapter;
import org.apache.flink.shaded.netty4.io.netty.channel.ChannelPromise;
import org.apache.flink.shaded.netty4.io.netty.handler.codec.http.DefaultFullHttpResponse;
import org.apache.flink.shaded.netty4.io.netty.handler.codec.http.HttpHeaderNames;
import org.apache.flink.shaded.netty4.io.netty.handler.codec.http.HttpRequest;
import org.apache.flink.shaded.netty4.io.netty.handler.codec.http.HttpResponse;
import org.apache.flink.shaded.netty4.io.netty.handler.codec.http.HttpResponseStatus;
import org.apache.flink.shaded.netty4.io.netty.handler.codec.http.HttpServerCodec;
import org.apache.flink.shaded.netty4.io.netty.handler.codec.http.HttpVersion;
import org.apache.flink.shaded.netty4.io.netty.util.ReferenceCountUtil;

/**
 * Protects Flink's REST endpoint from other web pages: refuses the requests that {@link BrowserGuard} refuses, and the GET
 * addresses that stop a job, which only YARN's proxy needs.
 *
 * <p>Flink loads this class as a service.
 */
public final class FlinkRestGuard implements InboundChannelHandlerFactory {

    private static final Set<String> STOPPING = Set.of("yarn-cancel", "yarn-stop");

    @Override
    public int priority() {
        return 0;
    }

    @Override
    public Optional<ChannelHandler> createHandler(Configuration configuration, Map<String, String> responseHeaders) {
        return Optional.of(new GuardInstaller());
    }

    /** Inserts the guard before Flink's own handlers, which store uploaded files first of all. */
    private static final class GuardInstaller extends ChannelInboundHandlerAdapter {

        @Override
        public void handlerAdded(ChannelHandlerContext context) {
            String codec = context.pipeline().context(HttpServerCodec.class).name();
            context.pipeline().addAfter(codec, "browser-guard", new Guard());
            context.pipeline().remove(this);
        }
    }

    private static final class Guard extends ChannelDuplexHandler {

        private boolean refused;

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            if (!refused && message instanceof HttpRequest request) {
                if (request.decoderResult().isFailure()) {
                    refuse(context, HttpResponseStatus.BAD_REQUEST, "the request is not HTTP, or too long");
                } else {
                    refusal(request).ifPresent(reason -> refuse(context, HttpResponseStatus.FORBIDDEN, reason));
                }
            }
            if (refused) {
                ReferenceCountUtil.release(message);
            } else {
                context.fireChannelRead(message);
            }
        }

        /**
         * Removes the header by which Flink allows every origin to read its responses. It cannot be configured to the server's
         * own origin, as the port is not yet known then.
         */
        @Override
        public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
            if (message instanceof HttpResponse response) {
                response.headers().remove(HttpHeaderNames.ACCESS_CONTROL_ALLOW_ORIGIN);
            }
            var unused = context.write(message, promise);
        }

        private static Optional<String> refusal(HttpRequest request) {
            Optional<List<String>> path = RequestPath.segments(request.uri());
            if (path.isEmpty()) {
                // Flink decodes a path twice, and ends it at an encoded question mark.
                return Optional.of("the path is ambiguous; use neither encoded separators nor double encoding");
            }
            if (path.get().stream().anyMatch(segment -> STOPPING.contains(segment.toLowerCase(Locale.ROOT)))) {
                return Optional.of("jobs cannot be stopped by a link; use flink cancel or flink stop");
            }
            return BrowserGuard.refusal(
                    request.method().name(),
                    request.uri(),
                    name -> request.headers().get(name));
        }

        private void refuse(ChannelHandlerContext context, HttpResponseStatus status, String reason) {
            refused = true;
            var response = new DefaultFullHttpResponse(
                    HttpVersion.HTTP_1_1, status, Unpooled.copiedBuffer(reason + "\n", StandardCharsets.UTF_8));
            response.headers().set(HttpHeaderNames.CONTENT_TYPE, "text/plain; charset=utf-8");
            response.headers()
                    .set(HttpHeaderNames.CONTENT_LENGTH, response.content().readableBytes());
            response.headers().set(HttpHeaderNames.CONNECTION, "close");
            var unused = context.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
        }
    }
}
