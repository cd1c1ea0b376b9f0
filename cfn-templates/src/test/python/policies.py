"""Decides by the policies in the templates whether a request is allowed, the way IAM does: denied unless a statement allows it."""

import fnmatch
import re

import support

# values of the names in the templates
VALUES = {
    "AWS::Partition": "aws", "AWS::Region": "us-east-1", "AWS::AccountId": "123456789012", "AWS::StackName": "taxi", "DomainName": "taxi-dashboard",
    "ArtifactBucket": "artifacts", "DataBucket": "aws-bigdata-blog", "DataPrefix": "artifacts/flink-refarch/data/", "LogGroup": "taxi-flink",
    "ConsumerName": "job", "Stream.Arn": "arn:of:Stream",
}
DOMAIN = "arn:aws:es:us-east-1:123456789012:domain/taxi-dashboard"


def allows(statements, action, resource):
    """Whether one of the statements, of one policy or several, allows an action on the resource with this ARN, and none denies it."""
    matching = [one["Effect"] for one in statements if matches(one["Action"], action) and matches(one["Resource"], resource)]
    return "Allow" in matching and "Deny" not in matching


def allows_request(statements, method, path):
    """Whether the statements allow an HTTP request to the search domain; a query is not part of what policies see."""
    return allows(statements, f"es:ESHttp{method.capitalize()}", DOMAIN + path.partition("?")[0])


def of_role(*logical_ids):
    """The statements of roles or managed policies in any of the templates, with their names put in."""
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
    # the value of another resource's name does not matter, as long as it is the same everywhere
    return "arn:of:" + value["Fn::GetAtt"][0]


def matches(patterns, value):
    # brackets have no meaning in IAM
    return any(fnmatch.fnmatchcase(value, pattern.replace("[", "[[]")) for pattern in support.as_list(patterns))
