package io.taxistream.processor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.taxistream.commandline.UsageException;
import io.taxistream.credentials.CredentialsSource;
import io.taxistream.credentials.CredentialsSource.AssumedRole;
import io.taxistream.credentials.CredentialsSource.DefaultChain;
import io.taxistream.credentials.CredentialsSource.Profile;
import io.taxistream.credentials.CredentialsSource.WebIdentity;
import io.taxistream.search.Authentication;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Credentials, regions, time-outs and retries on the command line. */
class AccessArgumentsTest {

    private static final String ROLE = "arn:aws:iam::123456789012:role/reader";

    @Test
    void defaultsAreThoseOfTheLibraries() {
        ProcessorOptions options = parse("");

        CredentialsSource machine = new DefaultChain();
        assertThat(options.access())
                .isEqualTo(new StreamAccess(
                        machine,
                        machine,
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(15),
                        Duration.ofSeconds(60),
                        Duration.ofSeconds(10)));
        assertThat(options.searchCalls())
                .isEqualTo(new SearchCalls(Duration.ofSeconds(5), Duration.ofMinutes(1), Duration.ofSeconds(2)));
    }

    @Test
    void profileAppliesToStreamAndSearchEngine() {
        StreamAccess access = parse("--aws-profile analytics").access();

        assertThat(access.own()).isEqualTo(new Profile("analytics"));
        assertThat(access.ofStream()).isEqualTo(new Profile("analytics"));
    }

    @Test
    void roleAppliesToTheStreamAndIsAssumedWithTheJobsCredentials() {
        StreamAccess access = parse("--aws-role " + ROLE + " --aws-external-id partner-7 --aws-profile analytics")
                .access();

        assertThat(access.own()).isEqualTo(new Profile("analytics"));
        assertThat(access.ofStream()).isEqualTo(new AssumedRole(ROLE, "partner-7", new Profile("analytics")));
        assertThat(access.toString()).doesNotContain("partner-7");
    }

    @Test
    void webIdentityTokenIsExchangedForARole() {
        StreamAccess access = parse("--aws-role " + ROLE + " --aws-web-identity-token-file /var/run/token")
                .access();

        assertThat(access.own()).isEqualTo(new DefaultChain());
        assertThat(access.ofStream()).isEqualTo(new WebIdentity(ROLE, "/var/run/token"));
    }

    @Test
    void everyTimeoutReachesTheJob() {
        ProcessorOptions options = parse("--connect-timeout 1s --read-timeout 2s --call-timeout 3s --max-retry-delay 4s"
                + " --es-connect-timeout 5s --es-request-timeout 6s --es-max-retry-delay 7s");

        assertThat(options.access().connectTimeout()).isEqualTo(Duration.ofSeconds(1));
        assertThat(options.access().readTimeout()).isEqualTo(Duration.ofSeconds(2));
        assertThat(options.access().callTimeout()).isEqualTo(Duration.ofSeconds(3));
        assertThat(options.access().maxRetryDelay()).isEqualTo(Duration.ofSeconds(4));
        assertThat(options.searchCalls())
                .isEqualTo(new SearchCalls(Duration.ofSeconds(5), Duration.ofSeconds(6), Duration.ofSeconds(7)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            https://search                                                       | eu-west-1
            https://search --es-region ap-south-1                                | ap-south-1
            https://search-x-abc.us-east-2.es.amazonaws.com                      | us-east-2
            https://vpc-x-abc.us-gov-west-1.es.amazonaws.com                     | us-gov-west-1
            https://search-x-abc.cn-north-1.es.amazonaws.com.cn                  | cn-north-1
            https://abc.eu-north-1.aoss.amazonaws.com                            | eu-north-1
            https://search-x-abc.us-east-2.es.amazonaws.com --es-region eu-west-3 | eu-west-3
            http://localhost:9200 --es-auth sigv4                                | eu-west-1
            """)
    void requestsAreSignedForTheRegionOfTheSearchEngine(String endpoint, String region) {
        ProcessorOptions options = parse("--es-endpoint " + endpoint);

        assertThat(options.region()).isEqualTo("eu-west-1");
        assertThat(options.search().authentication())
                .isInstanceOfSatisfying(
                        Authentication.SigV4.class,
                        sigV4 -> assertThat(sigV4.region()).isEqualTo(region));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            --aws-role reader                                      | --aws-role: 'reader' is not the ARN of a role
            --aws-external-id partner-7                            | --aws-external-id requires --aws-role
            --aws-role ROLE --aws-external-id a;b                  | --aws-external-id: external ID must be 2 to 1224 letters
            --aws-web-identity-token-file /token                   | --aws-web-identity-token-file requires --aws-role
            --aws-role ROLE --aws-web-identity-token-file /t --aws-external-id ab | --aws-web-identity-token-file cannot be combined with
            --aws-role ROLE --aws-web-identity-token-file /t --aws-profile p | --aws-web-identity-token-file cannot be combined with
            --connect-timeout 9ms                                  | --connect-timeout is '
            --read-timeout 11m                                     | --read-timeout is '
            --call-timeout never                                   | --call-timeout is 'never'; it must be a duration
            --call-timeout 14s                                     | --call-timeout must be at least --connect-timeout and --read-timeout
            --max-retry-delay 199ms                                | --max-retry-delay is '
            --es-endpoint https://s --es-region us/east            | --es-region is 'us/east'; it must be a region
            --es-endpoint https://s --es-auth none --es-region r   | --es-region requires --es-auth sigv4
            --es-region r                                          | --es-region requires --es-auth sigv4
            --es-connect-timeout 0s                                | --es-connect-timeout is '
            --es-request-timeout 1h                                | --es-request-timeout is '
            --es-max-retry-delay 1ms                               | --es-max-retry-delay is '
            """)
    void invalidCombinationFailsWithOneLineThatNamesTheOption(String commandLine, String message) {
        UsageException error =
                catchThrowableOfType(UsageException.class, () -> parse(commandLine.replace("ROLE", ROLE)));

        assertThat(error).hasMessageStartingWith(message);
        assertThat(error.getMessage().lines()).hasSize(1);
    }

    private static ProcessorOptions parse(String arguments) {
        String[] all = ("--region eu-west-1 --stream s " + arguments).strip().split(" ");
        return ProcessorCommand.parse(all).orElseThrow();
    }
}
