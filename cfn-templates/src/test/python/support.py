"""Shared code of the tests of templates, scripts and dashboards. Requires only Python; tests declare further requirements."""

import contextlib
import graphlib
import http.server
import importlib.util
import json
import os
import pathlib
import re
import socket
import threading
import types
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[4]
TEMPLATES = ROOT / "cfn-templates"
DASHBOARDS = ROOT / "kibana-dashboards"
BUILD = TEMPLATES / "flink-refarch-build-artifacts.yml"
INFRASTRUCTURE = TEMPLATES / "flink-refarch-infrastructure.yml"
# nested stacks of the second stack, whose templates are in the bucket that the first one fills
LOADER = TEMPLATES / "flink-refarch-dashboards.yml"
MONITORING = TEMPLATES / "flink-refarch-monitoring.yml"
MANAGED_FLINK = TEMPLATES / "flink-refarch-managed-flink.yml"
PRODUCERS = TEMPLATES / "flink-refarch-producers.yml"
NESTED = (LOADER, MONITORING, MANAGED_FLINK, PRODUCERS)
ALL = (BUILD, INFRASTRUCTURE, *NESTED)
INSTALL = f"python3 -m pip install -r {TEMPLATES.name}/requirements.txt"


def needs(*modules):
    """Skips a test class unless all these Python modules can be imported; the reason says how to install them."""
    missing = [module for module in modules if importlib.util.find_spec(module) is None]
    return unittest.skipIf(missing, f"not installed: {', '.join(missing)}; run: {INSTALL}")


def load_template(path):
    """Returns the template as a dictionary, with short forms of functions expanded (!Ref x becomes {"Ref": x})."""
    import yaml

    # the C parser is ten times as fast
    class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
        pass

    def function(loader, suffix, node):
        name = suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}"
        if isinstance(node, yaml.ScalarNode):
            value = loader.construct_scalar(node)
            return {name: value.split(".", 1) if suffix == "GetAtt" else value}
        if isinstance(node, yaml.SequenceNode):
            return {name: loader.construct_sequence(node, deep=True)}
        return {name: loader.construct_mapping(node, deep=True)}

    Loader.add_multi_constructor("!", function)
    # CloudFormation treats dates such as 2012-10-17 as text
    Loader.yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    return yaml.load(path.read_text(encoding="utf-8"), Loader)


def written_out(value):
    """Returns the template with every Fn::Sub as Fn::Join over Ref and Fn::GetAtt, so that references have a single form."""
    if isinstance(value, list):
        return [written_out(inner) for inner in value]
    if not isinstance(value, dict):
        return value
    if "Fn::Sub" not in value:
        return {key: written_out(inner) for key, inner in value.items()}
    text, variables = value["Fn::Sub"] if isinstance(value["Fn::Sub"], list) else (value["Fn::Sub"], {})
    parts = re.split(r"\$\{([^!}][^}]*)}", text)
    for index in range(1, len(parts), 2):
        name = parts[index]
        reference = {"Fn::GetAtt": name.split(".", 1)} if "." in name else {"Ref": name}
        parts[index] = written_out(variables[name]) if name in variables else reference
    return {"Fn::Join": ["", parts]}


def present(template, parameters):
    """Returns the template without the resources and outputs whose conditions are false for the parameters."""
    values = {name: str(parameters.get(name, one.get("Default", ""))) for name, one in template.get("Parameters", {}).items()}

    def holds(condition):
        ((function, operands),) = condition.items()
        if function == "Condition":
            return holds(template["Conditions"][operands])
        if function == "Fn::Equals":
            left, right = (values[one["Ref"]] if isinstance(one, dict) else str(one) for one in operands)
            return left == right
        combine = {"Fn::Not": lambda found: not found[0], "Fn::And": all, "Fn::Or": any}[function]
        return combine([holds(one) for one in operands])

    def kept(section):
        return {name: one for name, one in template.get(section, {}).items() if "Condition" not in one or holds({"Condition": one["Condition"]})}

    return {**template, "Resources": kept("Resources"), "Outputs": kept("Outputs")}


def references(value):
    """Yields every reference in an expanded part of a template as (name, attribute); the attribute of a Ref is None."""
    if isinstance(value, list):
        for inner in value:
            yield from references(inner)
    elif isinstance(value, dict):
        for key, inner in value.items():
            if key == "Ref":
                yield inner, None
            elif key == "Fn::GetAtt":
                yield inner[0], inner[1]
            else:
                yield from references(inner)


