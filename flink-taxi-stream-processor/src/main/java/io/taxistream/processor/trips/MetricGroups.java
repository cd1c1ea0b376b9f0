package io.taxistream.processor.trips;

import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.metrics.MetricGroup;
import org.jspecify.annotations.Nullable;

/** Where operators put their metrics. */
final class MetricGroups {

    private MetricGroups() {}

    /**
     * The group of an operator, or one within it.
     *
     * @param name of the group within the operator's; null for the operator's own
     */
    static MetricGroup of(RuntimeContext operator, @Nullable String name) {
        MetricGroup group = operator.getMetricGroup();
        return name == null ? group : group.addGroup(name);
    }
}
