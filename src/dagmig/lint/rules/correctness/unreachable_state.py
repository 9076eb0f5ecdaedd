"""The rule ``unreachable-state``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.asl.model import Scope
from dagmig.diagnostics import Severity
from dagmig.lint.rule import Finding, machine_rule
from dagmig.lint.source import Subject


@machine_rule(Severity.WARNING)
def unreachable_state(subject: Subject) -> Iterator[Finding]:
    """No transition leads to a state.

    It never runs. Mostly a `Next` somewhere else names the wrong state.
    See https://states-language.net/spec.html#transitions

    ```json bad
    {"StartAt": "Load", "States": {
      "Load": {"Type": "Pass", "Next": "Done"},
      "Check": {"Type": "Pass", "Next": "Done"},
      "Done": {"Type": "Succeed"}}}
    ```

    ```json good
    {"StartAt": "Load", "States": {
      "Load": {"Type": "Pass", "Next": "Check"},
      "Check": {"Type": "Pass", "Next": "Done"},
      "Done": {"Type": "Succeed"}}}
    ```

    Instead: Lead a transition to it, or remove it.
    """
    for scope in subject.machine.root.walk():
        if scope.start_at not in scope.states:
            continue
        reached = _reached(scope)
        for state in scope.states.values():
            if state.name not in reached:
                span = subject.machine.locate(state.pointer, True)
                yield Finding(f"no transition leads to `{state.name}`", span)


def _reached(scope: Scope) -> set[str]:
    found, waiting = {scope.start_at}, [scope.start_at]
    while waiting:
        for arrow in scope.states[waiting.pop()].transitions():
            if arrow.target in scope.states and arrow.target not in found:
                found.add(arrow.target)
                waiting.append(arrow.target)
    return found
