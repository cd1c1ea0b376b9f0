"""Creates, updates and deletes both stacks in a mock of AWS, which runs the code of the custom resources."""

import base64
import contextlib
import functools
import io
import json
import shlex
import subprocess
import unittest
import unittest.mock
import warnings
import zipfile

import aws_commands
import policies
import support

# Types without a model in the mock. cfn-lint checks their properties; here only their name and attributes are needed.
UNKNOWN_TO_THE_MOCK = {
    "AWS::Budgets::Budget": {},
    "AWS::CloudWatch::Alarm": {},
    "AWS::CodeBuild::Project": {"Arn": "arn:aws:codebuild:us-east-1:123456789012:project/build"},
    "AWS::CodePipeline::Pipeline": {},
    "AWS::EMR::Step": {},
    "AWS::Logs::LogStream": {},
    "AWS::KinesisAnalyticsV2::Application": {},
    "AWS::KinesisAnalyticsV2::ApplicationCloudWatchLoggingOption": {},
    "AWS::OpenSearchService::Domain": {"DomainEndpoint": "search-taxi.us-east-1.es.amazonaws.com"},
    "AWS::S3::BucketPolicy": {},
}


def stand_in(type_name, attributes):
    from moto.core.common_models import CloudFormationModel

    class StandIn(CloudFormationModel):
        # the mock looks up models by the name of their module
        __module__ = "moto.cloudformation.test"

        def __init__(self, name):
            self.physical_resource_id = name

        @staticmethod
        def cloudformation_type():
            return type_name

        @staticmethod
        def cloudformation_name_type():
            return "Name"

        @classmethod
        def has_cfn_attr(cls, attribute):
            return attribute in attributes

        def get_cfn_attribute(self, attribute):
            return attributes[attribute]

        def delete(self, account_id, region):
            """Does nothing: there are no external resources."""

        @classmethod
        def create_from_cloudformation_json(cls, resource_name, cloudformation_json, account_id, region_name, **_):
            return cls(resource_name)

        @classmethod
        def update_from_cloudformation_json(cls, original_resource, new_resource_name, cloudformation_json, account_id, region_name):
            return original_resource

    return StandIn


def custom_resource(runs, outside):
    """Makes the mock run custom resources in this process, on create, update and delete, as CloudFormation does.

    Properties named in outside get these values, so that nothing leaves this machine.
    """
    from moto.awslambda import lambda_backends
    from moto.core.common_models import CloudFormationModel

    class CustomResource(CloudFormationModel):
        __module__ = "moto.cloudformation.test"

        def __init__(self, name, code, properties):
            self.name, self.code, self.properties = name, code, properties
            self.physical_resource_id = None
            self.run("Create", properties)

        def run(self, request_type, properties, **more):
            if self.physical_resource_id:
                more["PhysicalResourceId"] = self.physical_resource_id
            module = support.execute(self.code, "index.py")
            replaced = {name: outside.get(name, value) for name, value in properties.items()}
            answer = support.call(module, request_type, replaced, **more)
            runs.append((self.name, request_type, properties, answer))
            if answer["Status"] != "SUCCESS":
                raise RuntimeError(answer["Reason"])
            self.physical_resource_id, self.properties = answer["PhysicalResourceId"], properties

        def delete(self, account_id, region):
            self.run("Delete", self.properties)

        @classmethod
        def create_from_cloudformation_json(cls, resource_name, cloudformation_json, account_id, region_name, **event):
            properties = cloudformation_json["Properties"]
            function = lambda_backends[account_id][region_name].get_function(properties["ServiceToken"])
            with zipfile.ZipFile(io.BytesIO(base64.b64decode(function.code["ZipFile"]))) as package:
                return cls(event["LogicalId"], package.read("index.py").decode(), properties)

        @classmethod
        def update_from_cloudformation_json(cls, original_resource, new_resource_name, cloudformation_json, account_id, region_name):
            original_resource.run("Update", cloudformation_json["Properties"], OldResourceProperties=original_resource.properties)
            return original_resource

    return CustomResource


