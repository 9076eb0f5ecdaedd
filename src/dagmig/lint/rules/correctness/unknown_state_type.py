"""The rule ``unknown-state-type``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.asl.fields import STATE_TYPES
from dagmig.diagnostics import Severity
from dagmig.lint.machine.values import is_open
from dagmig.lint.rule import Finding, machine_rule
from dagmig.lint.source import Subject


@machine_rule(Severity.ERROR)
def unknown_state_type(subject: Subject) -> Iterator[Finding]:
    """A state has no type, or one that the language does not have.

    The types are Task, Parallel, Map, Pass, Wait, Choice, Succeed and Fail, and Step Functions refuses
    others.
    See https://states-language.net/spec.html#states-fields

    ```json bad
    {"StartAt": "Rest", "States": {
      "Rest": {"Type": "Sleep", "Seconds": 5, "Next": "Done"},
      "Done": {"Type": "Succeed"}}}
    ```

    ```json good
    {"StartAt": "Rest", "States": {
      "Rest": {"Type": "Wait", "Seconds": 5, "Next": "Done"},
      "Done": {"Type": "Succeed"}}}
    ```

    Instead: Give the state one of the eight types.
    """
    for state in subject.states:
        if state.type in STATE_TYPES or is_open(state.fields.get("Type")):
            continue
        said = f"is of the type `{state.type}`, which there is not" if state.type else "has no `Type`"
        at = f"{state.pointer}/Type" if "Type" in state.fields else state.pointer
        yield Finding(f"the state `{state.name}` {said}", subject.machine.locate(at, at == state.pointer))
