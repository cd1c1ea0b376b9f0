"""Tests the code of the custom resources, unmodified from the templates."""

import io
import json
import os
import threading
import unittest
import unittest.mock
import zipfile

import support
from test_signature import why_refused

EMPTY = ("EmptyBucketFunction", {"Bucket": "taxi-bucket", "BucketArn": "arn:aws:s3:::taxi-bucket"})
FUNCTIONS = [
    (support.BUILD, *EMPTY),
    (support.INFRASTRUCTURE, *EMPTY),
    (support.BUILD, "SourceArchiveFunction", {"ArchiveUrl": "http://127.0.0.1:1/x.zip", "Bucket": "taxi-bucket", "Key": "source/source.zip"}),
    (support.LOADER, "LoadDashboardFunction", {
        "Bucket": "taxi-bucket", "Endpoint": "http://127.0.0.1:1", "IndexPrefix": "taxi", "IndexTemplates": "kibana-dashboards/t.json",
        "SavedObjects": "kibana-dashboards/d.ndjson", "ImportPath": "/_dashboards/api/saved_objects/_import?overwrite=true"}),
]


@support.needs("moto", "yaml")
class EveryCustomResourceTest(unittest.TestCase):
    def test_both_templates_empty_their_bucket_in_the_same_way(self):
        codes = {support.load_template(one)["Resources"]["EmptyBucketFunction"]["Properties"]["Code"]["ZipFile"] for one in (support.BUILD, support.INFRASTRUCTURE)}
        self.assertEqual(1, len(codes))

    def test_answers_when_its_own_work_fails(self):
        for template, name, properties in FUNCTIONS:
            with self.subTest(template=template.name, function=name), support.mock_aws():
                # nothing exists: no bucket, no archive, no domain
                request = "Create"
                if name == "EmptyBucketFunction":
                    request, properties = "Delete", {"Bucket": properties["Bucket"]}
                answer = support.call(support.load_function(template, name), request, properties)
                self.assertEqual("FAILED", answer["Status"])
                self.assertRegex(answer["Reason"], r"^\w+: .+ \(log stream ")

    def test_answers_to_a_request_it_does_not_understand(self):
        for template, name, _ in FUNCTIONS:
            with self.subTest(template=template.name, function=name), support.mock_aws():
                answer = support.call(support.load_function(template, name), "Create" if name != "EmptyBucketFunction" else "Delete", {})
                self.assertEqual("FAILED", answer["Status"])

    def test_a_long_reason_still_fits_into_an_answer(self):
        module = support.load_function(support.LOADER, "LoadDashboardFunction")
        module.load = lambda properties, context: (_ for _ in ()).throw(RuntimeError("é" * 10_000))
        self.assertEqual("FAILED", support.call(module, "Create", {})["Status"])

    def test_keeps_its_identity_from_create_to_delete(self):
        for template, name, properties in FUNCTIONS:
            with self.subTest(template=template.name, function=name), support.mock_aws():
                module = support.load_function(template, name)
                created = support.call(module, "Create", properties, support.Context(0))
                deleted = support.call(module, "Delete", properties, PhysicalResourceId=created["PhysicalResourceId"])
                self.assertEqual(created["PhysicalResourceId"], deleted["PhysicalResourceId"])
                self.assertEqual("SUCCESS", deleted["Status"])


