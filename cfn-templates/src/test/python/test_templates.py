"""Tests the templates as documents: cfn-lint, cfn-guard, policies and the order of resources."""

import json
import math
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

import guard
import support

ALL = support.ALL
PSEUDO_PARAMETERS = {"AWS::AccountId", "AWS::NoValue", "AWS::Partition", "AWS::Region", "AWS::StackName", "AWS::URLSuffix"}


class LintTest(unittest.TestCase):
    @unittest.skipUnless(shutil.which("cfn-lint"), f"not installed: cfn-lint; run: {support.INSTALL}")
    def test_cfn_lint_finds_nothing(self):
        result = subprocess.run(["cfn-lint", "--", *ALL], capture_output=True, text=True, check=False)
        self.assertEqual("", result.stdout + result.stderr)


class SizeTest(unittest.TestCase):
    def test_the_command_line_takes_the_templates_as_they_are_and_there_is_room_for_more(self):
        limit, room = 51_200, 5_000
        for template in ALL:
            with self.subTest(template=template.name):
                self.assertLess(template.stat().st_size, limit - room)


class GuardTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.guard = guard.find()

    def test_the_templates_pass_the_chosen_rules(self):
        rules = self.guard.chosen_rules()
        for template in ALL:
            with self.subTest(template=template.name):
                self.assertEqual("", self.guard.validate(rules, template))

    def test_the_rules_notice_what_is_wrong(self):
        mistakes = {
            (support.INFRASTRUCTURE, "EncryptionType: KMS", "EncryptionType: NONE"): "streams_are_encrypted",
            (support.INFRASTRUCTURE, "Policy-Min-TLS-1-2-PFS-2023-10", "Policy-Min-TLS-1-0-2019-07"): "domains_speak_modern_tls",
            (support.INFRASTRUCTURE, "HttpTokens: required", "HttpTokens: optional"): "ec2_launch_template_imdsv2",
            (support.INFRASTRUCTURE, "CidrIp: !Ref SshCidr", "CidrIp: 0.0.0.0/0"): "security_groups_have_a_way_out_and_no_open_way_in",
            (support.BUILD, "RestrictPublicBuckets: true", "RestrictPublicBuckets: false"): "buckets_are_private",
            (support.BUILD, 'aws:SecureTransport: "false"', 'aws:SecureTransport: "true"'): "buckets_refuse_plain_http",
        }
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        for (template, right, wrong), rule in mistakes.items():
            with self.subTest(rule=rule):
                text = template.read_text(encoding="utf-8")
                self.assertIn(right, text)
                changed = folder / "changed.yml"
                changed.write_text(text.replace(right, wrong), encoding="utf-8")
                self.assertIn(rule, self.guard.validate(self.guard.chosen_rules(), changed))


