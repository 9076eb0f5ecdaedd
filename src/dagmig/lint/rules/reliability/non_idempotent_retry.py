"""The rule ``non-idempotent-retry``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.machine.calls import calls
from dagmig.lint.machine.repeats import missing_key
from dagmig.lint.rule import Finding, machine_rule
from dagmig.lint.source import Subject


@machine_rule(Severity.WARNING, is_default=False)
def non_idempotent_retry(subject: Subject) -> Iterator[Finding]:
    """A retried task may start its work twice.

    Where the answer to the first attempt got lost, the second starts another execution or another task.
    With a name or a client token the service knows that it is the same.
    See https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html

    ```json bad
    {"StartAt": "Start", "States": {
      "Start": {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution", "End": true,
        "Parameters": {"StateMachineArn": "arn:aws:states:eu-west-1:1:stateMachine:load"},
        "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 3}]}}}
    ```

    ```json good
    {"StartAt": "Start", "States": {
      "Start": {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution", "End": true,
        "Parameters": {"StateMachineArn": "arn:aws:states:eu-west-1:1:stateMachine:load",
          "Name.$": "$$.Execution.Name"},
        "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 3}]}}}
    ```

    Instead: Give the call a name or a client token made of the execution's own name.
    """
    for call in calls(subject):
        if (key := missing_key(call)) and call.state.fields.get("Retry"):
            span = subject.machine.locate(call.state.pointer, True)
            yield Finding(f"`{call.state.name}` is retried and gives no `{key}`", span)
