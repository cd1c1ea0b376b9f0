package io.taxistream.eventtime.source;

import io.taxistream.eventtime.AggregatedRecords;
import io.taxistream.eventtime.UserRecords;
import java.util.ArrayList;
import java.util.List;

/**
 * Result of one read of a shard.
 *
 * @param endOfShard whether the shard has no further records
 * @param fetchedMillis time of the read, milliseconds since the epoch
 */
record FetchedBatch(String shardId, List<FetchedRecord> records, boolean endOfShard, long fetchedMillis) {

    /** A record and its user records: at least one, unless it is an empty aggregate. */
    record FetchedRecord(KinesisProxy.KinesisRecord kinesisRecord, UserRecords userRecords) {

        static List<FetchedRecord> of(List<KinesisProxy.KinesisRecord> kinesisRecords) {
            List<FetchedRecord> records = new ArrayList<>(kinesisRecords.size());
            for (KinesisProxy.KinesisRecord record : kinesisRecords) {
                records.add(new FetchedRecord(record, AggregatedRecords.userRecords(record.data())));
            }
            return records;
        }

        String sequenceNumber() {
            return kinesisRecord.sequenceNumber();
        }
    }
}
