"""The rule ``activity-poller-latency``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.machine.calls import calls
from dagmig.lint.rule import Finding, machine_rule
from dagmig.lint.source import Subject


@machine_rule(Severity.INFO, is_default=False)
def activity_poller_latency(subject: Subject) -> Iterator[Finding]:
    """A task waits until a worker asks the activity for work.

    Workers ask by `GetActivityTask`, each call for one task. Where few calls are open and one is stuck, the
    others queue up behind it for a minute; AWS asks for a hundred open calls of each activity. A callback
    hands the work over at once.
    See https://docs.aws.amazon.com/step-functions/latest/dg/bp-activity-pollers.html

    ```json bad
    {"StartAt": "Approve", "States": {
      "Approve": {"Type": "Task", "Resource": "arn:aws:states:eu-west-1:123456789012:activity:approve",
        "TimeoutSeconds": 86400, "HeartbeatSeconds": 3600, "End": true}}}
    ```

    ```json good
    {"StartAt": "Approve", "States": {
      "Approve": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
        "Parameters": {"QueueUrl": "https://sqs.eu-west-1.amazonaws.com/1/approvals",
          "MessageBody": {"token.$": "$$.Task.Token"}},
        "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 2}],
        "TimeoutSeconds": 86400, "HeartbeatSeconds": 3600, "End": true}}}
    ```

    Instead: Send the work and the task's token to a queue, or keep enough calls of workers open.
    """
    for call in calls(subject):
        if call.resource.kind == "activity":
            yield Finding(
                f"`{call.state.name}` waits until a worker asks for it", subject.machine.locate(call.pointer)
            )
