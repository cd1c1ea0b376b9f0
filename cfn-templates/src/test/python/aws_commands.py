"""Parses AWS CLI commands against the service models from which the CLI is generated."""

import re
import shlex

# commands of the CLI that are not operations of a service, with their required and optional options
CUSTOM = {
    ("cloudformation", "deploy"): ({"stack-name", "template-file"}, {"capabilities", "parameter-overrides"}),
    ("emr", "add-steps"): ({"cluster-id", "steps"}, set()),
    ("s3", "cp"): (set(), set()),
    ("s3", "ls"): (set(), set()),
}
GLOBAL = {"output", "query", "region"}


def in_text(text):
    """Returns every command in a page: indented by four spaces, continued after a trailing backslash, or between backticks."""
    blocks = re.findall(r"^    (aws (?:.*\\\n)*.*)$", text, re.MULTILINE)
    return [re.sub(r"\\\n\s*", "", block) for block in blocks] + re.findall(r"`(aws [^`]+)`", text)


def what_is_wrong(command):
    """Returns None for a command with all required options and no unknown ones, or a description of the error."""
    import botocore.exceptions
    import botocore.session

    _, service, operation, *rest = shlex.split(command)
    given = {word.removeprefix("--") for word in rest if word.startswith("--")}
    if (service, operation) in CUSTOM:
        needed, possible = CUSTOM[service, operation]
    else:
        session = botocore.session.get_session()
        try:
            model = session.get_service_model(service)
        except botocore.exceptions.UnknownServiceError:
            return f"there is no service {service}"
        if operation == "wait":
            waiters = session.get_waiter_model(service)
            waiter = by_option(waiters.waiter_names).get(rest[0])
            if waiter is None:
                return f"{service} cannot wait for {rest[0]}"
            name = waiters.get_waiter(waiter).operation
        else:
            name = by_option(model.operation_names).get(operation)
        if name is None:
            return f"{service} has no {operation}"
        shape = model.operation_model(name).input_shape
        possible, needed = set(by_option(shape.members)), set(by_option(shape.required_members))
    wrong = sorted(given - needed - possible - GLOBAL) + sorted(needed - given)
    return f"options {wrong}" if wrong else None


def by_option(names):
    """Maps the spelling of the CLI, such as stream-name, to that of the service, StreamName."""
    import botocore

    return {botocore.xform_name(name, "-"): name for name in names}
