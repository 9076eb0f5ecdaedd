"""The rule ``choice-variable-maybe-absent``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.machine.choices import COMPARISONS, tests
from dagmig.lint.machine.entry import is_asked_for, keys_of_path
from dagmig.lint.rule import Finding, machine_rule
from dagmig.lint.source import Subject


@machine_rule(Severity.WARNING, is_default=False)
def choice_variable_maybe_absent(subject: Subject) -> Iterator[Finding]:
    """A Choice compares a part of the execution's input that may not be there.

    Where whoever starts the machine leaves it out, the path finds nothing and the execution fails. Only
    what comes straight from the execution's input is judged, and only where nothing in the machine asks
    for it with `IsPresent`. Not on by default, as whoever starts the machine may always give it; without
    a fix, as only its author knows where an execution goes without it.
    See https://docs.aws.amazon.com/step-functions/latest/dg/state-choice.html

    ```json bad
    {"StartAt": "Full", "States": {
      "Full": {"Type": "Choice", "Default": "Part",
        "Choices": [{"Variable": "$.full", "BooleanEquals": true, "Next": "Done"}]},
      "Part": {"Type": "Wait", "Seconds": 60, "Next": "Done"},
      "Done": {"Type": "Succeed"}}}
    ```

    ```json good
    {"StartAt": "Full", "States": {
      "Full": {"Type": "Choice", "Default": "Part",
        "Choices": [{"And": [{"Variable": "$.full", "IsPresent": true},
          {"Variable": "$.full", "BooleanEquals": true}], "Next": "Done"}]},
      "Part": {"Type": "Wait", "Seconds": 60, "Next": "Done"},
      "Done": {"Type": "Succeed"}}}
    ```

    Instead: Ask with `IsPresent` first, in the same `And`.
    """
    for state in subject.states:
        for at, test in tests(state):
            is_compared = any(name in COMPARISONS and not name.startswith("Is") for name in test)
            for name in (
                name for name in test if is_compared and (name == "Variable" or name.endswith("Path"))
            ):
                keys = keys_of_path(str(test[name]), state, subject)
                if keys and not is_asked_for(keys, subject):
                    span = subject.machine.locate(f"{at}/{name}")
                    path = ".".join(("$", *keys))
                    yield Finding(f"`{path}` may not be in the execution's input", span)
