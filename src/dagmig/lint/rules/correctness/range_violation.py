"""The rule ``range-violation``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.asl.fields import fields
from dagmig.diagnostics import Severity
from dagmig.lint.machine.values import all_parts, number
from dagmig.lint.rule import Finding, machine_rule
from dagmig.lint.source import Subject


@machine_rule(Severity.ERROR)
def range_violation(subject: Subject) -> Iterator[Finding]:
    """A number is out of the range that its field takes.

    Timeouts and intervals start at 1 second, a `BackoffRate` at 1, a percentage ends at 100, a
    `MaxDelaySeconds` is below 31,622,401 and above the `IntervalSeconds`; Step Functions refuses others.
    See https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html

    ```json bad
    {"StartAt": "Both", "States": {
      "Both": {"Type": "Parallel", "End": true,
        "Retry": [{"ErrorEquals": ["States.TaskFailed"], "BackoffRate": 0.5, "MaxAttempts": 2}],
        "Branches": [{"StartAt": "Rest", "States": {"Rest": {"Type": "Wait", "Seconds": 5, "End": true}}}]}}}
    ```

    ```json good
    {"StartAt": "Both", "States": {
      "Both": {"Type": "Parallel", "End": true,
        "Retry": [{"ErrorEquals": ["States.TaskFailed"], "BackoffRate": 1.5, "MaxAttempts": 2}],
        "Branches": [{"StartAt": "Rest", "States": {"Rest": {"Type": "Wait", "Seconds": 5, "End": true}}}]}}}
    ```

    Instead: Write a number within the range.
    """
    for part in all_parts(subject):
        for name, value in part.values.items():
            field = fields(part.of).get(name)
            given = number(value)
            if field is None or given is None:
                continue
            span = subject.machine.locate(f"{part.pointer}/{name}")
            if field.low is not None and given < field.low:
                yield Finding(f"`{name}` is at least {field.low:,g}, not {given:g}", span)
            if field.high is not None and given > field.high:
                yield Finding(f"`{name}` is at most {field.high:,.0f}, not {given:,.0f}", span)
