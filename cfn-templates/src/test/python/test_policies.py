"""Tests which requests to the search domain the roles allow: those that the code makes, and no others."""

import re
import unittest

import policies
import support

JOB = ("JobPolicy",)
LOADER = ("LoadDashboardRole",)
CALLS = {
    JOB: [
        ("POST", "/_bulk?filter_path=took"),
        ("PUT", "/_index_template/taxi-dashboard-pickup-count"),
        ("PUT", "/_index_template/taxi-dashboard-trip-duration"),
        ("PUT", "/taxi-dashboard-pickup-count/_mapping"),
        ("PUT", "/taxi-dashboard-rejected-record/_mapping"),
    ],
    LOADER: [
        ("PUT", "/_index_template/taxi-dashboard-pickup-count"),
        ("GET", "/taxi-dashboard-pickup-count/_search?ignore_unavailable=true&size=0"),
        ("POST", "/_plugin/kibana/api/saved_objects/_import?overwrite=true"),
        ("POST", "/_dashboards/api/saved_objects/_import?overwrite=true"),
    ],
}
FORBIDDEN = [
    ("POST", "/taxi-dashboard-pickup-count/_search"),
    ("POST", "/_search"),
    ("POST", "/_msearch"),
    ("GET", "/_cat/indices"),
    ("GET", "/taxi-dashboard-pickup-count/_doc/1"),
    ("POST", "/taxi-dashboard-pickup-count/_delete_by_query"),
    ("POST", "/taxi-dashboard-pickup-count/_update_by_query"),
    ("POST", "/_aliases"),
    ("PUT", "/taxi-dashboard-pickup-count/_alias/x"),
    ("POST", "/_reindex"),
    ("POST", "/taxi-dashboard-pickup-count/_close"),
    ("DELETE", "/taxi-dashboard-pickup-count"),
    ("DELETE", "/_index_template/taxi-dashboard-pickup-count"),
    ("PUT", "/taxi-dashboard-pickup-count/_settings"),
    ("PUT", "/taxi-dashboard-new"),
    ("PUT", "/_index_template/another"),
    ("PUT", "/.kibana/_mapping"),
    ("PUT", "/_cluster/settings"),
    ("PUT", "/_snapshot/x"),
    ("POST", "/_scripts/x"),
    ("PUT", "/_ingest/pipeline/x"),
]


@support.needs("yaml")
class SearchDomainTest(unittest.TestCase):
    def test_every_call_that_the_code_makes_is_allowed(self):
        for roles, calls in CALLS.items():
            statements = policies.of_role(*roles)
            for method, path in calls:
                with self.subTest(roles=roles, call=f"{method} {path}"):
                    self.assertTrue(policies.allows_request(statements, method, path))

    def test_nothing_else_is_allowed(self):
        for roles in CALLS:
            statements = policies.of_role(*roles)
            for method, path in FORBIDDEN:
                with self.subTest(roles=roles, call=f"{method} {path}"):
                    self.assertFalse(policies.allows_request(statements, method, path))

    def test_the_job_neither_searches_nor_imports_and_the_loader_stores_no_documents(self):
        for roles, calls in ((JOB, CALLS[LOADER][1:]), (LOADER, CALLS[JOB][:1] + CALLS[JOB][3:])):
            for method, path in calls:
                with self.subTest(roles=roles, call=f"{method} {path}"):
                    self.assertFalse(policies.allows_request(policies.of_role(*roles), method, path))

    def test_the_calls_of_the_job_are_those_of_its_code(self):
        code = "\n".join(file.read_text(encoding="utf-8") for file in (support.ROOT / "libraries" / "search-sink" / "src" / "main").rglob("*.java"))
        in_code = set(re.findall(r'"(/_\w+)/?"', code))
        self.assertEqual(in_code, {re.search(r"/_\w+", path)[0] for _, path in CALLS[JOB]})

    def test_the_evaluator_tells_methods_paths_and_denials_apart(self):
        wide = {"Effect": "Allow", "Action": "es:ESHttpPost", "Resource": policies.DOMAIN + "/*"}
        self.assertTrue(policies.allows_request([wide], "POST", "/x/_delete_by_query"))
        self.assertFalse(policies.allows_request([wide], "PUT", "/x/_mapping"))
        self.assertFalse(policies.allows_request([], "POST", "/_bulk"))
        denied = {**wide, "Effect": "Deny", "Resource": policies.DOMAIN + "/*/_delete_by_query"}
        self.assertFalse(policies.allows_request([wide, denied], "POST", "/x/_delete_by_query"))
        self.assertFalse(policies.allows([{**wide, "Resource": "arn:[a]"}], "es:ESHttpPost", "arn:a"))


