"""The rule ``unknown-optimized-action``."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from dagmig.asl.resource import Resource
from dagmig.asl.services import service
from dagmig.asl.services.optimized import OPTIMIZED
from dagmig.diagnostics import Severity
from dagmig.lint.edit import renamed
from dagmig.lint.machine.calls import calls
from dagmig.lint.rule import Finding, FixKind, source_rule
from dagmig.lint.source import Source


@source_rule(Severity.ERROR, ("machine",), fix=FixKind.UNSAFE)
def unknown_optimized_action(source: Source) -> Iterator[Finding]:
    """An integration names a service or an action that Step Functions does not have.

    The optimized integrations are few; any other action is called as `aws-sdk:service:action`. Step
    Functions refuses the definition. The fix writes a similar action, or adds `aws-sdk:`; it is unsafe,
    as another may have been meant.
    See https://docs.aws.amazon.com/step-functions/latest/dg/integrate-optimized.html

    ```json bad
    {"StartAt": "Look up", "States": {
      "Look up": {"Type": "Task", "Resource": "arn:aws:states:::dynamodb:query",
        "Parameters": {"TableName": "orders"}, "End": true,
        "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 3}]}}}
    ```

    ```json good
    {"StartAt": "Look up", "States": {
      "Look up": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:dynamodb:query",
        "Parameters": {"TableName": "orders"}, "End": true,
        "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 3}]}}}
    ```

    Instead: Write the action as its page shows it, or call it through `aws-sdk:`.
    """
    for subject in source.subjects:
        for call in calls(subject):
            one = call.resource
            if one.kind != "optimized" or one.action in OPTIMIZED.get(one.service, ()):
                continue
            span = subject.machine.locate(call.pointer)
            meant = _meant(one)
            fix = (
                renamed(source, span, one.text, one.text.replace(f"{one.service}:{one.action}", meant))
                if meant
                else None
            )
            hint = f": `{meant}` is meant?" if meant else ""
            yield Finding(f"there is no integration `{one.short}`{hint}", span, fix)


def _meant(resource: Resource) -> str:
    """The service and action that may be meant, empty where none is near."""
    sdk = service(resource.service)
    if sdk is not None and resource.action in sdk.actions and not resource.pattern.startswith(".sync"):
        return f"aws-sdk:{sdk.name}:{resource.action}"
    written = f"{resource.service}:{resource.action}"
    names = [f"{name}:{action}" for name, actions in OPTIMIZED.items() for action in actions]
    return next(iter(get_close_matches(written, names, n=1, cutoff=0.8)), "")
