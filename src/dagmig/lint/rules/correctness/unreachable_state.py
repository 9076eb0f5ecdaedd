"""The rule ``unreachable-state``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.asl.flow import reached
from dagmig.diagnostics import Severity
from dagmig.lint.rule import Finding, machine_rule
from dagmig.lint.source import Subject


@machine_rule(Severity.WARNING)
def unreachable_state(subject: Subject) -> Iterator[Finding]:
    """No transition leads to a state.

    It never runs. Mostly a `Next` somewhere else names the wrong state.
    There is no fix: it would have to remove a state, and mostly the state is right and a transition is wrong.
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
    for scope in subject.scopes:
        if scope.start_at not in scope.states:
            continue
        seen = reached(scope, scope.start_at)
        for state in scope.states.values():
            if state.name not in seen:
                span = subject.machine.locate(state.pointer, True)
                yield Finding(f"no transition leads to `{state.name}`", span)
