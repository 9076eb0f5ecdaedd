"""The rule ``retry-no-backoff``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.machine.policies import policies
from dagmig.lint.machine.values import number
from dagmig.lint.rule import Finding, FixKind, machine_rule
from dagmig.lint.source import Subject


@machine_rule(Severity.INFO, fix=FixKind.UNSAFE, is_default=False)
def retry_no_backoff(subject: Subject) -> Iterator[Finding]:
    """A retrier waits as long before its last attempt as before its first.

    With a `BackoffRate` of 1 all tasks that failed together come back together, as often as `MaxAttempts`
    says. Opt-in: for the polling of a job an even pace is right.
    The fix doubles the delay each time; it is unsafe, as the last attempt comes later.
    See https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html

    ```json bad
    {"StartAt": "Load", "TimeoutSeconds": 900, "States": {
      "Load": {"Type": "Task", "Resource": "arn:aws:states:::glue:startJobRun",
        "Parameters": {"JobName": "load"},
        "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 5, "BackoffRate": 1}], "End": true}}}
    ```

    ```json good
    {"StartAt": "Load", "TimeoutSeconds": 900, "States": {
      "Load": {"Type": "Task", "Resource": "arn:aws:states:::glue:startJobRun",
        "Parameters": {"JobName": "load"},
        "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 5, "BackoffRate": 2}], "End": true}}}
    ```

    Instead: Let the delay grow, with a `MaxDelaySeconds` where it must not grow too far.
    """
    for policy in policies(subject):
        attempts = number(policy.values.get("MaxAttempts", 3)) or 0
        if policy.key == "Retry" and attempts > 1 and number(policy.values.get("BackoffRate")) == 1:
            pointer = f"{policy.pointer}/BackoffRate"
            span = subject.machine.locate(pointer)
            fix = subject.members.replaced(pointer, 2)
            yield Finding("the delay does not grow from attempt to attempt", span, fix)
