"""The rule ``nested-execution-fire-and-forget``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.machine.calls import calls
from dagmig.lint.rule import Finding, machine_rule
from dagmig.lint.source import Subject

STARTS = ("states:startExecution", "aws-sdk:sfn:startExecution")


@machine_rule(Severity.INFO, is_default=False)
def nested_execution_fire_and_forget(subject: Subject) -> Iterator[Finding]:
    """Another machine is started, and nobody waits for it.

    The state succeeds as soon as the execution has begun: a failure of it is not seen here.
    See https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html

    ```json bad
    {"StartAt": "Start", "States": {
      "Start": {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution", "End": true,
        "Parameters": {"StateMachineArn": "arn:aws:states:eu-west-1:1:stateMachine:load"},
        "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 3}]}}}
    ```

    ```json good
    {"StartAt": "Start", "TimeoutSeconds": 900, "States": {
      "Start": {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync:2", "End": true,
        "Parameters": {"StateMachineArn": "arn:aws:states:eu-west-1:1:stateMachine:load"},
        "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 3}]}}}
    ```

    Instead: Use `.sync:2`, where the outcome matters.
    """
    for call in calls(subject):
        if call.resource.short in STARTS and not call.resource.pattern:
            yield Finding(
                f"`{call.state.name}` does not wait for its execution", subject.machine.locate(call.pointer)
            )
