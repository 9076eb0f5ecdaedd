"""The rule ``parallel-no-catch``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.machine.policies import policies
from dagmig.lint.rule import Finding, machine_rule
from dagmig.lint.source import Subject


@machine_rule(Severity.INFO, is_default=False)
def parallel_no_catch(subject: Subject) -> Iterator[Finding]:
    """A Parallel stops all its branches when one of them fails, and nothing catches that.

    The tasks of the other branches are told to stop, or run on unheeded: what they have done by then stays
    done. Said of a Parallel that calls something, where neither it nor a state around it has a `Catch`.
    See https://docs.aws.amazon.com/step-functions/latest/dg/state-parallel.html#error-handling-parallel-state

    ```json bad
    {"StartAt": "Both", "States": {
      "Both": {"Type": "Parallel", "End": true, "Branches": [
        {"StartAt": "Load", "States": {
          "Load": {"Type": "Task", "Resource": "arn:aws:states:::glue:startJobRun",
            "Parameters": {"JobName": "load"}, "TimeoutSeconds": 900,
            "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 5}], "End": true}}},
        {"StartAt": "Rest", "States": {"Rest": {"Type": "Wait", "Seconds": 5, "End": true}}}]}}}
    ```

    ```json good
    {"StartAt": "Both", "States": {
      "Both": {"Type": "Parallel", "End": true,
        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Undo"}], "Branches": [
        {"StartAt": "Load", "States": {
          "Load": {"Type": "Task", "Resource": "arn:aws:states:::glue:startJobRun",
            "Parameters": {"JobName": "load"}, "TimeoutSeconds": 900,
            "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 5}], "End": true}}},
        {"StartAt": "Rest", "States": {"Rest": {"Type": "Wait", "Seconds": 5, "End": true}}}]},
      "Undo": {"Type": "Fail", "Error": "Load failed"}}}
    ```

    Instead: Catch `States.ALL`, and undo or tell what was done.
    """
    tasks = [state.pointer for state in subject.states if state.type == "Task"]
    caught = [policy.state.pointer for policy in policies(subject) if policy.key == "Catch"]
    for state in subject.states:
        inside = f"{state.pointer}/"
        is_caught = any(inside.startswith(f"{one}/") for one in caught)
        if state.type == "Parallel" and not is_caught and any(task.startswith(inside) for task in tasks):
            message = f"nothing catches an error in a branch of `{state.name}`"
            yield Finding(message, subject.machine.locate(state.pointer, True))
