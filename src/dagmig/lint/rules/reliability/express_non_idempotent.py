"""The rule ``express-non-idempotent``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.machine.calls import calls
from dagmig.lint.machine.maps import express_states
from dagmig.lint.machine.repeats import missing_key
from dagmig.lint.rule import Finding, machine_rule
from dagmig.lint.source import Subject


@machine_rule(Severity.WARNING, is_default=False)
def express_non_idempotent(subject: Subject) -> Iterator[Finding]:
    """An Express workflow starts work that a second run would start again.

    Step Functions may run an asynchronous Express workflow more than once from one start. Executions that
    it starts without a name, and ECS tasks without a client token, then run twice. A machine is Express
    where its template says so, and what a distributed Map runs as `EXPRESS` is, too.
    See https://docs.aws.amazon.com/step-functions/latest/dg/choosing-workflow-type.html

    ```json bad
    {"StartAt": "Each", "States": {
      "Each": {"Type": "Map", "End": true,
        "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"},
          "StartAt": "Load", "States": {
            "Load": {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution",
              "Parameters": {"StateMachineArn": "arn:aws:states:eu-west-1:1:stateMachine:load"},
              "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 2}], "End": true}}}}}}
    ```

    ```json good
    {"StartAt": "Each", "States": {
      "Each": {"Type": "Map", "End": true,
        "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"},
          "StartAt": "Load", "States": {
            "Load": {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution",
              "Parameters": {"StateMachineArn": "arn:aws:states:eu-west-1:1:stateMachine:load",
                "Name.$": "$.order"},
              "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 2}], "End": true}}}}}}
    ```

    Instead: Give the call a name or a client token made of the input, or let the workflow be Standard.
    """
    express = {state.pointer for state in express_states(subject)}
    for call in calls(subject):
        if call.state.pointer in express and (key := missing_key(call)):
            span = subject.machine.locate(call.state.pointer, True)
            yield Finding(f"`{call.state.name}` may run twice and gives no `{key}`", span)
