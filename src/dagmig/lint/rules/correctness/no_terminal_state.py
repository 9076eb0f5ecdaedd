"""The rule ``no-terminal-state``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.rule import Finding, machine_rule
from dagmig.lint.source import Subject


@machine_rule(Severity.ERROR)
def no_terminal_state(subject: Subject) -> Iterator[Finding]:
    """No state ends the machine.

    A machine, a branch or a Map's processor ends in a `Succeed`, a `Fail`, or a state with
    `"End": true`. Without one an execution goes round until its history is full and it fails.
    See https://states-language.net/spec.html#terminal-state

    ```json bad
    {"StartAt": "Ask", "States": {
      "Ask": {"Type": "Pass", "Next": "Rest"},
      "Rest": {"Type": "Wait", "Seconds": 60, "Next": "Ask"}}}
    ```

    ```json good
    {"StartAt": "Ask", "States": {
      "Ask": {"Type": "Pass", "Next": "Rest"},
      "Rest": {"Type": "Wait", "Seconds": 60, "End": true}}}
    ```

    Instead: Give a state `"End": true`, or add a `Succeed` state.
    """
    for scope in subject.scopes:
        if scope.states and not any(state.is_terminal for state in scope.states.values()):
            span = subject.machine.locate(f"{scope.pointer}/States", True)
            yield Finding("no state here ends: there is no Succeed, no Fail and no `End`", span)
