"""The rule ``task-no-timeout``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.asl.resource import Resource, parse
from dagmig.diagnostics import Severity
from dagmig.lint.rule import Finding, FixKind, machine_rule
from dagmig.lint.source import Subject

LONG = frozenset({"lambda", "apigateway"})  # answer when the work behind them is done


@machine_rule(Severity.WARNING, fix=FixKind.UNSAFE)
def task_no_timeout(subject: Subject) -> Iterator[Finding]:
    """A task may wait for ever.

    Without `TimeoutSeconds` a task waits 99999999 seconds, three years, for an answer that got lost. Left
    alone: a request that AWS answers at once (an SDK call, a message, a job that is started and not waited
    for), a call of an HTTP endpoint, which ends after 60 seconds, and every task of a machine that has a
    `TimeoutSeconds` of its own.
    The fix allows 15 minutes for a Lambda function, which is AWS's own limit, a day for an activity or a
    callback, and an hour for anything else; it is unsafe, as a task may need longer.
    See https://docs.aws.amazon.com/step-functions/latest/dg/sfn-best-practices.html#sfn-stuck-execution

    ```json bad
    {"StartAt": "Load", "States": {
      "Load": {"Type": "Task", "Resource": "arn:aws:states:::glue:startJobRun.sync",
        "Parameters": {"JobName": "load"},
        "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 2}],
        "End": true}}}
    ```

    ```json good
    {"StartAt": "Load", "States": {
      "Load": {"Type": "Task", "Resource": "arn:aws:states:::glue:startJobRun.sync", "TimeoutSeconds": 3600,
        "Parameters": {"JobName": "load"},
        "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 2}],
        "End": true}}}
    ```

    Instead: Set `TimeoutSeconds` on the task, or on the machine.
    """
    machine = subject.machine
    if "TimeoutSeconds" in machine.document:
        return
    for state in machine.root.all_states():
        text = state.fields.get("Resource")
        if state.type != "Task" or not isinstance(text, str):
            continue
        if "TimeoutSeconds" in state.fields or "TimeoutSecondsPath" in state.fields:
            continue
        resource = parse(text)
        answers_at_once = resource.kind in ("sdk", "optimized") and resource.service not in LONG
        if resource.pattern or not answers_at_once:
            span = machine.locate(state.pointer, True)
            seconds = _limit(resource)
            fix = subject.members.added(state.pointer, "TimeoutSeconds", seconds, after=("Resource",))
            yield Finding(f"the task `{state.name}` has no `TimeoutSeconds`", span, fix)


def _limit(resource: Resource) -> int:
    """The seconds that a fix allows: no function runs longer than 15 minutes; a person may take a day."""
    if resource.is_callback or resource.kind == "activity":
        return 86400
    return 900 if resource.is_lambda else 3600
