"""The rule ``map-unbounded-concurrency``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.machine.calls import calls
from dagmig.lint.machine.maps import is_distributed
from dagmig.lint.rule import Finding, FixKind, machine_rule
from dagmig.lint.source import Subject

LIMIT = 100


@machine_rule(Severity.WARNING, fix=FixKind.UNSAFE)
def map_unbounded_concurrency(subject: Subject) -> Iterator[Finding]:
    """A distributed Map calls functions or a database with up to 10,000 items at once.

    Without `MaxConcurrency` it starts as many executions as there are. Lambda functions share the account's
    concurrency, 1,000 by default, and throttle each other and whatever else runs there.
    The fix allows 100; it is unsafe, as another number may be right.
    See https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html

    ```json bad
    {"StartAt": "Each", "States": {
      "Each": {"Type": "Map", "End": true,
        "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
          "StartAt": "Write", "States": {
            "Write": {"Type": "Task", "Resource": "arn:aws:states:::dynamodb:putItem", "End": true,
              "Parameters": {"TableName": "orders", "Item": {"id": {"S.$": "$.id"}}},
              "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 2}]}}}}}}
    ```

    ```json good
    {"StartAt": "Each", "States": {
      "Each": {"Type": "Map", "MaxConcurrency": 100, "End": true,
        "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
          "StartAt": "Write", "States": {
            "Write": {"Type": "Task", "Resource": "arn:aws:states:::dynamodb:putItem", "End": true,
              "Parameters": {"TableName": "orders", "Item": {"id": {"S.$": "$.id"}}},
              "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 2}]}}}}}}
    ```

    Instead: Set `MaxConcurrency` to what stands behind it can bear.
    """
    for state in subject.states:
        bounded = state.fields.keys() & {"MaxConcurrency", "MaxConcurrencyPath"}
        if not is_distributed(state) or bounded:
            continue
        inside = [call for call in calls(subject) if call.state.pointer.startswith(f"{state.pointer}/")]
        heavy = [call for call in inside if call.resource.is_lambda or call.resource.service in DATABASES]
        if heavy:
            span = subject.machine.locate(state.pointer, True)
            fix = subject.members.added(state.pointer, "MaxConcurrency", LIMIT, after=("Type",))
            message = f"`{state.name}` calls `{heavy[0].resource.service}` for all items at once"
            yield Finding(message, span, fix)


DATABASES = frozenset({"dynamodb", "rdsdata", "redshiftdata"})