@support.needs("yaml")
class ReferencesTest(unittest.TestCase):
    def test_every_reference_leads_somewhere(self):
        for path in ALL:
            template = support.load_template(path)
            known = set(template["Resources"]) | set(template["Parameters"]) | PSEUDO_PARAMETERS
            for name, attribute in support.references(support.written_out(template)):
                with self.subTest(template=path.name, name=name):
                    self.assertIn(name, known)
                    if attribute:
                        self.assertIn(name, template["Resources"])

    def test_every_parameter_is_explained_and_used(self):
        for path in ALL:
            template = support.load_template(path)
            used = {name for name, _ in support.references(support.written_out({**template, "Parameters": {}}))}
            if path not in support.NESTED:
                groups = template["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
                self.assertEqual(set(template["Parameters"]), {name for group in groups for name in group["Parameters"]})
            for name, parameter in template["Parameters"].items():
                with self.subTest(template=path.name, parameter=name):
                    self.assertTrue(parameter["Description"].endswith("."))
                    self.assertIn(name, used)
                    self.assertEqual("AllowedPattern" in parameter, "ConstraintDescription" in parameter)


@support.needs("yaml")
class ParametersTest(unittest.TestCase):
    def patterns(self, path):
        parameters = support.load_template(path)["Parameters"]
        return {name: parameter["AllowedPattern"] for name, parameter in parameters.items() if "AllowedPattern" in parameter}

    def check(self, path, examples):
        patterns = self.patterns(path)
        for name, (right, wrong) in examples.items():
            for value in right:
                with self.subTest(parameter=name, value=value):
                    self.assertRegex(value, patterns[name])
            for value in wrong:
                with self.subTest(parameter=name, value=value):
                    self.assertNotRegex(value, patterns[name])

    def test_what_the_build_takes(self):
        self.check(support.BUILD, {
            "Repository": (["a/b", "my-org/my.repo_1"], ["", "a", "https://github.com/a/b", "a/b/c", "a/b c"]),
            "Release": (["main", "v1.0", "release/2", "0a1b2c3"], ["", "a b", "-x", "$(x)"]),
            "ConnectionArn": (["", "arn:aws:codestar-connections:us-east-1:123456789012:connection/0a-1b"], ["x", "arn:aws:s3:::b"]),
        })

    def test_what_the_infrastructure_takes(self):
        self.check(support.INFRASTRUCTURE, {
            "ClientCidr": (["203.0.113.7/32", "10.0.0.0/8"], ["", "0.0.0.0/0", "0.0.0.0/1", "203.0.113.7", "256.0.0.0/32", "1.2.3.4/33", "::/0"]),
            "SshCidr": (["", "203.0.113.7/32"], ["0.0.0.0/0", "203.0.113.7"]),
            "EmrReleaseLabel": (["emr-7.7.0", "emr-7.13.0"], ["emr-7.6.0", "emr-6.15.0", "emr-7.14.0", "7.7.0"]),
            "DomainName": (["taxi-dashboard"], ["Taxi", "1taxi", "ab", "a" * 29]),
            "ManagedFlinkVersion": (["FLINK-2_2", "FLINK-2_3"], ["FLINK-1_20", "2.2", "FLINK-2_0"]),
            "StreamName": (["taxi-trip-events"], ["", "a b", "a" * 129]),
            "SearchInstanceType": (["m6g.large.search"], ["m6g.large", "m6g.large.elasticsearch"]),
            "AlarmEmail": (["", "a@example.org"], ["a", "a@b"]),
        })


def too_wide(statement):
    """Returns whether a statement allows actions by a wildcard, or applies to every resource."""
    if statement["Effect"] != "Allow":
        return False
    actions, resources = support.as_list(statement["Action"]), support.as_list(statement.get("Resource", []))
    return any("*" in action for action in actions) or "*" in resources or not {"NotAction", "NotResource"}.isdisjoint(statement)


def documentation(heading, columns, page):
    """Returns the rows of the table with this number of columns under a heading of a page in docs, without the header."""
    text = (support.ROOT / "docs" / page).read_text(encoding="utf-8")
    section = text.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if line.startswith("|")]
    return [row for row in rows if len(row) == columns][2:]


def published_by_emr():
    """Returns the names of the metrics that emr-metrics.sh publishes: those per stack, and those per shard."""
    script = (support.TEMPLATES / "emr-metrics.sh").read_text(encoding="utf-8")

    def names(variable):
        ((prefix, choice),) = re.findall(rf"^{variable}='(\w+?)(?:\(([\w|]+)\))?'$", script, re.MULTILINE)
        return {prefix + one for one in choice.split("|")}

    return names("job") | names("operator"), names("shard")


# prices in the text below the cost table
PRICE_OF_A_MILLION_RECORDS = 0.014


