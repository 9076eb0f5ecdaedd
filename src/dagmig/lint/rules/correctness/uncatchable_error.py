"""The rule ``uncatchable-error``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.machine.policies import policies
from dagmig.lint.rule import Finding, machine_rule
from dagmig.lint.source import Subject


@machine_rule(Severity.WARNING)
def uncatchable_error(subject: Subject) -> Iterator[Finding]:
    """A retrier or catcher names an error that cannot be retried or caught.

    `States.Runtime` always ends the execution: it is raised where the definition itself does not fit the
    data.
    See https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html

    ```json bad
    {"StartAt": "Both", "States": {
      "Both": {"Type": "Parallel", "Next": "Done",
        "Catch": [{"ErrorEquals": ["States.Runtime"], "Next": "Broken"}],
        "Branches": [{"StartAt": "Rest", "States": {"Rest": {"Type": "Wait", "Seconds": 5, "End": true}}}]},
      "Broken": {"Type": "Fail", "Error": "Broken"},
      "Done": {"Type": "Succeed"}}}
    ```

    ```json good
    {"StartAt": "Both", "States": {
      "Both": {"Type": "Parallel", "Next": "Done",
        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Broken"}],
        "Branches": [{"StartAt": "Rest", "States": {"Rest": {"Type": "Wait", "Seconds": 5, "End": true}}}]},
      "Broken": {"Type": "Fail", "Error": "Broken"},
      "Done": {"Type": "Succeed"}}}
    ```

    Instead: Guard the data with a Choice before the state that fails.
    """
    for policy in policies(subject):
        for index, error in policy.places:
            if error == "States.Runtime":
                span = subject.machine.locate(f"{policy.pointer}/ErrorEquals/{index}")
                yield Finding("`States.Runtime` ends the execution, whatever is written here", span)
