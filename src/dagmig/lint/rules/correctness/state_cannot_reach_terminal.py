"""The rule ``state-cannot-reach-terminal``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.asl.flow import reached
from dagmig.asl.model import Scope
from dagmig.diagnostics import Severity
from dagmig.lint.rule import Finding, machine_rule
from dagmig.lint.source import Subject


@machine_rule(Severity.WARNING)
def state_cannot_reach_terminal(subject: Subject) -> Iterator[Finding]:
    """From a state the machine can never end.

    Its transitions only lead round in a loop. An execution that gets there runs until its history of
    25,000 events is full, and then fails.
    See https://docs.aws.amazon.com/step-functions/latest/dg/sfn-best-practices.html#bp-history-limit

    ```json bad
    {"StartAt": "Ready", "States": {
      "Ready": {"Type": "Choice", "Choices": [{"Variable": "$.ready", "BooleanEquals": true, "Next": "Done"}],
        "Default": "Rest"},
      "Rest": {"Type": "Wait", "Seconds": 60, "Next": "Look"},
      "Look": {"Type": "Pass", "Next": "Rest"},
      "Done": {"Type": "Succeed"}}}
    ```

    ```json good
    {"StartAt": "Ready", "States": {
      "Ready": {"Type": "Choice", "Choices": [{"Variable": "$.ready", "BooleanEquals": true, "Next": "Done"}],
        "Default": "Rest"},
      "Rest": {"Type": "Wait", "Seconds": 60, "Next": "Look"},
      "Look": {"Type": "Pass", "Next": "Ready"},
      "Done": {"Type": "Succeed"}}}
    ```

    Instead: Let a Choice in the loop lead out of it.
    """
    for scope in subject.scopes:
        if not any(state.is_terminal for state in scope.states.values()):
            continue  # no-terminal-state says so once
        for name in _stuck(scope):
            span = subject.machine.locate(scope.states[name].pointer, True)
            yield Finding(f"no way leads from `{name}` to an end", span)


def _stuck(scope: Scope) -> Iterator[str]:
    """The states that run, from which none that ends can be reached; a way to nowhere is another's fault."""
    if scope.start_at not in scope.states:
        return
    for name in reached(scope, scope.start_at):
        ahead = [scope.states[one] for one in reached(scope, name)]
        is_known = all(arrow.target in scope.states for one in ahead for arrow in one.transitions())
        if is_known and not any(one.is_terminal or not any(one.transitions()) for one in ahead):
            yield name
