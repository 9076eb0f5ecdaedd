"""The rule ``catch-loses-input``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Fix, Severity
from dagmig.lint.machine.inside import inside
from dagmig.lint.machine.policies import of_state
from dagmig.lint.machine.shapes import CATCH, Lost, kept, lost
from dagmig.lint.members import together
from dagmig.lint.rule import Finding, FixKind, source_rule
from dagmig.lint.source import Source, Subject


@source_rule(Severity.WARNING, ("machine",), fix=FixKind.UNSAFE)
def catch_loses_input(source: Source) -> Iterator[Finding]:
    """After a catcher a state reads the input, which the error has replaced.

    A catcher without `ResultPath` hands on `Error` and `Cause` and nothing else: any other path fails with
    `States.Runtime` or `States.ParameterPathFailure`, and hides the error that was caught.
    The fix sets it to `$.error`, where nothing reads `Error` or `Cause`; it is unsafe, as the handler may
    need the error as a whole.
    See https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html

    ```json bad
    {"StartAt": "Load", "TimeoutSeconds": 900, "States": {
      "Load": {"Type": "Task", "Resource": "arn:aws:states:::glue:startJobRun", "Next": "Done",
        "Parameters": {"JobName.$": "$.job"}, "Retry": [{"ErrorEquals": ["States.TaskFailed"]}],
        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Tell"}]},
      "Tell": {"Type": "Task", "Resource": "arn:aws:states:::sns:publish", "Next": "Failed",
        "Parameters": {"TopicArn": "arn:aws:sns:eu-west-1:123456789012:failed", "Message.$": "$.job"},
        "Retry": [{"ErrorEquals": ["States.TaskFailed"]}]},
      "Failed": {"Type": "Fail", "Error": "Load failed"},
      "Done": {"Type": "Succeed"}}}
    ```

    ```json good
    {"StartAt": "Load", "TimeoutSeconds": 900, "States": {
      "Load": {"Type": "Task", "Resource": "arn:aws:states:::glue:startJobRun", "Next": "Done",
        "Parameters": {"JobName.$": "$.job"}, "Retry": [{"ErrorEquals": ["States.TaskFailed"]}],
        "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "Tell"}]},
      "Tell": {"Type": "Task", "Resource": "arn:aws:states:::sns:publish", "Next": "Failed",
        "Parameters": {"TopicArn": "arn:aws:sns:eu-west-1:123456789012:failed", "Message.$": "$.job"},
        "Retry": [{"ErrorEquals": ["States.TaskFailed"]}]},
      "Failed": {"Type": "Fail", "Error": "Load failed"},
      "Done": {"Type": "Succeed"}}}
    ```

    Instead: Give the catcher a `ResultPath`, so that the input is kept beside the error.
    """
    for subject in source.subjects:
        for one in lost(subject):
            if one.kind == CATCH:
                span = inside(source, subject, one.place.pointer, one.place.text, one.position)
                yield Finding(
                    f"after the catcher of `{one.before.name}` there is no `{one.key}`",
                    span,
                    _mended(one, subject),
                )


def _mended(one: Lost, subject: Subject) -> Fix | None:
    """The error kept beside the input by every catcher that leads there and replaces the input."""
    catchers = [
        policy
        for policy in of_state(one.before, "Catch")
        if policy.values.get("Next") == one.target and policy.values.get("ResultPath", "$") == "$"
    ]
    return together(*(kept(one, subject, policy.pointer, "$.error") for policy in catchers))
