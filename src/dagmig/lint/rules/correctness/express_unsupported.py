"""The rule ``express-unsupported``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.asl.resource import parse
from dagmig.diagnostics import Severity
from dagmig.lint.machine.maps import express_states, is_distributed
from dagmig.lint.rule import Finding, machine_rule
from dagmig.lint.source import Subject


@machine_rule(Severity.ERROR)
def express_unsupported(subject: Subject) -> Iterator[Finding]:
    """An Express workflow waits for a job, a callback or an activity, or holds a distributed Map.

    Those only work in Standard workflows. A machine is Express where its template says so, and what a
    distributed Map runs as `EXPRESS` is, too.
    See https://docs.aws.amazon.com/step-functions/latest/dg/choosing-workflow-type.html

    ```json bad
    {"StartAt": "Each", "States": {
      "Each": {"Type": "Map", "End": true,
        "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"},
          "StartAt": "Load", "States": {
            "Load": {"Type": "Task", "Resource": "arn:aws:states:::glue:startJobRun.sync",
              "Parameters": {"JobName": "load"}, "TimeoutSeconds": 200,
              "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 2}], "End": true}}}}}}
    ```

    ```json good
    {"StartAt": "Each", "States": {
      "Each": {"Type": "Map", "End": true,
        "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
          "StartAt": "Load", "States": {
            "Load": {"Type": "Task", "Resource": "arn:aws:states:::glue:startJobRun.sync",
              "Parameters": {"JobName": "load"}, "TimeoutSeconds": 200,
              "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 2}], "End": true}}}}}}
    ```

    Instead: Let the workflow be Standard, or call the service without waiting.
    """
    for state in express_states(subject):
        if is_distributed(state):
            span = subject.machine.locate(state.pointer, True)
            yield Finding(f"`{state.name}` is a distributed Map in an Express workflow", span)
        text = state.fields.get("Resource")
        resource = parse(text) if state.type == "Task" and isinstance(text, str) else None
        if resource and (resource.pattern or resource.kind == "activity"):
            span = subject.machine.locate(f"{state.pointer}/Resource")
            yield Finding(f"`{resource.pattern or 'an activity'}` does not work in an Express workflow", span)
