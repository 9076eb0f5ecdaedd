"""The rule ``callback-no-heartbeat``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.asl.model import State
from dagmig.diagnostics import Fix, Severity
from dagmig.lint.machine.calls import calls
from dagmig.lint.machine.values import number
from dagmig.lint.rule import Finding, FixKind, machine_rule
from dagmig.lint.source import Subject

TEN_MINUTES = 600
UNLIMITED = 99999999  # seconds, the default


@machine_rule(Severity.WARNING, fix=FixKind.UNSAFE, is_default=False)
def callback_no_heartbeat(subject: Subject) -> Iterator[Finding]:
    """A callback or an activity has no heartbeat.

    A worker that dies is only noticed at the timeout. With `HeartbeatSeconds` it is noticed when it has not
    been heard of for so long, and the task can be retried. Opt-in: only a worker that sends heartbeats may
    have one, for others the task's timeout is enough, and `task-no-timeout` asks for that.
    The fix asks for a heartbeat every ten minutes, or in half of the timeout; it is unsafe, as the worker
    has to send them.
    See https://docs.aws.amazon.com/step-functions/latest/dg/sfn-best-practices.html

    ```json bad
    {"StartAt": "Approve", "States": {
      "Approve": {"Type": "Task", "Resource": "arn:aws:states:eu-west-1:123456789012:activity:approve",
        "TimeoutSeconds": 86400, "End": true}}}
    ```

    ```json good
    {"StartAt": "Approve", "States": {
      "Approve": {"Type": "Task", "Resource": "arn:aws:states:eu-west-1:123456789012:activity:approve",
        "TimeoutSeconds": 86400,
        "HeartbeatSeconds": 600, "End": true}}}
    ```

    Instead: Set `HeartbeatSeconds`, and let the worker send heartbeats.
    """
    for call in calls(subject):
        waits = call.resource.is_callback or call.resource.kind == "activity"
        if waits and not call.state.fields.keys() & {"HeartbeatSeconds", "HeartbeatSecondsPath"}:
            span = subject.machine.locate(call.state.pointer, True)
            yield Finding(
                f"`{call.state.name}` has no `HeartbeatSeconds`", span, _mended(call.state, subject)
            )


def _mended(state: State, subject: Subject) -> Fix | None:
    """A heartbeat that is shorter than the timeout; None where nobody knows how long that is."""
    timeout = number(state.fields.get("TimeoutSeconds", UNLIMITED))
    if timeout is None or timeout < 2 or "TimeoutSecondsPath" in state.fields:
        return None
    seconds = min(TEN_MINUTES, int(timeout) // 2)
    return subject.members.added(
        state.pointer, "HeartbeatSeconds", seconds, after=("TimeoutSeconds", "Resource")
    )