def delete_in_order(resources):
    """Deletes the resources of a stack as CloudFormation does, each after its dependents; the mock itself retries until it succeeds."""
    for logical_id in reversed(support.creation_order(resources._template)):
        resource = resources._parsed_resources.get(logical_id)
        description = resources._resource_json_map[logical_id]
        if resource is not None and description["Type"] in NOT_DELETED_BY_THE_MOCK:
            NOT_DELETED_BY_THE_MOCK[description["Type"]](resource.physical_resource_id)
        elif resource is not None:
            resources._delete_resource(resource, description)


def ec2():
    import boto3

    return boto3.client("ec2")


def delete_route_table(name):
    for association in ec2().describe_route_tables(RouteTableIds=[name])["RouteTables"][0]["Associations"]:
        if not association["Main"]:
            ec2().disassociate_route_table(AssociationId=association["RouteTableAssociationId"])
    ec2().delete_route_table(RouteTableId=name)


def detach_gateways(vpc):
    attached = [{"Name": "attachment.vpc-id", "Values": [vpc]}]
    for gateway in ec2().describe_internet_gateways(Filters=attached)["InternetGateways"]:
        ec2().detach_internet_gateway(InternetGatewayId=gateway["InternetGatewayId"], VpcId=vpc)


# the mock creates these from a template but cannot delete them with the stack; direct calls work once nothing depends on them
NOT_DELETED_BY_THE_MOCK = {
    "AWS::EC2::InternetGateway": lambda name: ec2().delete_internet_gateway(InternetGatewayId=name),
    "AWS::EC2::RouteTable": delete_route_table,
    "AWS::EC2::VPCGatewayAttachment": detach_gateways,
    "AWS::EC2::VPCEndpoint": lambda name: ec2().delete_vpc_endpoints(VpcEndpointIds=[name]),
}


def template_body(path, parameters):
    """Adapts a template to the mock, which detects changed parameters only in a Ref, and no conditions that become true."""
    return json.dumps(support.present(support.written_out(support.load_template(path)), parameters))


def nested_stacks():
    """Creates and updates nested stacks as CloudFormation does; the mock itself creates another stack on update."""
    from moto.cloudformation import cloudformation_backends
    from moto.cloudformation.models import Stack

    def content(properties):
        parameters = {name: str(value) for name, value in properties["Parameters"].items()}
        # the nested template in the bucket under that name
        return template_body(support.TEMPLATES / properties["TemplateURL"].rpartition("/")[2], parameters), parameters

    class NestedStack(Stack):
        __module__ = "moto.cloudformation.test"

        @classmethod
        def create_from_cloudformation_json(cls, resource_name, cloudformation_json, account_id, region_name, **_):
            template, parameters = content(cloudformation_json["Properties"])
            return cloudformation_backends[account_id][region_name].create_stack(name=resource_name, template=template, parameters=parameters)

        @classmethod
        def update_from_cloudformation_json(cls, original_resource, new_resource_name, cloudformation_json, account_id, region_name):
            template, parameters = content(cloudformation_json["Properties"])
            original_resource.update(template, parameters=parameters)
            return original_resource

    return NestedStack


def with_launch_template(create):
    """Applies the launch template to an instance, as EC2 does; the mock ignores it."""
    def create_from_cloudformation_json(resource_name, description, account_id, region, **event):
        properties = description["Properties"]
        which = properties["LaunchTemplate"]
        versions = ec2().describe_launch_template_versions(LaunchTemplateId=which["LaunchTemplateId"], Versions=[str(which["Version"])])
        data = versions["LaunchTemplateVersions"][0]["LaunchTemplateData"]
        data["IamInstanceProfile"] = data["IamInstanceProfile"]["Arn"].rpartition("/")[2]
        return create(resource_name, {**description, "Properties": {**data, **properties}}, account_id, region, **event)

    return staticmethod(create_from_cloudformation_json)


