"""The rule ``pattern-not-supported``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.asl.services.optimized import OPTIMIZED, SDK_PATTERNS
from dagmig.diagnostics import Severity
from dagmig.lint.machine.calls import calls
from dagmig.lint.rule import Finding, machine_rule
from dagmig.lint.source import Subject


@machine_rule(Severity.ERROR)
def pattern_not_supported(subject: Subject) -> Iterator[Finding]:
    """An integration is waited for in a way that it does not have.

    `.sync` waits for a job, and only the optimized integrations that start one have it;
    `.waitForTaskToken` waits for a callback, and the job-like ones do not have it. Step Functions refuses
    the definition.
    See https://docs.aws.amazon.com/step-functions/latest/dg/integrate-optimized.html

    ```json bad
    {"StartAt": "Send", "TimeoutSeconds": 900, "States": {
      "Send": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.sync", "End": true,
        "Parameters": {"QueueUrl": "https://sqs.eu-west-1.amazonaws.com/1/work", "MessageBody": "go"},
        "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 3}]}}}
    ```

    ```json good
    {"StartAt": "Send", "TimeoutSeconds": 900, "States": {
      "Send": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "End": true,
        "Parameters": {"QueueUrl": "https://sqs.eu-west-1.amazonaws.com/1/work", "MessageBody": "go"},
        "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 3}]}}}
    ```

    Instead: Use a pattern of the integration, or poll in a loop with a Wait.
    """
    for call in calls(subject):
        one = call.resource
        allowed = SDK_PATTERNS if one.kind == "sdk" else OPTIMIZED.get(one.service, {}).get(one.action, ())
        if one.kind in ("sdk", "optimized") and allowed and one.pattern not in allowed:
            named = " or ".join(f"`{pattern}`" for pattern in allowed if pattern) or "no pattern"
            message = f"`{one.short}` has no `{one.pattern}`: it has {named}"
            yield Finding(message, subject.machine.locate(call.pointer))
