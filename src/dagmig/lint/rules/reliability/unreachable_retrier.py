"""The rule ``unreachable-retrier``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.asl.model import State
from dagmig.diagnostics import Fix, Severity
from dagmig.lint.machine.policies import Policy, of_state
from dagmig.lint.rule import Finding, FixKind, machine_rule
from dagmig.lint.source import Subject


@machine_rule(Severity.WARNING, fix=FixKind.UNSAFE)
def unreachable_retrier(subject: Subject) -> Iterator[Finding]:
    """A retrier or catcher names no error that one before it would not take.

    They are tried in their order, and the first that names the error acts. `States.TaskFailed` names
    every error of a task but `States.Timeout`.
    The fix removes one that names nothing new, and exchanges one with the wider one right before it, where
    both stand between brackets; it is unsafe, as other attempts are made.
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
                    fix = _mended(policy, list(of_state(state, key)), subject)
                    shown = ", ".join(f"`{error}`" for error in policy.errors)
                    yield Finding(f"one before it takes {shown}", span, fix)
                seen.update(policy.errors)


def _mended(policy: Policy, all_of_state: list[Policy], subject: Subject) -> Fix | None:
    """The narrower one first where it stands right behind the wide one; what is taken by name is removed."""
    seen = {error for one in all_of_state if one.index < policy.index for error in one.errors}
    if seen.issuperset(policy.errors):
        return subject.members.removed(policy.pointer)
    before = next((one for one in all_of_state if one.index == policy.index - 1), None)
    if before is None or "States.TaskFailed" not in before.errors or not seen.isdisjoint(policy.errors):
        return None
    return subject.members.swapped(policy.pointer, before.pointer)


def _is_taken(error: str, seen: set[str], state: State) -> bool:
    wide = state.type == "Task" and "States.TaskFailed" in seen and not error.startswith("States.")
    return error in seen or wide
