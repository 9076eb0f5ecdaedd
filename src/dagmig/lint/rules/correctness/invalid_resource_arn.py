"""The rule ``invalid-resource-arn``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dagmig.asl.resource import parse
from dagmig.asl.services import service
from dagmig.asl.services.optimized import OPTIMIZED
from dagmig.diagnostics import Severity
from dagmig.lint.machine.calls import calls
from dagmig.lint.rule import Finding, FixKind, machine_rule
from dagmig.lint.source import Subject

INTEGRATION = "arn:aws:states:::"
AWS = re.compile(r"arn:[^:]*:(?:lambda|states):.*", re.DOTALL)
LAMBDA = re.compile(r"(arn:[\w-]+:lambda:[\w-]+:\d{12}):([\w-]+(?::[\w-]+)?)")


@machine_rule(Severity.ERROR, fix=FixKind.UNSAFE)
def invalid_resource_arn(subject: Subject) -> Iterator[Finding]:
    """The ARN of a task's `Resource` names nothing that Step Functions can call.

    It is the ARN of a Lambda function (`arn:aws:lambda:region:account:function:name`), of an activity
    (`arn:aws:states:region:account:activity:name`) or of an integration
    (`arn:aws:states:::service:action`). What does not begin like the ARN of a function or of Step
    Functions is not judged, unless it is the service and action of an integration alone (`lambda:invoke`).
    The fix writes `function:` or `arn:aws:states:::` where only that is missing; it is unsafe, as something
    else may be meant.
    See https://docs.aws.amazon.com/step-functions/latest/dg/concepts-amazon-resource-names.html

    ```json bad
    {"StartAt": "Load", "TimeoutSeconds": 900, "States": {
      "Load": {"Type": "Task", "End": true,
        "Resource": "arn:aws:lambda:eu-west-1:123456789012:load:live",
        "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 3}]}}}
    ```

    ```json good
    {"StartAt": "Load", "TimeoutSeconds": 900, "States": {
      "Load": {"Type": "Task", "End": true,
        "Resource": "arn:aws:lambda:eu-west-1:123456789012:function:load:live",
        "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 3}]}}}
    ```

    Instead: Copy the ARN from the console, or write the integration as its page shows it.
    """
    for call in calls(subject):
        text = call.resource.text
        is_bare = call.resource.kind == "unknown" and _is_bare(text)
        if call.resource.kind != "unknown" or not (AWS.fullmatch(text) or is_bare):
            continue
        meant = f"{INTEGRATION}{text}" if is_bare else LAMBDA.sub(r"\1:function:\2", text)
        fix = subject.members.replaced(call.pointer, meant) if meant != text else None
        yield Finding(f"`{text}` is nothing to call", subject.machine.locate(call.pointer), fix)


def _is_bare(text: str) -> bool:
    """Whether a text is a known service and action without what stands before them in a ``Resource``."""
    one = parse(INTEGRATION + text)
    if one.kind == "optimized":
        return one.action in OPTIMIZED.get(one.service, ())
    found = service(one.service) if one.kind == "sdk" else None
    return found is not None and one.action in found.actions
