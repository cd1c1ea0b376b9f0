package io.taxistream.eventtime.source;

import io.taxistream.eventtime.AggregatedRecords;
import io.taxistream.eventtime.UserRecords;
import java.util.ArrayList;
import java.util.List;

/**
 * What one read of a shard brought.
 *
 * @param endOfShard whether nothing will follow
 * @param fetchedMillis when it was read, milliseconds since the epoch
 */
record FetchedBatch(String shardId, List<FetchedRecord> records, boolean endOfShard, long fetchedMillis) {

    /** A record and the user records in it, one or more unless it is an aggregate of none. */
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
