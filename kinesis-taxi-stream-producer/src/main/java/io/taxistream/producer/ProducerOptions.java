package io.taxistream.producer;

import io.taxistream.eventtime.Part;
import io.taxistream.producer.input.TimeRange;
import io.taxistream.producer.records.RecordFields;
import io.taxistream.producer.replay.AdaptTime;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import org.jspecify.annotations.Nullable;

/**
 * What the producer was asked to do. Every default stands in {@link CommandLineArguments}.
 *
 * @param region the AWS region; {@code null} for the one that the environment or profile names
 * @param stream the stream to send to; {@code null} with {@code print}
 * @param bucket the bucket to read from, if {@code data} is {@code null}
 * @param prefix the beginning of the keys to read
 * @param data a file or folder to read instead of a bucket, or {@code null}
 * @param speedup event time per wall-clock time; 0 for as fast as the stream takes it
 * @param aggregate whether to pack many trips into one Kinesis record
 * @param anonymous whether to read the bucket without credentials
 * @param requesterPays whether to agree to pay for reading the bucket
 * @param range the event times to send
 * @param resume whether to go on behind the last watermarks of the stream
 * @param adaptTime what the trips' times become
 * @param statisticsFrequency time between two lines of statistics; zero for none
 * @param watermarks whether to send watermarks
 * @param print whether to print records instead of sending them
 * @param timezone the zone of times that bring none
 * @param sort whether to sort all trips before the first is sent
 * @param sortMemoryBytes how much memory that may take
 * @param rejects a file for all records that cannot be read, or {@code null}
 * @param overwriteRejects whether that file may exist already
 * @param maxRejects percentage of the records that may be left out because they cannot be read or come too late
 * @param maxGap the longest gap in event time that is waited for
 * @param giveUpAfter how long the stream may take nothing before the replay ends
 * @param endpoint another Kinesis endpoint than that of AWS, or {@code null}
 * @param s3Endpoint another S3 endpoint than that of AWS, or {@code null}
 * @param part whose share of the input to send
 * @param end whether to send the part's end and nothing else
 * @param fields the fields of the records to replay, or {@code null} to replay trips
 */
record ProducerOptions(
        @Nullable String region,
        @Nullable String stream,
        String bucket,
        String prefix,
        @Nullable Path data,
        double speedup,
        boolean aggregate,
        boolean anonymous,
        boolean requesterPays,
        TimeRange range,
        boolean resume,
        AdaptTime adaptTime,
        Duration statisticsFrequency,
        boolean watermarks,
        boolean print,
        ZoneId timezone,
        boolean sort,
        long sortMemoryBytes,
        @Nullable Path rejects,
        boolean overwriteRejects,
        double maxRejects,
        Duration maxGap,
        Duration giveUpAfter,
        @Nullable URI endpoint,
        @Nullable URI s3Endpoint,
        Part part,
        boolean end,
        @Nullable RecordFields fields) {}
