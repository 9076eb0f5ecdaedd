"""The rule ``catch-goes-to-success``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.machine.policies import policies
from dagmig.lint.rule import Finding, machine_rule
from dagmig.lint.source import Subject


@machine_rule(Severity.WARNING)
def catch_goes_to_success(subject: Subject) -> Iterator[Finding]:
    """A caught error ends the execution as a success.

    The catcher goes straight to a Succeed state: the execution is green, and nothing says that its work
    was not done. A catcher of named errors, which may be expected ones, is left alone.
    See https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html

    ```json bad
    {"StartAt": "Load", "TimeoutSeconds": 900, "States": {
      "Load": {"Type": "Task", "Resource": "arn:aws:states:::glue:startJobRun",
        "Parameters": {"JobName": "load"},
        "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 5}], "Next": "Done",
        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Done"}]},
      "Done": {"Type": "Succeed"}}}
    ```

    ```json good
    {"StartAt": "Load", "TimeoutSeconds": 900, "States": {
      "Load": {"Type": "Task", "Resource": "arn:aws:states:::glue:startJobRun",
        "Parameters": {"JobName": "load"},
        "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 5}], "Next": "Done",
        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Failed"}]},
      "Failed": {"Type": "Fail", "Error": "Load failed"},
      "Done": {"Type": "Succeed"}}}
    ```

    Instead: Go to a Fail state, or to a state that reports the error.
    """
    succeeds = {
        state.name for state in subject.states if state.type == "Succeed" and "Output" not in state.fields
    }
    for policy in policies(subject):
        wide = set(policy.errors) & {"States.ALL", "States.TaskFailed"}
        keeps = policy.values.keys() & {"Assign", "Output", "ResultPath"}
        target = policy.values.get("Next")
        is_outermost = policy.state.pointer.count("/States/") == 1
        if policy.key != "Catch" or not is_outermost:
            continue  # a branch or an item that ends well ends no execution
        if wide and not keeps and isinstance(target, str) and target in succeeds:
            span = subject.machine.locate(f"{policy.pointer}/Next")
            yield Finding(f"after any error `{policy.state.name}` goes to a success", span)
