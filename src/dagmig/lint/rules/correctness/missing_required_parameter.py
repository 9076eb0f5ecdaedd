"""The rule ``missing-required-parameter``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.machine.calls import callers
from dagmig.lint.rule import Finding, machine_rule
from dagmig.lint.source import Subject


@machine_rule(Severity.ERROR)
def missing_required_parameter(subject: Subject) -> Iterator[Finding]:
    """A call lacks a parameter without which the service refuses it.

    Which are required is taken from AWS's service models. Parameters that an expression gives are not judged.
    There is no fix: the value is not known.
    See https://docs.aws.amazon.com/step-functions/latest/dg/connect-parameters.html

    ```json bad
    {"StartAt": "Read", "States": {
      "Read": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:s3:getObject",
        "Parameters": {"Bucket": "reports"}, "End": true,
        "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 3}]}}}
    ```

    ```json good
    {"StartAt": "Read", "States": {
      "Read": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:s3:getObject",
        "Parameters": {"Bucket": "reports", "Key": "today.json"}, "End": true,
        "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 3}]}}}
    ```

    Instead: Give the parameter.
    """
    for call in callers(subject):
        there = {name.lower() for name in call.given or ()}
        missing = [name for name in call.action.required if name.lower() not in there] if call.action else []
        if missing:
            span = subject.machine.locate(f"{call.state.pointer}/{call.field}", True)
            shown = ", ".join(f"`{name}`" for name in missing)
            yield Finding(f"`{call.resource.short}` needs {shown}", span)
