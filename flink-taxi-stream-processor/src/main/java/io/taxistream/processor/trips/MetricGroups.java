package io.taxistream.processor.trips;

import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.metrics.MetricGroup;
import org.jspecify.annotations.Nullable;

/** Determines the metric groups of operators. */
final class MetricGroups {

    private MetricGroups() {}

    /**
     * Returns the group of an operator, or a group within it.
     *
     * @param name name of the group within the operator's; null for the operator's own group
     */
    static MetricGroup of(RuntimeContext operator, @Nullable String name) {
        MetricGroup group = operator.getMetricGroup();
        return name == null ? group : group.addGroup(name);
    }
}