@support.needs("yaml")
class CostTest(unittest.TestCase):
    """Tests the sums calculated from the prices; the prices themselves cannot be checked here."""

    def setUp(self):
        *rows, self.total = documentation("Cost estimate", 4, "aws-costs.md")
        self.rows = {component: (int(count), float(price), float(cost)) for component, count, price, cost in rows}

    def test_each_cost_is_price_times_number_and_the_sum_is_theirs(self):
        for component, (count, price, cost) in self.rows.items():
            with self.subTest(component=component):
                self.assertAlmostEqual(count * price, cost, delta=0.0006)
        self.assertEqual(f"**{sum(cost for _, _, cost in self.rows.values()):.2f}**", self.total[3])

    def test_the_example_of_scale_follows_from_its_formula_and_these_prices(self):
        heading = "Sizing and cost"
        put_in = {symbol.strip("*"): float(value) for symbol, value, _ in documentation(heading, 3, "scale.md")}
        price = {component: one for component, (_, one, _) in self.rows.items()}
        node = (price["EMR nodes, m6g.xlarge: EC2"] + price["EMR nodes, m6g.xlarge: EMR charge"]
                + 94 * price["Volumes of the EMR nodes, GiB"] + price["Public IPv4 addresses"])
        producer = (price["Producer, m6g.large"] + 20 * price["Volume of the producer, GiB"]
                    + price["Public IPv4 addresses"] + 7 * price["Detailed monitoring of the producer, metrics"])
        rest = (2 * price["Search nodes, m6g.large.search"] + 40 * price["Volumes of the search nodes, GiB"]
                + sum(cost for component, (_, _, cost) in self.rows.items() if component in ("Flink metrics", "Alarm metrics"))
                + price["CloudWatch dashboard"])
        table = {what: cells for what, *cells in documentation(heading, 5, "scale.md")}
        minimum = support.load_template(support.INFRASTRUCTURE)["Parameters"]["CoreNodes"]["MinValue"]
        for column, speedup in enumerate((1, 60, 1440, 6480)):
            with self.subTest(speedup=speedup):
                trips = 24_639 / 3_600 * speedup
                single, packed = (math.ceil(trips * one / put_in["u"]) for one in (1 / 1_000, put_in["b"] / 1_000_000))
                producers = math.ceil(trips * put_in["p"] / (1_000_000 * put_in["u"] * 2))
                slots = max(math.ceil(trips * put_in["j"] / (1_000_000 * put_in["u"])), math.ceil(single / 200))
                core_nodes = max(minimum, math.ceil(slots / 4))
                common = producers * producer + (core_nodes + 1) * node + rest
                records = 0.0036 * trips * PRICE_OF_A_MILLION_RECORDS
                expected = [
                    f"{trips:,.0f}" if trips >= 10 else f"{trips:.2f}", single, packed, producers, slots, core_nodes,
                    f"{single * price['Shards of the stream'] + records + common:.2f}",
                    f"{packed * price['Shards of the stream'] + records * put_in['b'] / 25_000 + common:.2f}",
                ]
                self.assertEqual([str(one) for one in expected], [cells[column] for cells in table.values()])

    def test_the_numbers_are_those_of_the_template(self):
        template = support.load_template(support.INFRASTRUCTURE)
        default = {name: parameter.get("Default") for name, parameter in template["Parameters"].items()}
        nodes = default["PrimaryNodes"] + default["CoreNodes"]
        root = template["Resources"]["EmrCluster"]["Properties"]["EbsRootVolumeSize"]
        watched = support.present(support.load_template(support.MONITORING), {"FlinkRuntime": "EMR", "IdleAlarmHours": 0, "MonthlyBudgetUsd": 0})
        alarms = [one["Properties"] for one in watched["Resources"].values() if one["Type"] == "AWS::CloudWatch::Alarm"]
        metrics = sum(max(1, len([one for one in alarm.get("Metrics", []) if "MetricStat" in one])) for alarm in alarms)
        of_stack, of_shard = published_by_emr()
        expected = {
            "Shards of the stream": default["ShardCount"],
            f"EMR nodes, {default['EmrInstanceType']}: EC2": nodes,
            f"EMR nodes, {default['EmrInstanceType']}: EMR charge": nodes,
            # EMR adds 64 GiB to a node of this size
            "Volumes of the EMR nodes, GiB": nodes * (root + 64),
            f"Producer, {default['ProducerInstanceType']}": 1,
            "Volume of the producer, GiB": 20,
            f"Search nodes, {default['SearchInstanceType']}": default["SearchNodes"],
            "Volumes of the search nodes, GiB": default["SearchNodes"] * default["SearchVolumeGiB"],
            "Public IPv4 addresses": nodes + 1,
            "Detailed monitoring of the producer, metrics": 7,
            "Flink metrics": len(of_stack) + len(of_shard) * default["ShardCount"],
            "Alarm metrics": metrics,
            "CloudWatch dashboard": 1,
        }
        self.assertEqual(expected, {component: count for component, (count, _, _) in self.rows.items()})