def creation_order(template):
    """Returns the logical IDs of a template in a possible order of creation; CloudFormation deletes in reverse order."""
    resources = written_out(template["Resources"])
    needs = {
        logical_id: {name for name, _ in references(resource) if name in resources} | set(as_list(resource.get("DependsOn", [])))
        for logical_id, resource in resources.items()
    }
    return list(graphlib.TopologicalSorter(needs).static_order())


def statements(template):
    """Yields every statement of every policy in a template as (logical ID, statement), including policies in JSON text."""
    def policies(value):
        if isinstance(value, dict):
            if isinstance(value.get("Statement"), list):
                for statement in value["Statement"]:
                    chosen = statement["Fn::If"][1] if "Fn::If" in statement else statement
                    yield {**chosen, "Effect": chosen["Effect"]["Fn::If"][1]} if isinstance(chosen["Effect"], dict) else chosen
            for inner in value.values():
                yield from policies(inner)
        elif isinstance(value, list):
            for inner in value:
                yield from policies(inner)
        elif isinstance(value, str) and value.startswith('{"Version"'):
            yield from policies(json.loads(value))

    for logical_id, resource in template["Resources"].items():
        for statement in policies(resource.get("Properties", {})):
            yield logical_id, statement


def as_list(value):
    return value if isinstance(value, list) else [value]


def load_function(path, logical_id):
    """Returns the inline code of a Lambda function as a new module, as after a cold start."""
    code = load_template(path)["Resources"][logical_id]["Properties"]["Code"]["ZipFile"]
    return execute(code, f"{path.name}:{logical_id}")


def execute(code, name):
    module = types.ModuleType("index")
    exec(compile(code, name, "exec"), module.__dict__)
    return module


class Context:
    """The part of a Lambda context that the functions use; each query of the remaining time reduces it by a second."""

    log_stream_name = "2026/01/01/[$LATEST]test"

    def __init__(self, remaining_millis=600_000):
        self.remaining_millis = remaining_millis

    def get_remaining_time_in_millis(self):
        self.remaining_millis -= 1_000
        return self.remaining_millis


def almost_out_of_time():
    """Returns a context that leaves one second for the work."""
    return Context(42_500)


class HttpServer:
    """An HTTP server on this machine that records requests and responds with the result of answer(request): status and JSON."""

    def __init__(self, answer=lambda request: (200, {})):
        self.requests = []
        recorded = self.requests

        class Handler(http.server.BaseHTTPRequestHandler):
            def handle_any(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                request = types.SimpleNamespace(method=self.command, path=self.path, headers=self.headers, body=body)
                recorded.append(request)
                status, content = answer(request)
                if not isinstance(content, bytes):
                    content = json.dumps(content).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = handle_any

            def log_message(self, format, *args):
                """Prints nothing; the tests inspect the requests."""

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()


@contextlib.contextmanager
def silent_server():
    """Yields the address of a server that accepts connections and never responds."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def call(module, request_type, properties, context=None, **more):
    """Runs the handler of a custom resource as CloudFormation would; returns its response."""
    with HttpServer() as cloudformation:
        event = {
            "RequestType": request_type,
            "ResponseURL": f"{cloudformation.url}/answer?signature=x",
            "StackId": "arn:aws:cloudformation:us-east-1:123456789012:stack/taxi/1",
            "RequestId": "request-1",
            "LogicalResourceId": "Resource",
            "ResourceProperties": properties,
            **more,
        }
        with quiet_log():
            module.handler(event, context or Context())
    if len(cloudformation.requests) != 1:
        raise AssertionError(f"{len(cloudformation.requests)} answers instead of one")
    request = cloudformation.requests[0]
    if (request.method, request.headers["Content-Type"]) != ("PUT", ""):
        raise AssertionError(f"{request.method} {request.headers['Content-Type']!r} does not fit the signature of the URL")
    answer = json.loads(request.body)
    if len(request.body) > 4096 or not answer["PhysicalResourceId"]:
        raise AssertionError(f"CloudFormation would not take {request.body}")
    return answer


@contextlib.contextmanager
def quiet_log():
    import logging

    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)


@contextlib.contextmanager
def environment(**variables):
    """Sets environment variables temporarily."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


# Not secrets: the mock of the services accepts any credentials.
MOCK_ACCOUNT = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
}


@contextlib.contextmanager
def mock_aws():
    """Starts an empty in-process mock of AWS, which clients created in this context use."""
    import moto

    with environment(**MOCK_ACCOUNT), moto.mock_aws():
        yield
