"""Evaluates the policies in the templates as IAM does: a request is denied unless a statement allows it."""

import fnmatch
import re

import support

# values of parameters and references in the templates
VALUES = {
    "AWS::Partition": "aws", "AWS::Region": "us-east-1", "AWS::AccountId": "123456789012", "AWS::StackName": "taxi", "DomainName": "taxi-dashboard",
    "ArtifactBucket": "artifacts", "DataBucket": "aws-bigdata-blog", "DataPrefix": "artifacts/flink-refarch/data/", "LogGroup": "taxi-flink",
    "ConsumerName": "job", "Stream.Arn": "arn:of:Stream",
}
DOMAIN = "arn:aws:es:us-east-1:123456789012:domain/taxi-dashboard"


def allows(statements, action, resource):
    """Returns whether one of the statements allows an action on the resource with this ARN, and none denies it."""
    matching = [one["Effect"] for one in statements if matches(one["Action"], action) and matches(one["Resource"], resource)]
    return "Allow" in matching and "Deny" not in matching


def allows_request(statements, method, path):
    """Returns whether the statements allow an HTTP request to the search domain; policies do not apply to the query string."""
    return allows(statements, f"es:ESHttp{method.capitalize()}", DOMAIN + path.partition("?")[0])


def of_role(*logical_ids):
    """Returns the statements of roles or managed policies in any of the templates, with references replaced by values."""
    found = []
    for path in support.ALL:
        for owner, statement in support.statements(support.load_template(path)):
            if owner in logical_ids and "Principal" not in statement:
                found.append({**statement, "Resource": [text(one) for one in support.as_list(statement["Resource"])]})
    if not found:
        raise KeyError(logical_ids)
    return found


def text(value):
    if isinstance(value, str):
        return value
    if "Fn::Sub" in value:
        return re.sub(r"\$\{([^}]+)}", lambda name: VALUES.get(name[1], name[1]), value["Fn::Sub"])
    # names of other resources can have any value, as long as it is the same everywhere
    return "arn:of:" + value["Fn::GetAtt"][0]


def matches(patterns, value):
    # brackets have no meaning in IAM
    return any(fnmatch.fnmatchcase(value, pattern.replace("[", "[[]")) for pattern in support.as_list(patterns))
