"""The rule ``transition-escapes-scope``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.rule import Finding, machine_rule
from dagmig.lint.source import Subject


@machine_rule(Severity.ERROR)
def transition_escapes_scope(subject: Subject) -> Iterator[Finding]:
    """A transition leads out of a branch or a Map's processor, or into one.

    Step Functions refuses the definition: the states of a branch go on to states of the same branch only,
    and what comes after all branches is the `Next` of the Parallel or Map itself.
    See https://states-language.net/spec.html#parallel-state

    ```json bad
    {"StartAt": "Both", "States": {
      "Both": {"Type": "Parallel", "Next": "Done", "Branches": [
        {"StartAt": "Look", "States": {
          "Look": {"Type": "Choice", "Default": "Over",
            "Choices": [{"Variable": "$.ok", "BooleanEquals": true, "Next": "Done"}]},
          "Over": {"Type": "Succeed"}}}]},
      "Done": {"Type": "Succeed"}}}
    ```

    ```json good
    {"StartAt": "Both", "States": {
      "Both": {"Type": "Parallel", "Next": "Done", "Branches": [
        {"StartAt": "Look", "States": {
          "Look": {"Type": "Choice", "Default": "Over",
            "Choices": [{"Variable": "$.ok", "BooleanEquals": true, "Next": "Over"}]},
          "Over": {"Type": "Succeed"}}}]},
      "Done": {"Type": "Succeed"}}}
    ```

    Instead: End the branch there, and let the `Next` of the Parallel or Map lead on.
    """
    names = {state.name for state in subject.states}
    for scope in subject.scopes:
        for state in scope.states.values():
            for arrow in state.transitions():
                if arrow.target not in scope.states and arrow.target in names:
                    message = f"`{state.name}` goes to `{arrow.target}`, which is on another level"
                    yield Finding(message, subject.machine.locate(arrow.pointer))
