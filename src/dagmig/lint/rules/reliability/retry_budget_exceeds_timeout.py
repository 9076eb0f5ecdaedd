"""The rule ``retry-budget-exceeds-timeout``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.machine.policies import policies, total_delay
from dagmig.lint.machine.values import number
from dagmig.lint.rule import Finding, machine_rule
from dagmig.lint.source import Subject


@machine_rule(Severity.WARNING)
def retry_budget_exceeds_timeout(subject: Subject) -> Iterator[Finding]:
    """The delays of a retrier alone are longer than the machine may run.

    The machine times out before the last attempts. The sum of the delays is reckoned from `IntervalSeconds`,
    `BackoffRate`, `MaxAttempts` and `MaxDelaySeconds`.
    See https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html

    ```json bad
    {"TimeoutSeconds": 300, "StartAt": "Load", "States": {
      "Load": {"Type": "Task", "Resource": "arn:aws:states:::glue:startJobRun",
        "Parameters": {"JobName": "load"},
        "Retry": [{"ErrorEquals": ["States.TaskFailed"], "IntervalSeconds": 60, "MaxAttempts": 5}],
        "End": true}}}
    ```

    ```json good
    {"TimeoutSeconds": 3600, "StartAt": "Load", "States": {
      "Load": {"Type": "Task", "Resource": "arn:aws:states:::glue:startJobRun",
        "Parameters": {"JobName": "load"},
        "Retry": [{"ErrorEquals": ["States.TaskFailed"], "IntervalSeconds": 60, "MaxAttempts": 5}],
        "End": true}}}
    ```

    Instead: Give the machine more time, or the retrier fewer attempts.
    """
    limit = number(subject.machine.document.get("TimeoutSeconds"))
    for policy in policies(subject) if limit else ():
        delay = total_delay(policy) if policy.key == "Retry" else None
        if limit and delay is not None and delay >= limit:
            message = f"the retries wait {delay:,.0f} s, and the machine may run for {limit:,.0f} s"
            yield Finding(message, subject.machine.locate(policy.pointer))
