"""The rule ``missing-required-field``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.asl.fields import REQUIRED, STATE_TYPES
from dagmig.diagnostics import Fix, Severity
from dagmig.lint.machine.values import all_parts, is_open
from dagmig.lint.rule import Finding, FixKind, machine_rule
from dagmig.lint.source import Subject

ENDS = frozenset({"Succeed", "Fail", "Choice"})


@machine_rule(Severity.ERROR, fix=FixKind.UNSAFE)
def missing_required_field(subject: Subject) -> Iterator[Finding]:
    """A state lacks a field without which Step Functions refuses it.

    A Task has a `Resource`, a Parallel `Branches`, a Map an `ItemProcessor`, a Choice `Choices`, a Wait
    says how long; and every state but Choice, Succeed and Fail says what is next, with `Next` or `"End":
    true`.
    The fix leads a state that says nothing of it to the one state that no transition leads to, or ends
    there if there is none; it is unsafe, as another may be meant. Of other fields it cannot know the value.
    See https://states-language.net/spec.html#state-type-table

    ```json bad
    {"StartAt": "Ask", "States": {
      "Ask": {"Type": "Choice", "Default": "Rest",
        "Choices": [{"Variable": "$.ready", "BooleanEquals": true, "Next": "Done"}]},
      "Rest": {"Type": "Wait", "Seconds": 60},
      "Done": {"Type": "Succeed"}}}
    ```

    ```json good
    {"StartAt": "Ask", "States": {
      "Ask": {"Type": "Choice", "Default": "Rest",
        "Choices": [{"Variable": "$.ready", "BooleanEquals": true, "Next": "Done"}]},
      "Rest": {"Type": "Wait", "Seconds": 60, "End": true},
      "Done": {"Type": "Succeed"}}}
    ```

    Instead: Add the field.
    """
    for part in all_parts(subject):
        missing = [
            group[0] for group in REQUIRED.get(part.of, ()) if not any(one in part.values for one in group)
        ]
        is_state = part.of in STATE_TYPES - ENDS
        if is_state and "Next" not in part.values and part.values.get("End") in (None, False):
            missing.append("Next")
        if any(is_open(key) for key in part.values):
            continue
        for name in missing:
            hint = " (or `End`)" if name == "Next" and is_state else ""
            key = part.of in STATE_TYPES
            fix = _led_on(part.pointer, subject) if hint else None
            message = f"this {part.of} has no `{name}`{hint}"
            yield Finding(message, subject.machine.locate(part.pointer, key), fix)


def _led_on(pointer: str, subject: Subject) -> Fix | None:
    """To the one state of the level that nothing leads to, or to the end where something leads to all."""
    for scope in subject.scopes:
        state = next((one for one in scope.states.values() if one.pointer == pointer), None)
        if state is None or "End" in state.fields:
            continue
        led = {
            scope.start_at,
            *(arrow.target for one in scope.states.values() for arrow in one.transitions()),
        }
        left = [name for name in scope.states if name not in led and name != state.name]
        if not left:
            return subject.members.added(pointer, "End", True)
        return subject.members.added(pointer, "Next", left[0]) if len(left) == 1 else None
    return None
