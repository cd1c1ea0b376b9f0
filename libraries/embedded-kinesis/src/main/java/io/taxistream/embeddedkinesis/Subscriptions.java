package io.taxistream.embeddedkinesis;

import io.taxistream.embeddedkinesis.ConsumerOperations.Admission;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Live subscriptions to shards. While there are any, a timer checks every 10 ms which of them have something to send. This adds
 * no cost to writes, and records that arrive together are sent together.
 */
final class Subscriptions implements AutoCloseable {

    private static final int TICK_MILLIS = 10;

    private final Subscription.Settings settings;
    private final Executor workers;
    private final ScheduledExecutorService timer;
    private final Set<Subscription> live = ConcurrentHashMap.newKeySet();
    private @Nullable Future<?> ticking;

    Subscriptions(Subscription.Settings settings, Executor workers, ThreadFactory threads) {
        this.settings = settings;
        this.workers = workers;
        this.timer = new ScheduledThreadPoolExecutor(1, threads);
    }

    /** Starts a subscription, which ends the previous one of the same consumer and shard. */
    void start(
            Admission admission, HttpCall call, Wire wire, Optional<Fault.SubscriptionFault> fault, String requestId) {
        Subscription subscription = new Subscription(admission, call, wire, fault, settings, live::remove);
        @Nullable Subscription previous = admission.place().replaceBy(subscription);
        add(subscription);
        if (previous != null) {
            previous.end(KinesisException.resourceInUse(
                    "Another subscription of this consumer to this shard has replaced this one."));
        }
        subscription.begin(requestId);
    }

    private synchronized void add(Subscription subscription) {
        live.add(subscription);
        if (ticking == null) {
            ticking = timer.scheduleWithFixedDelay(this::tick, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private synchronized void stopTicking() {
        if (live.isEmpty() && ticking != null) {
            ticking.cancel(false);
            ticking = null;
        }
    }

    /** Returns the number of live subscriptions. */
    int count() {
        return live.size();
    }

    private void tick() {
        try {
            if (live.isEmpty()) {
                stopTicking();
            }
            long now = settings.clock().millis();
            for (Subscription subscription : live) {
                if (subscription.isDue(now)) {
                    workers.execute(subscription::proceed);
                }
            }
        } catch (RejectedExecutionException e) {
            // the endpoint is being closed
            timer.shutdown();
        } catch (RuntimeException | Error e) {
            // an exception thrown here would stop the timer
            settings.onFailure().accept(e);
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