class MockedStack(contextlib.ExitStack):
    """A stack in a separate mock of AWS: creates, updates, deletes and inspects it."""

    def __init__(self, template, parameters):
        super().__init__()
        self.template, self.parameters = template, parameters
        self.runs, self.outside = [], {}

    def __enter__(self):
        import boto3
        from moto.cloudformation import parsing
        from moto.ec2.models.instances import Instance
        from moto.emr.models import Cluster

        super().__enter__()
        patch = unittest.mock.patch
        self.enter_context(warnings.catch_warnings(action="ignore"))
        self.enter_context(support.mock_aws())
        known = parsing.get_model_map()
        stand_ins = {name: stand_in(name, attributes) for name, attributes in UNKNOWN_TO_THE_MOCK.items() if name not in known}
        self.enter_context(patch.dict(known, {**stand_ins, "AWS::CloudFormation::Stack": nested_stacks()}))
        self.enter_context(patch.object(parsing, "CustomModel", custom_resource(self.runs, self.outside)))
        self.enter_context(patch.object(parsing.ResourceMap, "delete", delete_in_order))
        self.enter_context(patch.object(Instance, "create_from_cloudformation_json", with_launch_template(Instance.create_from_cloudformation_json)))
        # an instance keeps the properties it was created with; the mock would lose them
        keep = classmethod(lambda cls, original_resource, **_: original_resource)
        self.enter_context(patch.object(Instance, "update_from_cloudformation_json", keep))
        self.enter_context(patch.object(Cluster, "has_cfn_attr", lambda name: name == "MasterPublicDNS"))
        self.enter_context(patch.object(Cluster, "get_cfn_attribute", lambda cluster, name: "primary.example"))
        self.client = functools.cache(boto3.client)
        self.cloudformation = self.client("cloudformation")
        return self

    def create(self, **parameters):
        return self._apply(self.cloudformation.create_stack, "CREATE_COMPLETE", parameters)

    def update(self, **parameters):
        return self._apply(self.cloudformation.update_stack, "UPDATE_COMPLETE", parameters)

    def _apply(self, operation, expected, parameters):
        values = {**self.parameters, **parameters}
        given = [{"ParameterKey": key, "ParameterValue": value} for key, value in values.items()]
        operation(
            StackName="taxi",
            TemplateBody=template_body(self.template, values),
            Parameters=given,
            Capabilities=["CAPABILITY_IAM"],
        )
        stack = self.cloudformation.describe_stacks(StackName="taxi")["Stacks"][0]
        if stack["StackStatus"] != expected:
            raise AssertionError(f"{stack['StackStatus']} instead of {expected}")
        return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}

    def delete(self):
        self.cloudformation.delete_stack(StackName="taxi")
        if self.cloudformation.describe_stacks()["Stacks"]:
            raise AssertionError("the stack is still there")

    def resource(self, logical_id, inside=None):
        """Returns the physical ID of a resource, in the nested stack `inside` if given; the mock itself fails on resources with a false condition."""
        from moto.cloudformation import cloudformation_backends

        stack = cloudformation_backends["123456789012"]["us-east-1"].get_stack("taxi")
        resources = stack.resource_map[inside].resource_map if inside else stack.resource_map
        return resources[logical_id].physical_resource_id

    def left_over(self):
        """Returns the resources in the account that would have to be cleaned up or paid for."""
        from moto.emr.models import emr_backends

        ec2, emr, iam = self.client("ec2"), self.client("emr"), self.client("iam")
        instances = [one for group in ec2.describe_instances()["Reservations"] for one in group["Instances"]]
        return {
            "buckets": [one["Name"] for one in self.client("s3").list_buckets()["Buckets"]],
            "roles": [one["RoleName"] for one in iam.list_roles()["Roles"]],
            "profiles": [one["InstanceProfileName"] for one in iam.list_instance_profiles()["InstanceProfiles"]],
            "functions": [one["FunctionName"] for one in self.client("lambda").list_functions()["Functions"]],
            "logs": [one["logGroupName"] for one in self.client("logs").describe_log_groups()["logGroups"]],
            "rules": [one["Name"] for one in self.client("events").list_rules()["Rules"]],
            "streams": self.client("kinesis").list_streams()["StreamNames"],
            "clusters": [one["Id"] for one in emr.list_clusters()["Clusters"] if one["Status"]["State"] != "TERMINATED"],
            "instances": [one["InstanceId"] for one in instances if one["State"]["Name"] != "terminated"],
            "networks": [one["VpcId"] for one in ec2.describe_vpcs()["Vpcs"] if not one["IsDefault"]],
            "gateways": [one["InternetGatewayId"] for one in ec2.describe_internet_gateways()["InternetGateways"]],
            "endpoints": [one["VpcEndpointId"] for one in ec2.describe_vpc_endpoints()["VpcEndpoints"] if one["State"] != "deleted"],
            "launch templates": [one["LaunchTemplateId"] for one in ec2.describe_launch_templates()["LaunchTemplates"]],
            "security configurations": list(emr_backends["123456789012"]["us-east-1"].security_configurations),
            "log policies": [one["policyName"] for one in self.client("logs").describe_resource_policies()["resourcePolicies"]],
            "dashboards": [one["DashboardName"] for one in self.client("cloudwatch").list_dashboards()["DashboardEntries"]],
            "topics": [one["TopicArn"] for one in self.client("sns").list_topics()["Topics"]],
            # the mock adds a security group to every cluster
            "groups": {one["GroupName"] for one in ec2.describe_security_groups()["SecurityGroups"]} - {"ElasticMapReduce-ServiceAccess"},
        }