@support.needs("moto", "yaml")
class EmptyBucketTest(unittest.TestCase):
    def setUp(self):
        import boto3

        self.enterContext(support.mock_aws())
        self.s3 = boto3.client("s3")
        self.s3.create_bucket(Bucket="taxi-bucket")
        self.s3.put_bucket_versioning(Bucket="taxi-bucket", VersioningConfiguration={"Status": "Enabled"})
        self.module = support.load_function(support.BUILD, "EmptyBucketFunction")
        self.properties = EMPTY[1]

    def versions(self):
        found = self.s3.list_object_versions(Bucket="taxi-bucket")
        return len(found.get("Versions", []) + found.get("DeleteMarkers", []))

    def test_deletes_every_version_and_every_marker_over_more_than_a_page(self):
        self.enterContext(support.environment(MOTO_S3_DEFAULT_MAX_KEYS="4"))
        for number in range(10):
            self.s3.put_object(Bucket="taxi-bucket", Key=f"{number}", Body=b"x")
        self.s3.put_object(Bucket="taxi-bucket", Key="7", Body=b"newer")
        self.s3.delete_object(Bucket="taxi-bucket", Key="8")
        self.assertTrue(self.s3.list_object_versions(Bucket="taxi-bucket")["IsTruncated"])

        answer = support.call(self.module, "Delete", self.properties)

        self.assertEqual("SUCCESS", answer["Status"], answer["Reason"])
        self.assertIn("12 versions deleted", answer["Reason"])
        self.assertEqual(0, self.versions())

    def test_touches_nothing_at_create_and_update(self):
        self.s3.put_object(Bucket="taxi-bucket", Key="a", Body=b"x")

        for request in ("Create", "Update"):
            self.assertEqual("SUCCESS", support.call(self.module, request, self.properties)["Status"])

        self.assertEqual(1, self.versions())

    def test_stops_writers_before_it_lists(self):
        support.call(self.module, "Delete", self.properties)

        (statement,) = json.loads(self.s3.get_bucket_policy(Bucket="taxi-bucket")["Policy"])["Statement"]
        self.assertEqual(("Deny", "s3:PutObject", "*"), (statement["Effect"], statement["Action"], statement["Principal"]))

    def test_is_done_when_the_bucket_is_gone(self):
        self.s3.delete_bucket(Bucket="taxi-bucket")

        answer = support.call(self.module, "Delete", self.properties)

        self.assertEqual("SUCCESS", answer["Status"], answer["Reason"])

    def test_says_what_to_do_when_time_runs_out(self):
        # a bucket that is never empty
        self.module.first_versions = lambda s3, bucket: [{"Key": "a", "VersionId": "null"}]

        answer = support.call(self.module, "Delete", self.properties, support.almost_out_of_time())

        self.assertEqual("FAILED", answer["Status"])
        self.assertIn("delete the stack again", answer["Reason"])

    def test_answers_in_time_when_s3_does_not(self):
        self.module.first_versions = lambda s3, bucket: threading.Event().wait(60)

        answer = support.call(self.module, "Delete", self.properties, support.almost_out_of_time())

        self.assertEqual("FAILED", answer["Status"])
        self.assertIn("delete the stack again", answer["Reason"])

    def test_interrupts_again_when_a_library_catches_the_interruption(self):
        interrupted = []

        def catch(s3, bucket):
            try:
                threading.Event().wait(60)
            except Exception as error:
                interrupted.append(error)
                if len(interrupted) > 1:
                    raise
            return [{"Key": "a", "VersionId": "null"}]

        self.module.first_versions = catch

        answer = support.call(self.module, "Delete", self.properties, support.almost_out_of_time())

        self.assertEqual("FAILED", answer["Status"])
        self.assertIn("delete the stack again", answer["Reason"])
        self.assertEqual(2, len(interrupted))

    def test_tells_an_object_that_cannot_be_deleted(self):
        import botocore.client

        self.s3.put_object(Bucket="taxi-bucket", Key="locked", Body=b"x")
        real = botocore.client.BaseClient._make_api_call

        def refuse(client, operation, arguments):
            if operation == "DeleteObjects":
                return {"Errors": [{"Key": "locked", "Code": "AccessDenied"}]}
            return real(client, operation, arguments)

        with unittest.mock.patch.object(botocore.client.BaseClient, "_make_api_call", refuse):
            answer = support.call(self.module, "Delete", self.properties)

        self.assertEqual("FAILED", answer["Status"])
        self.assertIn("locked", answer["Reason"])


