"""The rule ``heartbeat-ge-timeout``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.machine.values import number
from dagmig.lint.rule import Finding, FixKind, machine_rule
from dagmig.lint.source import Subject


@machine_rule(Severity.ERROR, fix=FixKind.UNSAFE)
def heartbeat_ge_timeout(subject: Subject) -> Iterator[Finding]:
    """The heartbeat of a task is not shorter than its timeout.

    The task then times out before a missing heartbeat can be noticed, and Step Functions refuses it.
    The fix makes the heartbeat half of the timeout; it is unsafe, as the timeout may be what is wrong.
    See https://states-language.net/spec.html#task-state

    ```json bad
    {"StartAt": "Approve", "States": {
      "Approve": {"Type": "Task", "Resource": "arn:aws:states:eu-west-1:123456789012:activity:approve",
        "TimeoutSeconds": 600, "HeartbeatSeconds": 600, "End": true}}}
    ```

    ```json good
    {"StartAt": "Approve", "States": {
      "Approve": {"Type": "Task", "Resource": "arn:aws:states:eu-west-1:123456789012:activity:approve",
        "TimeoutSeconds": 600, "HeartbeatSeconds": 300, "End": true}}}
    ```

    Instead: Let the heartbeat be shorter than the timeout.
    """
    for state in subject.states:
        timeout = number(state.fields.get("TimeoutSeconds"))
        heartbeat = number(state.fields.get("HeartbeatSeconds"))
        if state.type == "Task" and timeout is not None and heartbeat is not None and heartbeat >= timeout:
            message = f"the heartbeat of {heartbeat:g} s is not shorter than the timeout of {timeout:g} s"
            pointer = f"{state.pointer}/HeartbeatSeconds"
            fix = subject.members.replaced(pointer, int(timeout) // 2) if timeout >= 2 else None
            yield Finding(message, subject.machine.locate(pointer), fix)
