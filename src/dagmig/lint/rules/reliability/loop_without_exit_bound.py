"""The rule ``loop-without-exit-bound``."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from dagmig.asl.flow import loops
from dagmig.diagnostics import Severity
from dagmig.lint.rule import Finding, machine_rule
from dagmig.lint.source import Subject


@machine_rule(Severity.WARNING, is_default=False)
def loop_without_exit_bound(subject: Subject) -> Iterator[Finding]:
    """A loop goes round as often as something outside says.

    Nothing counts its rounds and the machine has no timeout: where what it waits for never comes, it goes on
    until the history of 25,000 events is full. Opt-in: whether a loop ends is mostly known to what it asks, a
    job that ends of itself, and `history-quota-risk` and `tight-loop` speak of the loops that cost.
    See https://docs.aws.amazon.com/step-functions/latest/dg/sfn-best-practices.html#bp-history-limit

    ```json bad
    {"StartAt": "Rest", "States": {
      "Rest": {"Type": "Wait", "Seconds": 60, "Next": "Ready"},
      "Ready": {"Type": "Choice", "Choices": [{"Variable": "$.ready", "BooleanEquals": true, "Next": "Done"}],
        "Default": "Rest"},
      "Done": {"Type": "Succeed"}}}
    ```

    ```json good
    {"TimeoutSeconds": 7200, "StartAt": "Rest", "States": {
      "Rest": {"Type": "Wait", "Seconds": 60, "Next": "Ready"},
      "Ready": {"Type": "Choice", "Choices": [{"Variable": "$.ready", "BooleanEquals": true, "Next": "Done"}],
        "Default": "Rest"},
      "Done": {"Type": "Succeed"}}}
    ```

    Instead: Give the machine a timeout, or count the rounds.
    """
    if "TimeoutSeconds" in subject.machine.document:
        return
    for scope in subject.scopes:
        for group in loops(scope):
            states = [state for name, state in scope.states.items() if name in group]
            text = json.dumps([state.fields for state in states])
            if not COUNTS.search(text):
                span = subject.machine.locate(states[0].pointer, True)
                yield Finding(f"nothing bounds the loop of {len(states)} states that begins here", span)


COUNTS = re.compile(
    r"States\.MathAdd|\+ ?1\b|- ?1\b|count|attempt|index|remaining|Token|LastEvaluatedKey", re.IGNORECASE
)