@support.needs("moto", "yaml")
class SourceArchiveTest(unittest.TestCase):
    def setUp(self):
        import boto3

        self.enterContext(support.mock_aws())
        self.s3 = boto3.client("s3")
        self.s3.create_bucket(Bucket="taxi-bucket")
        self.answer = (200, b"")
        self.github = self.enterContext(support.HttpServer(lambda request: self.answer))
        self.module = support.load_function(support.BUILD, "SourceArchiveFunction")
        self.properties = {"ArchiveUrl": f"{self.github.url}/o/r/archive/v1.zip", "Bucket": "taxi-bucket", "Key": "source/source.zip"}

    @staticmethod
    def archive(*names):
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w") as package:
            for name in names:
                package.writestr(name, name.encode())
        return content.getvalue()

    def test_stores_the_content_of_the_top_folder(self):
        self.answer = (200, self.archive("r-1/", "r-1/buildspec.yml", "r-1/src/", "r-1/src/ünï.txt"))

        answer = support.call(self.module, "Create", self.properties)

        self.assertEqual("SUCCESS", answer["Status"], answer["Reason"])
        self.assertEqual("source/source.zip", answer["PhysicalResourceId"])
        body = self.s3.get_object(Bucket="taxi-bucket", Key="source/source.zip")["Body"].read()
        with zipfile.ZipFile(io.BytesIO(body)) as package:
            self.assertEqual({"buildspec.yml", "src/ünï.txt"}, set(package.namelist()))
            self.assertEqual("r-1/src/ünï.txt", package.read("src/ünï.txt").decode())
            self.assertIsNone(package.testzip())

    def test_says_what_to_check_when_there_is_no_such_release(self):
        self.answer = (404, b"Not Found")

        answer = support.call(self.module, "Update", self.properties)

        self.assertEqual("FAILED", answer["Status"])
        self.assertIn("HTTP 404; check Repository and Release", answer["Reason"])

    def test_refuses_the_archive_of_something_else(self):
        self.answer = (200, self.archive("other-1/README.md"))

        answer = support.call(self.module, "Create", self.properties)

        self.assertEqual("FAILED", answer["Status"])
        self.assertIn("no buildspec.yml", answer["Reason"])
        self.assertNotIn("Contents", self.s3.list_objects_v2(Bucket="taxi-bucket"))

    def test_refuses_what_is_no_archive(self):
        self.answer = (200, b"<html>")

        self.assertEqual("FAILED", support.call(self.module, "Create", self.properties)["Status"])

    def test_answers_in_time_when_github_does_not(self):
        silent = self.enterContext(support.silent_server())

        answer = support.call(self.module, "Create", {**self.properties, "ArchiveUrl": silent}, support.almost_out_of_time())

        self.assertEqual("FAILED", answer["Status"])
        self.assertIn("out of time", answer["Reason"])

    def test_leaves_the_bucket_alone_at_delete(self):
        self.assertEqual("SUCCESS", support.call(self.module, "Delete", self.properties)["Status"])
        self.assertEqual([], self.github.requests)


