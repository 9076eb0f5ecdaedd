"""The rule ``no-op-pass``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.rule import Finding, machine_rule
from dagmig.lint.source import Subject


@machine_rule(Severity.INFO, is_default=False)
def no_op_pass(subject: Subject) -> Iterator[Finding]:
    """A Pass does nothing.

    It hands on its input as it is, and costs a transition each time.
    There is no fix: it would have to remove a state, which runs and their readers know by its name.
    See https://docs.aws.amazon.com/step-functions/latest/dg/state-pass.html

    ```json bad
    {"StartAt": "Begin", "States": {
      "Begin": {"Type": "Pass", "Next": "Rest"},
      "Rest": {"Type": "Wait", "Seconds": 60, "End": true}}}
    ```

    ```json good
    {"StartAt": "Rest", "States": {
      "Rest": {"Type": "Wait", "Seconds": 60, "End": true}}}
    ```

    Instead: Lead the transition on to the next state.
    """
    for state in subject.states:
        is_bare = state.fields.keys() <= {"Type", "Next", "Comment", "QueryLanguage"}
        if state.type == "Pass" and "Next" in state.fields and is_bare:
            yield Finding(f"`{state.name}` does nothing", subject.machine.locate(state.pointer, True))
