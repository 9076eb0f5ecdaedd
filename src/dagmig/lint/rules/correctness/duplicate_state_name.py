"""The rule ``duplicate-state-name``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.rule import Finding, machine_rule
from dagmig.lint.source import Subject


@machine_rule(Severity.ERROR)
def duplicate_state_name(subject: Subject) -> Iterator[Finding]:
    """Two states of a machine have the same name.

    Names are unique in the whole definition, the branches of a Parallel and the processor of a Map
    included, and Step Functions refuses one that is not.
    See https://docs.aws.amazon.com/step-functions/latest/dg/statemachine-structure.html

    ```json bad
    {"StartAt": "Both", "States": {
      "Both": {"Type": "Parallel", "End": true, "Branches": [
        {"StartAt": "Rest", "States": {"Rest": {"Type": "Wait", "Seconds": 5, "End": true}}},
        {"StartAt": "Rest", "States": {"Rest": {"Type": "Wait", "Seconds": 9, "End": true}}}]}}}
    ```

    ```json good
    {"StartAt": "Both", "States": {
      "Both": {"Type": "Parallel", "End": true, "Branches": [
        {"StartAt": "Rest", "States": {"Rest": {"Type": "Wait", "Seconds": 5, "End": true}}},
        {"StartAt": "Rest longer", "States": {"Rest longer": {"Type": "Wait", "Seconds": 9, "End": true}}}]}}}
    ```

    Instead: Give one of them another name.
    """
    seen: set[str] = set()
    for state in subject.states:
        if state.name in seen:
            message = f"another state of the machine is named `{state.name}`"
            yield Finding(message, subject.machine.locate(state.pointer, True))
        seen.add(state.name)