def archive(names):
    """Returns a zip archive like those of GitHub: one top-level folder, including an executable file."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as package:
        package.writestr("taxi-1.0/", b"")
        for name in names:
            entry = zipfile.ZipInfo(f"taxi-1.0/{name}")
            entry.external_attr = 0o100755 << 16
            package.writestr(entry, f"content of {name}")
    return content.getvalue()


@support.needs("moto", "yaml")
class BuildStackTest(unittest.TestCase):
    def setUp(self):
        answer = archive(["buildspec.yml", "run-local.sh", "cfn-templates/a.yml"])
        github = self.enterContext(support.HttpServer(lambda request: (200, answer)))
        self.stack = self.enterContext(MockedStack(support.BUILD, {"Repository": "organization/taxi"}))
        self.stack.outside["ArchiveUrl"] = f"{github.url}/archive.zip"

    def urls(self):
        """Returns the URLs from which the archive was requested, one per run."""
        return [properties["ArchiveUrl"] for name, _, properties, _ in self.stack.runs if name == "SourceArchive"]

    def test_the_archive_is_in_the_bucket_before_the_pipeline_starts(self):
        outputs = self.stack.create(Release="v1.0")

        bucket = outputs["ArtifactBucket"]
        stored = self.stack.client("s3").get_object(Bucket=bucket, Key="source/source.zip")["Body"].read()
        with zipfile.ZipFile(io.BytesIO(stored)) as package:
            self.assertEqual(["buildspec.yml", "run-local.sh", "cfn-templates/a.yml"], package.namelist())
            self.assertEqual(0o755, package.getinfo("run-local.sh").external_attr >> 16 & 0o777)
        self.assertEqual(["https://github.com/organization/taxi/archive/v1.0.zip"], self.urls())
        self.assertEqual(f"aws s3 cp s3://{bucket}/artifacts/flink-taxi-stream-processor-1.0.jar .", outputs["CopyProcessor"])
        self.assertEqual(f"aws s3 cp s3://{bucket}/artifacts/kinesis-taxi-stream-producer-1.0.jar .", outputs["CopyProducer"])
        order = support.creation_order(support.load_template(support.BUILD))
        self.assertLess(order.index("SourceArchive"), order.index("Pipeline"))

    def test_another_release_replaces_the_archive_and_starts_the_pipeline(self):
        bucket = self.stack.create(Release="v1.0")["ArtifactBucket"]

        self.stack.update(Release="v1.1")

        self.assertEqual(["v1.0.zip", "v1.1.zip"], [url.rpartition("/")[2] for url in self.urls()])
        rule = self.stack.client("events").list_rules()["Rules"][0]
        detail = json.loads(rule["EventPattern"])["detail"]
        self.assertEqual({"bucket": {"name": [bucket]}, "object": {"key": ["source/source.zip"]}}, detail)

    def test_a_git_connection_needs_no_archive(self):
        self.stack.create(ConnectionArn="arn:aws:codeconnections:us-east-1:123456789012:connection/0a1b")

        self.assertEqual([], self.urls())
        self.assertEqual([], self.stack.client("events").list_rules()["Rules"])

    def test_deleting_the_stack_leaves_nothing_whatever_the_bucket_holds(self):
        before = self.stack.left_over()
        bucket = self.stack.create()["ArtifactBucket"]
        s3 = self.stack.client("s3")
        # as in the template; the mock ignores the property
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        for number in range(3):
            s3.put_object(Bucket=bucket, Key="artifacts/a.jar", Body=str(number).encode())
        s3.delete_object(Bucket=bucket, Key="artifacts/a.jar")

        self.stack.delete()

        self.assertEqual(before, self.stack.left_over())


class Infrastructure(MockedStack):
    """The second template, with a bucket filled by the first one and a domain that accepts every request."""

    def __init__(self):
        super().__init__(support.INFRASTRUCTURE, {"ArtifactBucket": "artifacts", "ClientCidr": "203.0.113.7/32"})

    def __enter__(self):
        super().__enter__()
        s3 = self.client("s3")
        s3.create_bucket(Bucket="artifacts")
        for file in support.DASHBOARDS.iterdir():
            s3.put_object(Bucket="artifacts", Key=f"kibana-dashboards/{file.name}", Body=file.read_bytes())
        self.domain = self.enter_context(support.HttpServer(lambda request: (200, {"success": True, "successCount": 5})))
        self.outside["Endpoint"] = self.domain.url
        return self

    def open_to(self):
        """Returns the address ranges that any security group allows."""
        groups = self.client("ec2").describe_security_groups()["SecurityGroups"]
        return {one["CidrIp"] for group in groups for rule in group["IpPermissions"] for one in rule["IpRanges"]}

    def stacks(self):
        """Returns the names of all stacks, including nested ones."""
        return [one["StackName"] for one in self.cloudformation.describe_stacks()["Stacks"]]

    def watched(self):
        """Returns the names and namespaces of the metrics on the CloudWatch dashboard."""
        body = self.client("cloudwatch").get_dashboard(DashboardName="taxi-us-east-1")["DashboardBody"]
        widgets = json.loads(body)["widgets"]
        places = [(one["x"], one["y"]) for one in widgets]
        if len(set(places)) != len(places):
            raise AssertionError(f"two widgets in one place: {places}")
        metrics = [metric for widget in widgets for metric in widget["properties"]["metrics"] if isinstance(metric[0], str)]
        return {metric[1] for metric in metrics}, {metric[0] for metric in metrics}

    def user_data(self, instance):
        attribute = self.client("ec2").describe_instance_attribute(InstanceId=instance, Attribute="userData")
        return base64.b64decode(attribute["UserData"]["Value"]).decode()

    def parts(self):
        """Returns the parts in the tags of the running producers."""
        reservations = self.client("ec2").describe_instances(Filters=[{"Name": "tag:Producers", "Values": ["taxi"]}])["Reservations"]
        instances = [one for group in reservations for one in group["Instances"] if one["State"]["Name"] == "running"]
        return sorted(tag["Value"] for one in instances for tag in one["Tags"] if tag["Key"] == "Part")

    def shards(self):
        summary = self.client("kinesis").describe_stream_summary(StreamName="taxi-trip-events")
        return summary["StreamDescriptionSummary"]["OpenShardCount"]


@support.needs("moto", "yaml")
class InfrastructureAsItComesTest(unittest.TestCase):
    """Inspects a stack created with the defaults."""

    @classmethod
    def setUpClass(cls):
        cls.stack = cls.enterClassContext(Infrastructure())
        cls.outputs = cls.stack.create()

    def test_the_outputs_are_the_commands_of_the_walk_through(self):
        outputs, bucket = self.outputs, self.outputs["StateBucket"]
        endpoint = "https://search-taxi.us-east-1.es.amazonaws.com"
        self.assertIn(self.stack.resource("EmrCluster"), outputs["Step1ConnectToFlink"])
        self.assertEqual(
            "flink-yarn-session -d -s 4 -jm 2048m -tm 8192m -D high-availability.type=zookeeper"
            " -D high-availability.zookeeper.quorum=$(hostname -f):2181"
            f" -D high-availability.storageDir=s3://{bucket}/high-availability",
            outputs["Step2StartFlink"],
        )
        self.assertEqual(
            "flink run -d -p 8 flink-taxi-stream-processor-1.0.jar --region us-east-1 --stream taxi-trip-events"
            f" --es-endpoint {endpoint}",
            outputs["Step3SubmitJob"],
        )
        self.assertIn(f"start-session --region us-east-1 --target {self.stack.resource('Producer')} ", outputs["Step4ConnectToProducer"])
        self.assertEqual(
            "java -jar kinesis-taxi-stream-producer-1.0.jar -speedup 1440 -stream taxi-trip-events -region us-east-1",
            outputs["Step5StartProducer"],
        )
        self.assertEqual(f"{endpoint}/_plugin/kibana/app/dashboards#/view/Taxi-Trips-Dashboard", outputs["Step6Dashboard"])

    def test_the_outputs_have_the_names_of_the_walk_through(self):
        self.assertEqual({
            "Step1ConnectToFlink", "Step2StartFlink", "Step2WithoutSsh", "Step3SubmitJob", "Step3WithoutSsh", "Step4ConnectToProducer",
            "Step5StartProducer", "Step6Dashboard", "FlinkWebPage", "WatchDashboard", "StateBucket",
        }, set(self.outputs))

    def test_the_commands_without_ssh_are_steps_that_the_command_line_can_read(self):
        start, submit = (self.step(self.outputs[name]) for name in ("Step2WithoutSsh", "Step3WithoutSsh"))

        self.assertEqual(["bash", "-c", self.outputs["Step2StartFlink"]], start["Args"])
        by_hand = self.outputs["Step3SubmitJob"].replace("flink-taxi", "/home/hadoop/flink-taxi").split()
        self.assertEqual(by_hand, submit["Args"])
        for step in (start, submit):
            self.assertEqual(("CUSTOM_JAR", "command-runner.jar", "CONTINUE"), (step["Type"], step["Jar"], step["ActionOnFailure"]))

    def test_every_command_is_one_that_a_shell_can_read(self):
        commands = {name: value for name, value in self.outputs.items() if name.startswith("Step") and not value.startswith("https://")}
        self.assertEqual(7, len(commands))
        for name, command in commands.items():
            with self.subTest(output=name):
                checked = subprocess.run(["bash", "-n"], input=command, text=True, capture_output=True, check=False)
                self.assertEqual((0, ""), (checked.returncode, checked.stderr))
                self.assertNotRegex(command, r"\$\{|\n|\r")

    def test_commands_of_the_command_line_are_ones_that_it_has(self):
        commands = [value for value in self.outputs.values() if value.startswith("aws ")]
        self.assertEqual(3, len(commands))
        for command in commands:
            with self.subTest(command=command):
                self.assertIsNone(aws_commands.what_is_wrong(command))

    @staticmethod
    def step(command):
        """Returns the only step in a command, parsed as by a shell."""
        words = shlex.split(command)
        (step,) = json.loads(words[words.index("--steps") + 1])
        return step

    def test_nothing_listens_to_the_world(self):
        self.assertEqual(set(), self.stack.open_to())
        self.assertNotIn("Step4ConnectToProducerBySsh", self.outputs)

    def test_cluster_and_subnet_carry_the_tag_of_the_managed_policies(self):
        emr, tag = self.stack.client("emr"), {"Key": "for-use-with-amazon-emr-managed-policies", "Value": "true"}
        cluster = emr.describe_cluster(ClusterId=self.stack.resource("EmrCluster"))["Cluster"]
        self.assertIn(tag, cluster["Tags"])
        subnet = self.stack.client("ec2").describe_subnets(SubnetIds=[self.stack.resource("Subnet")])["Subnets"][0]
        self.assertIn(tag, subnet["Tags"])

    def test_the_stream_has_eight_shards(self):
        self.assertEqual(8, self.stack.shards())

    def test_templates_come_before_saved_objects(self):
        paths = [(request.method, request.path.partition("?")[0]) for request in self.stack.domain.requests]
        *templates, ends, objects = paths
        self.assertTrue(templates)
        for method, path in templates:
            self.assertEqual(("PUT", "/_index_template"), (method, path.rpartition("/")[0]))
        self.assertEqual(("GET", "/taxi-dashboard-pickup-count/_search"), ends)
        self.assertEqual(("POST", "/_plugin/kibana/api/saved_objects/_import"), objects)

    def test_the_loader_asks_for_nothing_that_its_role_may_not(self):
        statements = policies.of_role("LoadDashboardRole")
        for request in self.stack.domain.requests:
            self.assertTrue(policies.allows_request(statements, request.method, request.path), request.path)

    def test_the_dashboard_over_everything_reads_as_json(self):
        names, namespaces = self.stack.watched()
        self.assertEqual({"AWS/Kinesis", "AWS/ElasticMapReduce", "AWS/EC2", "AWS/ES", "TaxiStream"}, namespaces)
        self.assertLessEqual({"flink_jobmanager_job_numRestarts", "flink_taskmanager_job_task_operator_tripsLate"}, names)

    def test_nothing_of_managed_flink_is_there(self):
        self.assertNotIn("Step3StartApplication", self.outputs)
        self.assertEqual([], [name for name in self.stack.stacks() if "ManagedFlink" in name or "MoreProducers" in name])

    def test_the_producer_sets_itself_up(self):
        script = self.stack.user_data(self.stack.resource("Producer"))
        checked = subprocess.run(["bash", "-n"], input=script, text=True, capture_output=True, check=False)
        self.assertEqual("", checked.stderr)
        self.assertIn("s3://artifacts/artifacts/kinesis-taxi-stream-producer-1.0.jar", script)
        self.assertEqual(["1/1"], self.stack.parts())


@support.needs("moto", "yaml")
class InfrastructureWithParametersTest(unittest.TestCase):
    """Tests the effects of parameters, updates and deletion."""

    def setUp(self):
        self.stack = self.enterContext(Infrastructure())

    def test_a_key_and_a_range_open_ssh_to_that_range(self):
        self.stack.client("ec2").create_key_pair(KeyName="mine")

        outputs = self.stack.create(KeyName="mine", SshCidr="203.0.113.7/32")

        self.assertEqual("ssh -C -D 8157 hadoop@primary.example", outputs["Step1ConnectToFlink"])
        self.assertIn("ssh ec2-user@", outputs["Step4ConnectToProducerBySsh"])
        self.assertEqual({"203.0.113.7/32"}, self.stack.open_to())

    def test_trips_of_your_own_are_named_in_the_command(self):
        command = "java -jar kinesis-taxi-stream-producer-1.0.jar -speedup 1440 -stream taxi-trip-events -region us-east-1"

        created = self.stack.create(DataBucket="mine", DataPrefix="trips/2015/")
        updated = self.stack.update(DataBucket="mine", DataPrefix="")

        self.assertEqual(f"{command} -bucket mine -prefix trips/2015/", created["Step5StartProducer"])
        self.assertEqual(f"{command} -bucket mine", updated["Step5StartProducer"])

    def test_three_primary_nodes_bring_their_own_high_availability(self):
        outputs = self.stack.create(PrimaryNodes="3")

        self.assertEqual("flink-yarn-session -d -s 4 -jm 2048m -tm 8192m", outputs["Step2StartFlink"])

    def runtimes(self):
        """Returns the number of resources that only EMR needs, and of managed Flink stacks."""
        left_over = self.stack.left_over()
        of_emr = {kind: sum("Emr" in name for name in left_over[kind]) for kind in ("profiles", "groups", "security configurations")}
        (number,) = set(of_emr.values())
        return number, sum("ManagedFlink" in name for name in self.stack.stacks())

    def test_managed_flink_takes_the_place_of_emr(self):
        before = self.stack.left_over()
        on_emr = self.stack.create()
        self.assertEqual((1, 0), self.runtimes())

        managed = self.stack.update(FlinkRuntime="Managed")

        self.assertEqual((0, 1), self.runtimes())
        of_emr = {"Step1ConnectToFlink", "Step2StartFlink", "Step2WithoutSsh", "Step3SubmitJob", "Step3WithoutSsh", "FlinkWebPage"}
        self.assertEqual(of_emr, set(on_emr) - set(managed))
        self.assertEqual({"Step3StartApplication"}, set(managed) - set(on_emr))
        self.assertIsNone(aws_commands.what_is_wrong(managed["Step3StartApplication"]))
        names, namespaces = self.stack.watched()
        self.assertEqual({"AWS/Kinesis", "AWS/KinesisAnalytics", "AWS/EC2", "AWS/ES"}, namespaces)
        self.assertLessEqual({"numRestarts", "numberOfFailedCheckpoints", "tripsLate", "KPUs"}, names)
        self.stack.delete()
        self.assertEqual(before, self.stack.left_over())

    def test_emr_takes_the_place_of_managed_flink(self):
        before = self.stack.left_over()
        managed = self.stack.create(FlinkRuntime="Managed")
        self.assertEqual((0, 1), self.runtimes())

        on_emr = self.stack.update(FlinkRuntime="EMR")

        self.assertEqual((1, 0), self.runtimes())
        self.assertIn("Step2StartFlink", set(on_emr) - set(managed))
        self.assertIn("AWS/ElasticMapReduce", self.stack.watched()[1])
        self.stack.delete()
        self.assertEqual(before, self.stack.left_over())

    def test_each_of_several_producers_has_its_part(self):
        outputs = self.stack.create(ProducerCount="3")

        self.assertEqual(["1/3", "2/3", "3/3"], self.stack.parts())
        self.assertTrue(outputs["Step5StartProducer"].endswith(" -region us-east-1 -part 1/3"), outputs["Step5StartProducer"])
        start = outputs["Step5StartAllProducers"]
        self.assertIsNone(aws_commands.what_is_wrong(start))
        words = shlex.split(start)
        self.assertEqual("Key=tag:Producers,Values=taxi", words[words.index("--targets") + 1])
        (command,) = json.loads(words[words.index("--parameters") + 1])["commands"]
        self.assertIn(f"{outputs['Step5StartProducer'].removesuffix('1/3')}$(/usr/local/bin/instance-tag Part)", command)
        self.stack.update(ProducerCount="5")
        # the mock keeps the previous tags of an instance
        self.assertEqual(["1/3", "2/3", "3/3", "4/5", "5/5"], self.stack.parts())
        self.stack.update(ProducerCount="1")
        self.assertEqual(["1/3"], self.stack.parts())

    def test_an_update_splits_shards_and_moves_the_dashboard_to_the_new_engine(self):
        self.stack.create()

        outputs = self.stack.update(ShardCount="16", SearchEngine="OpenSearch_1.3")

        self.assertEqual(16, self.stack.shards())
        imports = [request.path for request in self.stack.domain.requests if "_import" in request.path]
        self.assertEqual([f"/{path}/api/saved_objects/_import?overwrite=true" for path in ("_plugin/kibana", "_dashboards")], imports)
        self.assertIn("/_dashboards/app/dashboards#/view/", outputs["Step6Dashboard"])

    def test_deleting_the_stack_leaves_nothing_whatever_the_bucket_holds(self):
        before = self.stack.left_over()
        bucket = self.stack.create()["StateBucket"]
        for key in ("checkpoints/1/_metadata", "logs/j-1/steps.gz"):
            self.stack.client("s3").put_object(Bucket=bucket, Key=key, Body=b"x")

        self.stack.delete()

        self.assertEqual(before, self.stack.left_over())


if __name__ == "__main__":
    unittest.main()
