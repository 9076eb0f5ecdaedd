"""The rule ``tight-loop``."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from dagmig.asl.flow import loops
from dagmig.diagnostics import Severity
from dagmig.lint.machine.calls import calls
from dagmig.lint.rule import Finding, machine_rule
from dagmig.lint.source import Subject

READS = re.compile(r"(?:describe|get|list|head)[A-Z].*")
PAGES = re.compile(r"Token|Marker|LastEvaluatedKey|ExclusiveStart|count|index", re.IGNORECASE)


@machine_rule(Severity.WARNING)
def tight_loop(subject: Subject) -> Iterator[Finding]:
    """A loop asks a service again and again without a pause.

    A loop of calls that only read (`describe...`, `get...`, `list...`) and a Choice, without a Wait: it
    is throttled, each round costs, and the history is full within minutes. A loop over pages of results
    is left alone.
    There is no fix: it would have to add a state, and how long to wait depends on what is asked.
    See https://docs.aws.amazon.com/step-functions/latest/dg/sfn-best-practices.html#bp-history-limit

    ```json bad
    {"StartAt": "Look", "States": {
      "Look": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:glue:getCrawler", "Next": "Ready",
        "Parameters": {"Name": "orders"},
        "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 2}]},
      "Ready": {"Type": "Choice", "Default": "Look",
        "Choices": [{"Variable": "$.Crawler.State", "StringEquals": "READY", "Next": "Done"}]},
      "Done": {"Type": "Succeed"}}}
    ```

    ```json good
    {"StartAt": "Look", "States": {
      "Look": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:glue:getCrawler", "Next": "Ready",
        "Parameters": {"Name": "orders"},
        "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 2}]},
      "Ready": {"Type": "Choice", "Default": "Rest",
        "Choices": [{"Variable": "$.Crawler.State", "StringEquals": "READY", "Next": "Done"}]},
      "Rest": {"Type": "Wait", "Seconds": 60, "Next": "Look"},
      "Done": {"Type": "Succeed"}}}
    ```

    Instead: Put a Wait into the loop.
    """
    called = {call.state.pointer: call.resource for call in calls(subject)}
    for scope in subject.scopes:
        for group in loops(scope):
            states = [state for name, state in scope.states.items() if name in group]
            tasks = [state for state in states if state.type == "Task"]
            resources = [called.get(state.pointer) for state in tasks]
            if not tasks or not all(one is not None and READS.fullmatch(one.action) for one in resources):
                continue
            is_quick = {state.type for state in states} <= {"Task", "Choice", "Pass"}
            if is_quick and not PAGES.search(json.dumps([state.fields for state in states])):
                span = subject.machine.locate(tasks[0].pointer, True)
                yield Finding(f"the loop around `{tasks[0].name}` never waits", span)
