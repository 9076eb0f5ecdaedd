"""The rule ``callback-no-heartbeat``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.machine.calls import calls
from dagmig.lint.rule import Finding, machine_rule
from dagmig.lint.source import Subject


@machine_rule(Severity.WARNING, is_default=False)
def callback_no_heartbeat(subject: Subject) -> Iterator[Finding]:
    """A callback or an activity has no heartbeat.

    A worker that dies is only noticed at the timeout. With `HeartbeatSeconds` it is noticed when it has not
    been heard of for so long, and the task can be retried. Opt-in: only a worker that sends heartbeats may
    have one, for others the task's timeout is enough, and `task-no-timeout` asks for that.
    See https://docs.aws.amazon.com/step-functions/latest/dg/sfn-best-practices.html

    ```json bad
    {"StartAt": "Approve", "States": {
      "Approve": {"Type": "Task", "Resource": "arn:aws:states:eu-west-1:123456789012:activity:approve",
        "TimeoutSeconds": 86400, "End": true}}}
    ```

    ```json good
    {"StartAt": "Approve", "States": {
      "Approve": {"Type": "Task", "Resource": "arn:aws:states:eu-west-1:123456789012:activity:approve",
        "TimeoutSeconds": 86400, "HeartbeatSeconds": 600, "End": true}}}
    ```

    Instead: Set `HeartbeatSeconds`, and let the worker send heartbeats.
    """
    for call in calls(subject):
        waits = call.resource.is_callback or call.resource.kind == "activity"
        if waits and not call.state.fields.keys() & {"HeartbeatSeconds", "HeartbeatSecondsPath"}:
            span = subject.machine.locate(call.state.pointer, True)
            yield Finding(f"`{call.state.name}` has no `HeartbeatSeconds`", span)
