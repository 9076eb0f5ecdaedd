"""The rule ``uncatchable-error``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.machine.policies import policies
from dagmig.lint.rule import Finding, FixKind, machine_rule
from dagmig.lint.source import Subject


@machine_rule(Severity.WARNING, fix=FixKind.UNSAFE)
def uncatchable_error(subject: Subject) -> Iterator[Finding]:
    """A retrier or catcher names an error that cannot be retried or caught.

    `States.Runtime` always ends the execution: it is raised where the definition itself does not fit the
    data.
    The fix removes the name, or the retrier or catcher that has no other, if it is not the only one; it
    is unsafe, as another error may have been meant.
    See https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html

    ```json bad
    {"StartAt": "Both", "States": {
      "Both": {"Type": "Parallel", "Next": "Done",
        "Catch": [{"ErrorEquals": ["States.Runtime", "Late"], "Next": "Broken"}],
        "Branches": [{"StartAt": "Rest", "States": {"Rest": {"Type": "Wait", "Seconds": 5, "End": true}}}]},
      "Broken": {"Type": "Fail", "Error": "Broken"},
      "Done": {"Type": "Succeed"}}}
    ```

    ```json good
    {"StartAt": "Both", "States": {
      "Both": {"Type": "Parallel", "Next": "Done",
        "Catch": [{"ErrorEquals": ["Late"], "Next": "Broken"}],
        "Branches": [{"StartAt": "Rest", "States": {"Rest": {"Type": "Wait", "Seconds": 5, "End": true}}}]},
      "Broken": {"Type": "Fail", "Error": "Broken"},
      "Done": {"Type": "Succeed"}}}
    ```

    Instead: Guard the data with a Choice before the state that fails.
    """
    for policy in policies(subject):
        for index, error in policy.places:
            if error == "States.Runtime":
                pointer = f"{policy.pointer}/ErrorEquals/{index}"
                fix = subject.members.removed(pointer if len(policy.errors) > 1 else policy.pointer)
                message = "`States.Runtime` ends the execution, whatever is written here"
                yield Finding(message, subject.machine.locate(pointer), fix)