@support.needs("moto", "yaml")
class LoadDashboardTest(unittest.TestCase):
    def setUp(self):
        import boto3

        self.enterContext(support.mock_aws())
        self.s3 = boto3.client("s3")
        self.s3.create_bucket(Bucket="taxi-bucket")
        self.s3.put_object(Bucket="taxi-bucket", Key="kibana-dashboards/t.json", Body=b'{"pickups": {"priority": 1}}')
        self.s3.put_object(Bucket="taxi-bucket", Key="kibana-dashboards/d.ndjson", Body=b'{"type": "dashboard"}\n')
        self.failures, self.found = [], {}
        self.domain = self.enterContext(support.HttpServer(self.answer))
        self.module = support.load_function(support.LOADER, "LoadDashboardFunction")
        self.module.PAUSE_SECONDS = 0
        self.properties = {
            "Bucket": "taxi-bucket",
            "Endpoint": self.domain.url,
            "IndexPrefix": "taxi",
            "IndexTemplates": "kibana-dashboards/t.json",
            "SavedObjects": "kibana-dashboards/d.ndjson",
            "ImportPath": "/_plugin/kibana/api/saved_objects/_import?overwrite=true",
        }

    def answer(self, request):
        # the mock has put its own credentials there
        refused = why_refused(request, os.environ["AWS_SECRET_ACCESS_KEY"])
        if refused:
            return 400, {"refused": refused}
        if self.failures:
            return self.failures.pop(0)
        if "_search" in request.path:
            return 200, self.found
        return 200, {"success": True, "successCount": 6}

    def test_loads_templates_and_saved_objects_with_signed_requests(self):
        answer = support.call(self.module, "Create", self.properties)

        self.assertEqual("SUCCESS", answer["Status"], answer["Reason"])
        template, ends, objects = self.domain.requests
        self.assertEqual(("PUT", "/_index_template/taxi-pickups"), (template.method, template.path))
        self.assertEqual({"priority": 1, "index_patterns": ["taxi-pickups"]}, json.loads(template.body))
        self.assertEqual(("GET", "/taxi-pickup-count/_search?ignore_unavailable=true&size=0"), (ends.method, ends.path))
        self.assertEqual(("POST", "/_plugin/kibana/api/saved_objects/_import?overwrite=true"), (objects.method, objects.path))
        self.assertEqual(("true", "true"), (objects.headers["kbn-xsrf"], objects.headers["osd-xsrf"]))
        name, content = self.form_file(objects)
        self.assertTrue(name.endswith(".ndjson"), name)
        self.assertEqual(b'{"type": "dashboard"}\n', content)

    @staticmethod
    def form_file(request):
        """Returns the only file in a multipart form, parsed with Python's mail parser."""
        import email

        head = f"Content-Type: {request.headers['Content-Type']}\r\n\r\n".encode()
        (part,) = email.message_from_bytes(head + request.body).get_payload()
        return part.get_filename(), part.get_payload(decode=True)

    def test_tries_again_while_the_domain_is_not_ready_or_does_not_know_the_role(self):
        self.failures = [(503, {}), (429, {}), (403, {"message": "not authorized"}), (502, {})]

        answer = support.call(self.module, "Create", self.properties)

        self.assertEqual("SUCCESS", answer["Status"], answer["Reason"])
        self.assertEqual(7, len(self.domain.requests))

    def test_the_dashboard_opens_on_the_time_of_results_that_are_there(self):
        self.s3.put_object(Bucket="taxi-bucket", Key="kibana-dashboards/d.ndjson", Body=b'{"type": "dashboard", "attributes": {"timeFrom": "x"}}\n')
        self.found = {"aggregations": {"first": {"value": 1448946599999.0}, "last": {"value": 1449032399999.0}}}

        answer = support.call(self.module, "Update", self.properties)

        self.assertEqual("SUCCESS", answer["Status"], answer["Reason"])
        _, content = self.form_file(self.domain.requests[-1])
        board = json.loads(content)["attributes"]
        self.assertEqual({"timeFrom": "2015-12-01T04:59:59.000Z", "timeTo": "2015-12-02T05:09:59.000Z"}, board)

    def test_signs_every_try_anew(self):
        self.failures = [(503, {})]

        support.call(self.module, "Create", self.properties)

        self.assertEqual([], [one for one in self.domain.requests if why_refused(one, os.environ["AWS_SECRET_ACCESS_KEY"])])

    def test_gives_up_in_time_to_say_so(self):
        self.failures = [(403, {"message": "not authorized to perform es:ESHttpPut"})] * 1_000

        answer = support.call(self.module, "Create", self.properties, support.Context(100_000))

        self.assertEqual("FAILED", answer["Status"])
        self.assertIn("HTTP 403", answer["Reason"])
        self.assertIn("es:ESHttpPut", answer["Reason"])
        self.assertGreater(len(self.domain.requests), 1)

    def test_does_not_repeat_what_is_wrong(self):
        self.failures = [(422, {"message": "newer migrationVersion"})]

        answer = support.call(self.module, "Create", self.properties)

        self.assertEqual("FAILED", answer["Status"])
        self.assertIn("newer migrationVersion", answer["Reason"])
        self.assertEqual(1, len(self.domain.requests))

    def test_an_import_that_took_only_some_objects_has_failed(self):
        self.failures = [(200, {"acknowledged": True}), (200, {}), (200, {"success": False, "errors": [{"id": "Taxi-Trips-Dashboard"}]})]

        answer = support.call(self.module, "Create", self.properties)

        self.assertEqual("FAILED", answer["Status"])
        self.assertIn("Taxi-Trips-Dashboard", answer["Reason"])

    def test_says_what_to_do_when_the_bucket_is_not_filled_yet(self):
        self.s3.delete_object(Bucket="taxi-bucket", Key="kibana-dashboards/d.ndjson")

        answer = support.call(self.module, "Create", self.properties)

        self.assertEqual("FAILED", answer["Status"])
        self.assertIn("taxi-bucket has no kibana-dashboards/d.ndjson: wait until the pipeline", answer["Reason"])

    def test_answers_in_time_when_the_domain_does_not(self):
        silent = self.enterContext(support.silent_server())

        answer = support.call(self.module, "Create", {**self.properties, "Endpoint": silent}, support.almost_out_of_time())

        self.assertEqual("FAILED", answer["Status"])
        self.assertIn("out of time", answer["Reason"])

    def test_sends_nothing_at_delete(self):
        self.assertEqual("SUCCESS", support.call(self.module, "Delete", self.properties)["Status"])
        self.assertEqual([], self.domain.requests)


if __name__ == "__main__":
    unittest.main()
