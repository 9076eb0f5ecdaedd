"""The rule ``dynamic-arn-from-input``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.machine.calls import calls
from dagmig.lint.rule import Finding, machine_rule
from dagmig.lint.source import Subject

NAMES = {"lambda:invoke": "FunctionName", "states:startExecution": "StateMachineArn"}
INPUT = re.compile(r"\$(?:\.|\[).*|\{%\s*\$states\.input\b.*", re.DOTALL)


@machine_rule(Severity.WARNING, is_default=False)
def dynamic_arn_from_input(subject: Subject) -> Iterator[Finding]:
    """The input says which function or machine is called.

    Whoever may start the machine may then run anything that its role may run. Opt-in: for a machine that
    dispatches to others it is the purpose, and the role limits what may be called.
    See https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege

    ```json bad
    {"StartAt": "Start", "States": {
      "Start": {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution", "End": true,
        "Parameters": {"StateMachineArn.$": "$.machine"},
        "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 3}]}}}
    ```

    ```json good
    {"StartAt": "Start", "States": {
      "Start": {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution", "End": true,
        "Parameters": {"StateMachineArn": "arn:aws:states:eu-west-1:1:stateMachine:load"},
        "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 3}]}}}
    ```

    Instead: Name it, or let a Choice choose among the known ones.
    """
    for call in calls(subject):
        name = NAMES.get(call.resource.short, "")
        value = call.value(name)
        if isinstance(value, str) and INPUT.fullmatch(value) and call.given is not None:
            span = subject.machine.locate(f"{call.state.pointer}/{call.field}/{call.given[name]}")
            yield Finding(f"the input says which `{name}` is called", span)
