"""The rule ``retry-states-all-too-wide``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.machine.policies import policies
from dagmig.lint.rule import Finding, machine_rule
from dagmig.lint.source import Subject


@machine_rule(Severity.WARNING, is_default=False)
def retry_states_all_too_wide(subject: Subject) -> Iterator[Finding]:
    """A retrier retries every error, those that will come again included.

    `States.ALL` retries timeouts, missing permissions and errors of the data, which cost time and money
    and end the same.
    See https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html

    ```json bad
    {"StartAt": "Load", "TimeoutSeconds": 900, "States": {
      "Load": {"Type": "Task", "Resource": "arn:aws:states:::glue:startJobRun",
        "Parameters": {"JobName": "load"},
        "Retry": [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 5}], "End": true}}}
    ```

    ```json good
    {"StartAt": "Load", "TimeoutSeconds": 900, "States": {
      "Load": {"Type": "Task", "Resource": "arn:aws:states:::glue:startJobRun",
        "Parameters": {"JobName": "load"},
        "Retry": [{"ErrorEquals": ["Glue.ConcurrentRunsExceededException"], "MaxAttempts": 5}], "End": true}}}
    ```

    Instead: Name the errors that pass.
    """
    for policy in policies(subject):
        if (
            policy.key == "Retry"
            and policy.errors == ["States.ALL"]
            and policy.values.get("MaxAttempts") != 0
        ):
            yield Finding("every error is retried", subject.machine.locate(f"{policy.pointer}/ErrorEquals"))
