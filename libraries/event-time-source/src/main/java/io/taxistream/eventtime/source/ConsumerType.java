package io.taxistream.eventtime.source;

import java.io.Serializable;

/**
 * Method of reading the shards of a stream. It can be changed when a job is restored, because the format of the state does not
 * depend on it.
 */
public sealed interface ConsumerType extends Serializable permits Polling, EnhancedFanOut {}
