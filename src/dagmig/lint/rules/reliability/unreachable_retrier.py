"""The rule ``unreachable-retrier``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.asl.model import State
from dagmig.diagnostics import Severity
from dagmig.lint.machine.policies import of_state
from dagmig.lint.rule import Finding, machine_rule
from dagmig.lint.source import Subject


@machine_rule(Severity.WARNING)
def unreachable_retrier(subject: Subject) -> Iterator[Finding]:
    """A retrier or catcher names no error that one before it would not take.

    They are tried in their order, and the first that names the error acts. `States.TaskFailed` names
    every error of a task but `States.Timeout`.
    See https://states-language.net/spec.html#errors

    ```json bad
    {"StartAt": "Load", "TimeoutSeconds": 900, "States": {
      "Load": {"Type": "Task", "Resource": "arn:aws:states:::glue:startJobRun",
        "Parameters": {"JobName": "load"},
        "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 2},
          {"ErrorEquals": ["Glue.ConcurrentRunsExceededException"], "MaxAttempts": 9}], "End": true}}}
    ```

    ```json good
    {"StartAt": "Load", "TimeoutSeconds": 900, "States": {
      "Load": {"Type": "Task", "Resource": "arn:aws:states:::glue:startJobRun",
        "Parameters": {"JobName": "load"},
        "Retry": [{"ErrorEquals": ["Glue.ConcurrentRunsExceededException"], "MaxAttempts": 9},
          {"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 2}], "End": true}}}
    ```

    Instead: Write the narrower one first.
    """
    for state in subject.states:
        for key in ("Retry", "Catch"):
            seen: set[str] = set()
            for policy in of_state(state, key):
                if policy.errors and all(_is_taken(error, seen, state) for error in policy.errors):
                    span = subject.machine.locate(f"{policy.pointer}/ErrorEquals")
                    shown = ", ".join(f"`{error}`" for error in policy.errors)
                    yield Finding(f"one before it takes {shown}", span)
                seen.update(policy.errors)


def _is_taken(error: str, seen: set[str], state: State) -> bool:
    wide = state.type == "Task" and "States.TaskFailed" in seen and not error.startswith("States.")
    return error in seen or wide
