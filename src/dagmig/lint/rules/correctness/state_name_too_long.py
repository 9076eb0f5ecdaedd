"""The rule ``state-name-too-long``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.machine.values import is_open
from dagmig.lint.rule import Finding, machine_rule
from dagmig.lint.source import Subject

MAX_NAME = 80


@machine_rule(Severity.ERROR)
def state_name_too_long(subject: Subject) -> Iterator[Finding]:
    """The name of a state is longer than 80 characters.

    Step Functions refuses the definition. What a name says at length fits into a `Comment`.
    There is no fix: what a shorter name says well nobody but its author knows.
    See https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html

    ```json bad
    {"StartAt": "Rest", "States": {
      "Rest": {"Type": "Wait", "Seconds": 60,
        "Next": "Rest until the other system has taken over all of the data and is done with its own work"},
      "Rest until the other system has taken over all of the data and is done with its own work":
        {"Type": "Succeed"}}}
    ```

    ```json good
    {"StartAt": "Rest", "States": {
      "Rest": {"Type": "Wait", "Seconds": 60, "Next": "Rested long enough"},
      "Rested long enough": {"Type": "Succeed"}}}
    ```

    Instead: Choose a shorter name, and say the rest in the `Comment`.
    """
    for state in subject.states:
        if len(state.name) > MAX_NAME and not is_open(state.name):
            message = f"the name has {len(state.name)} characters, {MAX_NAME} are allowed"
            yield Finding(message, subject.machine.locate(state.pointer, True))