@support.needs("yaml")
class PoliciesTest(unittest.TestCase):
    def test_no_statement_is_too_wide(self):
        for path in ALL:
            for logical_id, statement in support.statements(support.load_template(path)):
                with self.subTest(template=path.name, resource=logical_id, statement=statement.get("Sid")):
                    self.assertFalse(too_wide(statement))

    def test_a_wide_statement_would_be_noticed(self):
        self.assertTrue(too_wide({"Effect": "Allow", "Action": "*", "Resource": "*"}))
        self.assertTrue(too_wide({"Effect": "Allow", "Action": ["s3:GetObject", "s3:*"], "Resource": "arn:aws:s3:::b"}))
        self.assertTrue(too_wide({"Effect": "Allow", "Action": "s3:GetObject", "Resource": ["*"]}))
        self.assertTrue(too_wide({"Effect": "Allow", "Action": "s3:Get*", "Resource": "arn:aws:s3:::b/*", "Condition": {}}))
        self.assertTrue(too_wide({"Effect": "Allow", "Action": "s3:GetObject", "NotResource": "arn:aws:s3:::b/*"}))
        self.assertFalse(too_wide({"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}))

    def test_the_documentation_gives_a_reason_for_every_action_and_for_nothing_else(self):
        rows = documentation("Permissions by role", 3, "aws-roles.md")
        explained = [(owner.strip("`"), action.strip("`")) for owner, action, _ in rows]
        self.assertEqual(len(explained), len(set(explained)))
        self.assertEqual([], [row for row in rows if len(row[2]) < 10])
        allowed = set()
        for path in ALL:
            template = support.load_template(path)
            for owner, statement in support.statements(template):
                # a trust policy is not a permission of the role
                allowed |= {(owner, action) for action in support.as_list(statement["Action"]) if action != "sts:AssumeRole"}
            for owner, resource in template["Resources"].items():
                managed = resource.get("Properties", {}).get("ManagedPolicyArns", [])
                allowed |= {(owner, arn["Ref"] if "Ref" in arn else arn["Fn::Sub"].rpartition("/")[2]) for arn in managed}
        self.assertEqual(allowed, set(explained))

    def test_the_domain_itself_admits_one_range_and_nobody_else(self):
        domain = support.load_template(support.INFRASTRUCTURE)["Resources"]["Domain"]["Properties"]
        (browsers,) = domain["AccessPolicies"]["Statement"]
        self.assertEqual({"IpAddress": {"aws:SourceIp": [{"Ref": "ClientCidr"}]}}, browsers["Condition"])
        self.assertNotIn("VPCOptions", domain)
        self.assertNotIn("AdvancedSecurityOptions", domain)
        # a domain that refers to itself in its policy cannot be created
        self.assertNotIn("Domain", {name for name, _ in support.references(support.written_out(domain))})

    def test_emr_may_pass_the_role_of_its_nodes_to_ec2_only(self):
        template = support.load_template(support.INFRASTRUCTURE)
        (statement,) = [one for _, one in support.statements(template) if "iam:PassRole" in support.as_list(one["Action"])]
        self.assertEqual({"Fn::GetAtt": ["EmrNodeRole", "Arn"]}, statement["Resource"])
        self.assertEqual("ec2.amazonaws.com*", statement["Condition"]["StringLike"]["iam:PassedToService"])


@support.needs("yaml")
class ClusterTest(unittest.TestCase):
    def setUp(self):
        self.cluster = support.load_template(support.INFRASTRUCTURE)["Resources"]["EmrCluster"]["Properties"]

    def test_the_job_keeps_its_state_in_the_bucket_of_the_stack(self):
        flink = self.configuration("flink-conf")
        for key, folder in (("execution.checkpointing.dir", "checkpoints"), ("execution.checkpointing.savepoint-dir", "savepoints")):
            self.assertEqual({"Fn::Sub": f"s3://${{StateBucket}}/{folder}"}, flink[key])
        self.assertEqual("RETAIN_ON_CANCELLATION", flink["execution.checkpointing.externalized-checkpoint-retention"])

    def test_it_ends_when_idle_only_if_asked_to_and_in_the_range_that_emr_takes(self):
        self.assertEqual({"Fn::If": ["EndsWhenIdle", {"IdleTimeout": {"Ref": "EmrIdleSeconds"}}, {"Ref": "AWS::NoValue"}]}, self.cluster["AutoTerminationPolicy"])
        seconds = support.load_template(support.INFRASTRUCTURE)["Parameters"]["EmrIdleSeconds"]
        self.assertEqual(0, seconds["Default"])
        self.assertEqual([], [one for one in seconds["AllowedValues"] if one and not 60 <= one <= 604_800])

    def test_yarn_allows_as_many_attempts_as_flink_asks_for(self):
        allowed = self.configuration("yarn-site")["yarn.resourcemanager.am.max-attempts"]
        self.assertEqual(allowed, self.configuration("flink-conf")["yarn.application-attempts"])

    def configuration(self, classification):
        (found,) = [one for one in self.cluster["Configurations"] if one["Classification"] == classification]
        return found["ConfigurationProperties"]

    def test_everything_that_emr_works_on_carries_the_tag_of_its_managed_policy(self):
        resources = support.load_template(support.INFRASTRUCTURE)["Resources"]
        for logical_id in ("Vpc", "Subnet", "EmrSecurityGroup", "EmrSshSecurityGroup", "EmrCluster"):
            with self.subTest(resource=logical_id):
                self.assertIn({"Key": "for-use-with-amazon-emr-managed-policies", "Value": "true"}, resources[logical_id]["Properties"]["Tags"])

    def test_it_has_what_high_availability_needs(self):
        self.assertEqual(["Hadoop", "Flink", "ZooKeeper"], [one["Name"] for one in self.cluster["Applications"]])


@support.needs("yaml")
class NestedStacksTest(unittest.TestCase):
    def test_each_is_given_every_parameter_that_it_has_and_no_other(self):
        resources = support.load_template(support.INFRASTRUCTURE)["Resources"]
        nested = {name: one["Properties"] for name, one in resources.items() if one["Type"] == "AWS::CloudFormation::Stack"}
        self.assertEqual(len(support.NESTED), len(nested))
        for logical_id, properties in nested.items():
            with self.subTest(nested=logical_id):
                file = support.TEMPLATES / properties["TemplateURL"]["Fn::Sub"].rpartition("/")[2]
                self.assertIn(file, support.NESTED)
                self.assertEqual(set(support.load_template(file)["Parameters"]), set(properties["Parameters"]))

    def test_everything_of_emr_is_left_out_with_managed_flink(self):
        template = support.load_template(support.INFRASTRUCTURE)
        managed = support.present(template, {"FlinkRuntime": "Managed", "KeyName": "k", "SshCidr": "203.0.113.7/32"})
        on_emr = support.present(template, {"FlinkRuntime": "EMR", "KeyName": "k", "SshCidr": "203.0.113.7/32"})
        self.assertEqual([], [name for name in managed["Resources"] if "Emr" in name or name == "CopyProcessorJar"])
        self.assertEqual({"ManagedFlink"}, set(managed["Resources"]) - set(on_emr["Resources"]))
        # the remaining resources refer only to existing ones, except in the branch of a false condition
        for logical_id, resource in managed["Resources"].items():
            with self.subTest(resource=logical_id):
                names = {name for name, _ in support.references(without_ifs(support.written_out(resource)))}
                self.assertLessEqual(names & set(template["Resources"]), set(managed["Resources"]))

    def test_the_properties_of_the_managed_application_are_options_of_the_job(self):
        application = support.load_template(support.MANAGED_FLINK)["Resources"]["Application"]["Properties"]["ApplicationConfiguration"]
        (group,) = application["EnvironmentProperties"]["PropertyGroups"]
        code = "\n".join(file.read_text(encoding="utf-8") for file in (support.ROOT / "flink-taxi-stream-processor").rglob("src/main/**/*.java"))
        for name in group["PropertyMap"]:
            self.assertIn(f'"--{name}"', code)
        page = (support.ROOT / "docs" / "aws-operations.md").read_text(encoding="utf-8")
        self.assertIn(f"`{group['PropertyGroupId']}`", page)

    def test_each_further_producer_is_told_its_part_and_who_to_signal_for(self):
        for logical_id, resource in support.load_template(support.PRODUCERS)["Resources"].items():
            tags = {tag["Key"]: tag["Value"] for tag in resource["Properties"]["Tags"]}
            self.assertEqual({"Fn::Sub": f"{logical_id.removeprefix('Producer')}/${{Parts}}"}, tags["Part"])
            self.assertEqual((logical_id, {"Ref": "AWS::StackName"}), (tags["SignalResource"], tags["SignalStack"]))


def without_ifs(value):
    if isinstance(value, list):
        return [without_ifs(one) for one in value]
    if isinstance(value, dict):
        return {key: without_ifs(one) for key, one in value.items() if key != "Fn::If"}
    return value


@support.needs("yaml")
class AlarmsTest(unittest.TestCase):
    def setUp(self):
        self.template = support.load_template(support.MONITORING)
        self.alarms = {name: one["Properties"] for name, one in self.template["Resources"].items() if one["Type"] == "AWS::CloudWatch::Alarm"}

    def test_each_is_sent_to_the_address_and_explained_on_the_page(self):
        page = (support.ROOT / "docs" / "aws-operations.md").read_text(encoding="utf-8")
        for name, alarm in self.alarms.items():
            with self.subTest(alarm=name):
                self.assertEqual("HasEmail", alarm["AlarmActions"]["Fn::If"][0])
                self.assertIn(f"`{name}`", page)

    def test_a_dead_job_is_noticed_by_what_comes_in_and_is_not_read(self):
        alarm = self.alarms["UnreadRecordsAlarm"]
        unread, *metrics = alarm["Metrics"]
        self.assertEqual("IF(FILL(read, 0) == 0, FILL(incoming, 0), 0)", unread["Expression"])
        names = {one["Id"]: one["MetricStat"]["Metric"]["MetricName"] for one in metrics}
        self.assertEqual({"incoming": "IncomingRecords", "read": "GetRecords.Records"}, names)
        self.assertEqual([False, False], [one["ReturnData"] for one in metrics])
        self.assertEqual(("GreaterThanThreshold", 0), (alarm["ComparisonOperator"], alarm["Threshold"]))

    def test_every_metric_that_an_alarm_or_a_widget_asks_for_on_emr_is_published_there(self):
        of_stack, of_shard = published_by_emr()
        asked = {name for name in self.template["Mappings"]["Flink"]["EMR"].values() if name.startswith("flink_")}
        self.assertLessEqual(asked, of_stack)
        widgets = json.dumps(self.template["Resources"]["WatchDashboard"])
        self.assertLessEqual(set(re.findall(r"flink_\w+", widgets)), of_shard)

    def test_counters_that_are_published_are_those_of_the_code(self):
        files = [file for folder in ("libraries", "flink-taxi-stream-processor") for file in (support.ROOT / folder).rglob("src/main/**/*.java")]
        code = "\n".join(file.read_text(encoding="utf-8") for file in files)
        own = {name.rpartition("_")[2] for names in published_by_emr() for name in names if "_operator_" in name} - {"currentOutputWatermark"}
        self.assertEqual(set(), {name for name in own if f'"{name}"' not in code})
        managed = self.template["Mappings"]["Flink"]["Managed"]
        self.assertEqual([], [managed[key] for key in ("Trips", "LateTrips", "MalformedRecords", "DeadLetters") if f'"{managed[key]}"' not in code])


@support.needs("yaml")
class StreamTest(unittest.TestCase):
    """Tests what the mock of AWS ignores: it creates every stream as a provisioned one."""

    def test_a_stream_on_demand_is_given_no_number_of_shards(self):
        template = support.load_template(support.INFRASTRUCTURE)
        stream = template["Resources"]["Stream"]["Properties"]
        self.assertEqual(["PROVISIONED", "ON_DEMAND"], template["Parameters"]["StreamMode"]["AllowedValues"])
        self.assertEqual({"StreamMode": {"Ref": "StreamMode"}}, stream["StreamModeDetails"])
        self.assertEqual({"Fn::Equals": [{"Ref": "StreamMode"}, "PROVISIONED"]}, template["Conditions"]["Provisioned"])
        self.assertEqual({"Fn::If": ["Provisioned", {"Ref": "ShardCount"}, {"Ref": "AWS::NoValue"}]}, stream["ShardCount"])


@support.needs("yaml")
class OrderTest(unittest.TestCase):
    """CloudFormation deletes a resource after its dependents, so writers to a bucket must depend on the resource that empties it."""

    @staticmethod
    def depends_on(template, logical_id):
        """Returns all direct and indirect dependencies of a resource."""
        resources = support.written_out(template["Resources"])
        found, open_ends = set(), [logical_id]
        while open_ends:
            resource = resources[open_ends.pop()]
            needed = {name for name, _ in support.references(resource) if name in resources} | set(support.as_list(resource.get("DependsOn", [])))
            open_ends += needed - found
            found |= needed
        return found

    def test_writers_go_before_the_content_and_the_content_before_the_bucket(self):
        for path, bucket, writers in (
            (support.BUILD, "ArtifactBucket", ["ArtifactBucketPolicy", "Build", "Pipeline", "SourceArchive", "StartPipelineOnUpload"]),
            (support.INFRASTRUCTURE, "StateBucket", ["StateBucketPolicy", "EmrCluster", "CopyProcessorJar"]),
        ):
            template = support.load_template(path)
            for writer in writers:
                with self.subTest(template=path.name, writer=writer):
                    self.assertIn("EmptyBucketOnDelete", self.depends_on(template, writer))
            with self.subTest(template=path.name):
                emptier = self.depends_on(template, "EmptyBucketOnDelete")
                self.assertLessEqual({bucket, "EmptyBucketFunction", "EmptyBucketRole", "EmptyBucketLogGroup"}, emptier)

    def test_the_network_outlives_what_runs_in_it(self):
        template = support.load_template(support.INFRASTRUCTURE)
        for logical_id in ("EmrCluster", "Producer", "MoreProducers"):
            with self.subTest(resource=logical_id):
                needed = self.depends_on(template, logical_id)
                self.assertLessEqual({"DefaultRoute", "SubnetRouteTable", "InternetGatewayAttachment", "Subnet"}, needed)

    def test_nothing_is_kept_when_a_stack_is_deleted(self):
        for path in ALL:
            for logical_id, resource in support.load_template(path)["Resources"].items():
                with self.subTest(template=path.name, resource=logical_id):
                    self.assertEqual("Delete", resource.get("DeletionPolicy", "Delete"))

    def test_nodes_share_one_group_because_rules_between_two_would_keep_both(self):
        instances = support.load_template(support.INFRASTRUCTURE)["Resources"]["EmrCluster"]["Properties"]["Instances"]
        self.assertEqual(instances["EmrManagedMasterSecurityGroup"], instances["EmrManagedSlaveSecurityGroup"])


if __name__ == "__main__":
    unittest.main()