@support.needs("yaml")
class OtherServicesTest(unittest.TestCase):
    """Tests the calls of the programs to Kinesis and S3."""

    def test_the_job_reads_its_stream_and_its_jar_and_writes_neither(self):
        statements = policies.of_role(*JOB)
        for action in ("DescribeStreamSummary", "ListShards", "GetShardIterator", "GetRecords"):
            self.assertTrue(policies.allows(statements, f"kinesis:{action}", "arn:of:Stream"), action)
        for action in ("PutRecord", "PutRecords", "DeleteStream", "SplitShard", "UpdateShardCount"):
            self.assertFalse(policies.allows(statements, f"kinesis:{action}", "arn:of:Stream"), action)
        self.assertTrue(policies.allows(statements, "s3:GetObject", "arn:aws:s3:::artifacts/artifacts/flink-taxi-stream-processor-1.0.jar"))
        self.assertFalse(policies.allows(statements, "s3:GetObject", "arn:aws:s3:::artifacts/source/source.zip"))
        self.assertFalse(policies.allows(statements, "s3:PutObject", "arn:aws:s3:::artifacts/artifacts/x.jar"))

    def test_the_job_subscribes_as_its_own_consumer_only_if_it_has_one(self):
        statements = policies.of_role(*JOB)
        consumer = "arn:of:Stream/consumer/job:1451624400"
        self.assertTrue(policies.allows(statements, "kinesis:RegisterStreamConsumer", "arn:of:Stream"))
        for action in ("DescribeStreamConsumer", "SubscribeToShard"):
            self.assertTrue(policies.allows(statements, f"kinesis:{action}", consumer), action)
            self.assertFalse(policies.allows(statements, f"kinesis:{action}", "arn:of:Stream/consumer/another:1451624400"), action)
        self.assertFalse(policies.allows(statements, "kinesis:DeregisterStreamConsumer", consumer))
        policy = support.load_template(support.INFRASTRUCTURE)["Resources"]["JobPolicy"]["Properties"]["PolicyDocument"]
        conditional = [one["Sid"] for one in policy["Statement"] if one["Effect"] == {"Fn::If": ["HasConsumer", "Allow", "Deny"]}]
        self.assertEqual(["RegisterConsumer", "ReadAsConsumer"], conditional)

    def test_nodes_of_emr_get_what_the_bootstrap_action_fetches(self):
        self.assertTrue(policies.allows(policies.of_role("JobPolicy", "EmrNodeRole"), "s3:GetObject", "arn:aws:s3:::artifacts/artifacts/emr-metrics.sh"))

    def test_the_producer_reads_the_trips_and_nothing_else_of_their_bucket(self):
        statements = policies.of_role("ProducerRole")
        self.assertTrue(policies.allows(statements, "s3:GetObject", "arn:aws:s3:::aws-bigdata-blog/artifacts/flink-refarch/data/a.csv"))
        self.assertFalse(policies.allows(statements, "s3:GetObject", "arn:aws:s3:::aws-bigdata-blog/other/a.csv"))
        self.assertTrue(policies.allows(statements, "kinesis:PutRecords", "arn:of:Stream"))
        self.assertFalse(policies.allows(statements, "kinesis:DeleteStream", "arn:of:Stream"))


if __name__ == "__main__":
    unittest.main()
