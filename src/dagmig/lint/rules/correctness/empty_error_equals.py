"""The rule ``empty-error-equals``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.machine.policies import policies
from dagmig.lint.rule import Finding, machine_rule
from dagmig.lint.source import Subject


@machine_rule(Severity.ERROR)
def empty_error_equals(subject: Subject) -> Iterator[Finding]:
    """A retrier or catcher names no error.

    Step Functions refuses an `ErrorEquals` that is empty.
    See https://states-language.net/spec.html#errors

    ```json bad
    {"StartAt": "Both", "States": {
      "Both": {"Type": "Parallel", "End": true,
        "Retry": [{"ErrorEquals": [], "MaxAttempts": 2}],
        "Branches": [{"StartAt": "Rest", "States": {"Rest": {"Type": "Wait", "Seconds": 5, "End": true}}}]}}}
    ```

    ```json good
    {"StartAt": "Both", "States": {
      "Both": {"Type": "Parallel", "End": true,
        "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 2}],
        "Branches": [{"StartAt": "Rest", "States": {"Rest": {"Type": "Wait", "Seconds": 5, "End": true}}}]}}}
    ```

    Instead: Name the errors, or `States.ALL`.
    """
    for policy in policies(subject):
        if policy.values.get("ErrorEquals") == []:
            yield Finding("`ErrorEquals` is empty", subject.machine.locate(f"{policy.pointer}/ErrorEquals"))
