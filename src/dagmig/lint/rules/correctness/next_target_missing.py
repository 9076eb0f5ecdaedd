"""The rule ``next-target-missing``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.asl.model import Scope
from dagmig.diagnostics import Severity
from dagmig.lint.rule import Finding, machine_rule
from dagmig.lint.source import Subject


@machine_rule(Severity.ERROR)
def next_target_missing(subject: Subject) -> Iterator[Finding]:
    """A transition names a state that is not there.

    Step Functions refuses the definition. `StartAt`, `Next` and `Default` name a state of the same level:
    a branch of a Parallel and the processor of a Map are levels of their own.
    See https://states-language.net/spec.html#transitions

    ```json bad
    {"StartAt": "Load", "States": {
      "Load": {"Type": "Choice",
        "Choices": [{"Variable": "$.empty", "BooleanEquals": true, "Next": "Done"}],
        "Default": "Doen"},
      "Done": {"Type": "Succeed"}}}
    ```

    ```json good
    {"StartAt": "Load", "States": {
      "Load": {"Type": "Choice",
        "Choices": [{"Variable": "$.empty", "BooleanEquals": true, "Next": "Done"}],
        "Default": "Done"},
      "Done": {"Type": "Succeed"}}}
    ```

    Instead: Correct the name, or add the state.
    """
    machine = subject.machine
    for scope in machine.root.walk():
        if scope.states and scope.start_at and _is_missing(scope.start_at, scope):
            message = f"`StartAt` names `{scope.start_at}`, which is no state here"
            yield Finding(message, machine.locate(f"{scope.pointer}/StartAt"))
        for state in scope.states.values():
            for arrow in state.transitions():
                if _is_missing(arrow.target, scope):
                    message = f"`{state.name}` goes to `{arrow.target}`, which is no state of its level"
                    yield Finding(message, machine.locate(arrow.pointer))


def _is_missing(name: str, scope: Scope) -> bool:
    return name not in scope.states and "${" not in name
