package io.taxistream.eventtime.source;

import java.io.Serializable;

/** How the shards of a stream are read. A job may change it whenever it is restored: its state has one form for all. */
public sealed interface ConsumerType extends Serializable permits Polling, EnhancedFanOut {}
