"""The rule ``task-no-timeout``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.asl.resource import parse
from dagmig.diagnostics import Severity
from dagmig.lint.rule import Finding, machine_rule
from dagmig.lint.source import Subject

LONG = frozenset({"lambda", "apigateway"})  # answer when the work behind them is done


@machine_rule(Severity.WARNING)
def task_no_timeout(subject: Subject) -> Iterator[Finding]:
    """A task may wait for ever.

    Without `TimeoutSeconds` a task waits 99999999 seconds, three years, for an answer that got lost. Left
    alone: a request that AWS answers at once (an SDK call, a message, a job that is started and not waited
    for), a call of an HTTP endpoint, which ends after 60 seconds, and every task of a machine that has a
    `TimeoutSeconds` of its own.
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
      "Load": {"Type": "Task", "Resource": "arn:aws:states:::glue:startJobRun.sync",
        "Parameters": {"JobName": "load"},
        "TimeoutSeconds": 3600,
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
            yield Finding(f"the task `{state.name}` has no `TimeoutSeconds`", span)
