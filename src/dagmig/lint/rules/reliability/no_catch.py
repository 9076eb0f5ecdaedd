"""The rule ``no-catch``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.machine.policies import policies
from dagmig.lint.rule import Finding, machine_rule
from dagmig.lint.source import Subject


@machine_rule(Severity.WARNING, is_default=False)
def no_catch(subject: Subject) -> Iterator[Finding]:
    """No state of the machine catches an error.

    A failure then ends the execution, and nobody is told but whoever watches the console.
    See https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html

    ```json bad
    {"StartAt": "Load", "TimeoutSeconds": 900, "States": {
      "Load": {"Type": "Task", "Resource": "arn:aws:states:::glue:startJobRun",
        "Parameters": {"JobName": "load"},
        "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 5}], "End": true}}}
    ```

    ```json good
    {"StartAt": "Load", "TimeoutSeconds": 900, "States": {
      "Load": {"Type": "Task", "Resource": "arn:aws:states:::glue:startJobRun",
        "Parameters": {"JobName": "load"},
        "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 5}], "End": true,
        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Failed"}]},
      "Failed": {"Type": "Fail", "Error": "Load failed"}}}
    ```

    Instead: Catch `States.ALL`, and tell somebody.
    """
    works = any(state.type == "Task" for state in subject.states)
    if works and not any(policy.key == "Catch" for policy in policies(subject)):
        yield Finding("no state has a `Catch`", subject.machine.locate("/StartAt", True))
