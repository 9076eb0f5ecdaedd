"""The rule ``choice-no-default``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.rule import Finding, machine_rule
from dagmig.lint.source import Subject


@machine_rule(Severity.WARNING)
def choice_no_default(subject: Subject) -> Iterator[Finding]:
    """A choice does not say where to go when no rule matches.

    The execution then fails with `States.NoChoiceMatched`, which cannot be caught in the Choice itself.
    See https://docs.aws.amazon.com/step-functions/latest/dg/state-choice.html

    ```json bad
    {"StartAt": "Ask", "States": {
      "Ask": {"Type": "Choice",
        "Choices": [{"Variable": "$.ok", "BooleanEquals": true, "Next": "Done"}]},
      "Done": {"Type": "Succeed"}}}
    ```

    ```json good
    {"StartAt": "Ask", "States": {
      "Ask": {"Type": "Choice",
        "Choices": [{"Variable": "$.ok", "BooleanEquals": true, "Next": "Done"}],
        "Default": "Unknown"},
      "Unknown": {"Type": "Fail", "Error": "Unknown"},
      "Done": {"Type": "Succeed"}}}
    ```

    Instead: Add a `Default`, if only to a `Fail` state with a telling name.
    """
    for state in subject.machine.root.all_states():
        if state.type == "Choice" and "Default" not in state.fields:
            yield Finding(
                f"the choice `{state.name}` has no `Default`", subject.machine.locate(state.pointer, True)
            )
