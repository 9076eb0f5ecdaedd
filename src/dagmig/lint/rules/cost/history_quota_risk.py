"""The rule ``history-quota-risk``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.asl.flow import loops
from dagmig.diagnostics import Severity
from dagmig.lint.machine.templates import is_express
from dagmig.lint.machine.values import number
from dagmig.lint.rule import Finding, machine_rule
from dagmig.lint.source import Subject

LIMIT = 25_000


@machine_rule(Severity.WARNING)
def history_quota_risk(subject: Subject) -> Iterator[Finding]:
    """A polling loop fills the history of an execution before the machine times out.

    An execution has at most 25,000 events, and fails when they are used up. A round of the loop is
    reckoned with two events a state and three more a task, and with the shortest of its Waits.
    See https://docs.aws.amazon.com/step-functions/latest/dg/sfn-best-practices.html#bp-history-limit

    ```json bad
    {"TimeoutSeconds": 86400, "StartAt": "Rest", "States": {
      "Rest": {"Type": "Wait", "Seconds": 10, "Next": "Ready"},
      "Ready": {"Type": "Choice", "Choices": [{"Variable": "$.ready", "BooleanEquals": true, "Next": "Done"}],
        "Default": "Rest"},
      "Done": {"Type": "Succeed"}}}
    ```

    ```json good
    {"TimeoutSeconds": 86400, "StartAt": "Rest", "States": {
      "Rest": {"Type": "Wait", "Seconds": 60, "Next": "Ready"},
      "Ready": {"Type": "Choice", "Choices": [{"Variable": "$.ready", "BooleanEquals": true, "Next": "Done"}],
        "Default": "Rest"},
      "Done": {"Type": "Succeed"}}}
    ```

    Instead: Wait longer, or let an execution start the next one.
    """
    limit = number(subject.machine.document.get("TimeoutSeconds"))
    if limit is None or is_express(subject):
        return
    for scope in subject.scopes:
        for group in loops(scope):
            states = [state for name, state in scope.states.items() if name in group]
            pauses = [number(state.fields.get("Seconds")) for state in states if state.type == "Wait"]
            if not pauses or None in pauses or any(state.type in ("Parallel", "Map") for state in states):
                continue
            pause = max(1, sum(one or 0 for one in pauses))
            events = sum(5 if state.type == "Task" else 2 for state in states) * limit / pause
            works = any(state.type == "Task" for state in states)
            if events > LIMIT * (2 if works else 1):
                at = next(state for state in states if state.type == "Wait")
                span = subject.machine.locate(at.pointer, True)
                message = (
                    f"this loop makes about {events:,.0f} events until the timeout, {LIMIT:,} are allowed"
                )
                yield Finding(message, span)
