"""The rule ``retry-no-jitter``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.machine.policies import policies
from dagmig.lint.rule import Finding, FixKind, machine_rule
from dagmig.lint.source import Subject


@machine_rule(Severity.INFO, fix=FixKind.UNSAFE, is_default=False)
def retry_no_jitter(subject: Subject) -> Iterator[Finding]:
    """A retrier waits exactly as long as every other.

    Executions that were throttled together are then throttled together again. `"JitterStrategy": "FULL"`
    spreads them over the delay. Opt-in, as only many executions at once need it.
    The fix adds it; it is unsafe, as attempts come at other times.
    See https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html

    ```json bad
    {"StartAt": "Load", "TimeoutSeconds": 900, "States": {
      "Load": {"Type": "Task", "Resource": "arn:aws:states:::glue:startJobRun",
        "Parameters": {"JobName": "load"},
        "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 5}],
        "End": true}}}
    ```

    ```json good
    {"StartAt": "Load", "TimeoutSeconds": 900, "States": {
      "Load": {"Type": "Task", "Resource": "arn:aws:states:::glue:startJobRun",
        "Parameters": {"JobName": "load"},
        "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 5, "JitterStrategy": "FULL"}],
        "End": true}}}
    ```

    Instead: Set `JitterStrategy` to `FULL`.
    """
    for policy in policies(subject):
        if (
            policy.key == "Retry"
            and policy.values.get("MaxAttempts") != 0
            and "JitterStrategy" not in policy.values
        ):
            fix = subject.members.added(policy.pointer, "JitterStrategy", "FULL")
            yield Finding("the retrier has no `JitterStrategy`", subject.machine.locate(policy.pointer), fix)
