"""The rule ``missing-required-field``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.asl.fields import REQUIRED, STATE_TYPES
from dagmig.diagnostics import Severity
from dagmig.lint.machine.values import all_parts, is_open
from dagmig.lint.rule import Finding, machine_rule
from dagmig.lint.source import Subject

ENDS = frozenset({"Succeed", "Fail", "Choice"})


@machine_rule(Severity.ERROR)
def missing_required_field(subject: Subject) -> Iterator[Finding]:
    """A state lacks a field without which Step Functions refuses it.

    A Task has a `Resource`, a Parallel `Branches`, a Map an `ItemProcessor`, a Choice `Choices`, a Wait
    says how long; and every state but Choice, Succeed and Fail says what is next, with `Next` or `"End":
    true`.
    See https://states-language.net/spec.html#state-type-table

    ```json bad
    {"StartAt": "Rest", "States": {
      "Rest": {"Type": "Wait", "Next": "Done"},
      "Done": {"Type": "Succeed"}}}
    ```

    ```json good
    {"StartAt": "Rest", "States": {
      "Rest": {"Type": "Wait", "Seconds": 60, "Next": "Done"},
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
            yield Finding(f"this {part.of} has no `{name}`{hint}", subject.machine.locate(part.pointer, key))
