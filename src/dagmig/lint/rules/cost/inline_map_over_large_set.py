"""The rule ``inline-map-over-large-set``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.asl.flow import reached
from dagmig.asl.jsonata import Node
from dagmig.asl.model import Scope, State
from dagmig.asl.paths import used
from dagmig.diagnostics import Severity
from dagmig.lint.machine.calls import Call, calls
from dagmig.lint.machine.expressions import steps, tree
from dagmig.lint.machine.maps import is_inline
from dagmig.lint.machine.values import is_expression
from dagmig.lint.rule import Finding, machine_rule
from dagmig.lint.source import Subject

LISTS = {
    "aws-sdk:s3:listObjects": "Contents",
    "aws-sdk:s3:listObjectsV2": "Contents",
    "aws-sdk:dynamodb:scan": "Items",
    "aws-sdk:athena:getQueryResults": "Rows",
}  # calls whose answers grow with a data set, and the member that holds them
BOUNDS = frozenset({"MaxKeys", "Limit", "MaxResults"})


@machine_rule(Severity.INFO, is_default=False)
def inline_map_over_large_set(subject: Subject) -> Iterator[Finding]:
    """An inline Map goes over what a listing yields.

    It takes up to 40 items at once, and the events of all count against the 25,000 of the execution; a
    listing stops at a page, and its answer at 256 KiB. A distributed Map reads objects, files and tables
    of any size itself, each item in an execution of its own.
    See https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html

    ```json bad
    {"StartAt": "List", "States": {
      "List": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:s3:listObjectsV2", "Next": "Each",
        "Parameters": {"Bucket": "orders"},
        "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 2}]},
      "Each": {"Type": "Map", "ItemsPath": "$.Contents", "End": true,
        "ItemProcessor": {"StartAt": "Rest", "States": {
          "Rest": {"Type": "Wait", "Seconds": 5, "End": true}}}}}}
    ```

    ```json good
    {"StartAt": "Each", "States": {
      "Each": {"Type": "Map", "ResultPath": null, "End": true,
        "ItemReader": {"Resource": "arn:aws:states:::s3:listObjectsV2",
          "Parameters": {"Bucket": "orders"}},
        "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
          "StartAt": "Rest", "States": {
            "Rest": {"Type": "Wait", "Seconds": 5, "End": true}}}}}}
    ```

    Instead: Let a distributed Map read the data set (`ItemReader`).
    """
    listing = [call for call in calls(subject) if call.resource.short in LISTS and _is_unbounded(call)]
    for scope in subject.scopes if listing else ():
        for call in listing:
            for state in _behind(call, scope):
                if is_inline(state) and LISTS[call.resource.short] in _items(state):
                    span = subject.machine.locate(state.pointer, True)
                    yield Finding(f"`{state.name}` goes over all that `{call.state.name}` lists", span)


def _is_unbounded(call: Call) -> bool:
    return call.given is not None and not call.given.keys() & BOUNDS


def _behind(call: Call, scope: Scope) -> list[State]:
    """The states of the same level that come after a call."""
    is_here = scope.states.get(call.state.name) == call.state
    return [scope.states[name] for name in reached(scope, call.state.name)] if is_here else []


def _items(state: State) -> tuple[str, ...]:
    """The names in the path of a Map's items."""
    path, items = state.fields.get("ItemsPath"), state.fields.get("Items")
    if isinstance(path, str):
        return tuple(key for one in used(path) for key in one.keys)
    node = tree(items[2:-2]) if isinstance(items, str) and is_expression(items) else None
    return steps(node) if isinstance(node, Node) else ()
