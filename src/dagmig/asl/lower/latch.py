"""``--join latch``: a DynamoDB table keeps the dependencies that do not nest, across branches of a Parallel.

Each is an item. The task before it is followed by states that put down that it has ended and wake who waits;
the task after it is preceded by one that puts down its task token, unless that has happened. So either may
come first. Both write with a condition or get the old item back, which DynamoDB does atomically
(https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateItem.html).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from dagmig.asl.lower.obstacles import may_choose
from dagmig.asl.lower.variables import outputs_read
from dagmig.diagnostics import Disposition, Report
from dagmig.graph.model import Call, Edge, Task, TriggerRule, Workflow
from dagmig.graph.query import mapped_group
from dagmig.graph.values import Literal
from dagmig.integrations import registry
from dagmig.integrations.fragment import AFTER, MAIN, Expression, Fragment, Ref
from dagmig.integrations.jsonata import quoted
from dagmig.regions.fold import TooDeepError, unjoin
from dagmig.regions.order import Order, order
from dagmig.regions.tree import Each, Parallel, Region, Step, parallel, series
from dagmig.regions.waits import before

NOTED, DECISION = Disposition.NOTED, Disposition.DECISION
AWAIT, SIGNAL = "dagmig.AwaitLatch", "dagmig.SignalLatch"
TABLE = "dagmig-latch"
DAYS_30 = 30 * 24 * 3600  # seconds a token is waited for and an item is kept
_IS_THERE = "DynamoDb.ConditionalCheckFailedException"
_IS_GONE = ["Sfn.TaskTimedOutException", "Sfn.TaskDoesNotExistException"]
_AGAIN = {"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "MaxAttempts": 8, "BackoffRate": 2.0}
_UPDATE = "arn:aws:states:::aws-sdk:dynamodb:updateItem"
_WAKE = "arn:aws:states:::aws-sdk:sfn:sendTaskSuccess"


def latched(workflow: Workflow, report: Report, *, drains: bool) -> tuple[Workflow, Region] | None:
    """The workflow with tasks that signal and await, and its region; None where its order nests, or where
    latches would not do, which becomes a row.
    """
    reason: str | None = "the states would be nested too deeply"
    with suppress(TooDeepError):
        found = unjoin(workflow)
        if found is None:
            return None
        region, edges = found
        reason = next(_reasons(workflow, region, drains), None)
    if reason is not None:
        report.row("latch", workflow.span, "", NOTED, f"none: {reason}; waits are added in their place")
        return None
    for edge in edges:
        said = f"waits for {edge.upstream} by the table {TABLE}"
        span = workflow.tasks[edge.downstream].span
        report.row("latch", span, f"task:{edge.downstream}", NOTED, said, task=edge.downstream)
    said = (
        f"the machine needs the DynamoDB table {TABLE} with the partition key pk (a string) and ttl as its "
        "time to live, and its role dynamodb:UpdateItem on it and states:SendTaskSuccess on the machine"
    )
    report.row("latch", workflow.span, "", DECISION, said)
    beside: dict[str, tuple[list[Step], list[Step]]] = {}
    for edge in edges:
        beside.setdefault(edge.upstream, ([], []))[1].append(Step(_signals(edge)))
        beside.setdefault(edge.downstream, ([], []))[0].append(Step(_awaits(edge)))
    return _with(workflow, edges), _around(region, beside)


def is_latch(task: Task) -> bool:
    """Whether a task is one of those that ``latched`` adds."""
    return task.call.operator in (AWAIT, SIGNAL)


def fragment(task: Task) -> Fragment:
    """The states of a task that ``latched`` added."""
    early, late = (task.call.arguments[name] for name in ("early", "late"))
    assert isinstance(early, Literal)
    assert isinstance(late, Literal)
    item = Expression.of(f"$states.context.Execution.Id & {quoted(f'#{early.value}#{late.value}')}")
    if task.call.operator == AWAIT:
        return Fragment({MAIN: _await(item)})
    return Fragment({MAIN: _signal(item), "waiting": _WAITING, "wake": _WOKEN})


def _await(item: Expression) -> dict[str, Any]:
    changed = _update(item, "tok", "$states.context.Task.Token")
    return {
        "Type": "Task",
        "Resource": f"{_UPDATE}.waitForTaskToken",
        "Arguments": {**changed, "ConditionExpression": "attribute_not_exists(st)"},
        "Retry": [{"ErrorEquals": [_IS_THERE, "States.Timeout"], "MaxAttempts": 0}, _AGAIN],
        "TimeoutSeconds": DAYS_30,
        "Catch": [{"ErrorEquals": [_IS_THERE], "Next": AFTER}],
    }


def _signal(item: Expression) -> dict[str, Any]:
    return {
        "Type": "Task",
        "Resource": _UPDATE,
        "Arguments": {**_update(item, "st", "'success'"), "ReturnValues": "ALL_OLD"},
        "Retry": [_AGAIN],
        "Next": Ref("waiting"),
    }


def _update(item: Expression, field: str, value: str) -> dict[str, Any]:
    """The arguments of UpdateItem that put a text, as JSONata, into a field of an item."""
    expires = f"$string($floor($millis() / 1000) + {DAYS_30})"
    return {
        "TableName": TABLE,
        "Key": {"pk": {"S": item}},
        "UpdateExpression": f"SET {field} = :value, #ttl = :expires",
        "ExpressionAttributeNames": {"#ttl": "ttl"},
        "ExpressionAttributeValues": Expression.of(
            f"{{':value': {{'S': {value}}}, ':expires': {{'N': {expires}}}}}"
        ),
    }


_WAITING = {
    "Type": "Choice",
    "Choices": [{"Condition": "{% $exists($states.input.Attributes.tok.S) %}", "Next": Ref("wake")}],
    "Default": AFTER,
}
_WOKEN = {
    "Type": "Task",
    "Resource": _WAKE,
    "Arguments": {"TaskToken": "{% $states.input.Attributes.tok.S %}", "Output": "{}"},
    "Retry": [{"ErrorEquals": _IS_GONE, "MaxAttempts": 0}, _AGAIN],
    "Catch": [{"ErrorEquals": _IS_GONE, "Next": AFTER}],  # a token that was answered or given anew
}


def _reasons(workflow: Workflow, region: Region, drains: bool) -> Iterator[str]:
    """Why latches would not do: they are told of success only, and hand on no values."""
    if drains:
        yield "with --on-failure drain a task that failed would leave those that wait for it waiting"
    place = {name: i for i, name in enumerate(workflow.tasks)}
    earlier = before(region, place)
    known: Order = order(workflow.tasks, workflow.edges)
    at = {name: i for i, name in enumerate(known.names)}
    for name, task in workflow.tasks.items():
        if task.trigger is not TriggerRule.ALL_SUCCESS or task.is_setup or task.is_teardown:
            yield f"{name} need not wait for the success of the tasks before it"
        if mapped_group(workflow, task.group) is not None:
            yield f"{name} is in a mapped task group"
        integration = registry().for_operator(task.call.operator)
        is_skipping = integration is not None and integration.to_asl(task, Report()).skips
        if is_skipping or may_choose(task):
            yield f"{name} may skip tasks, which would then be waited for"
        for other, _ in sorted(outputs_read(task)):
            is_before = other in at and known.before[at[name]] >> at[other] & 1
            if is_before and not earlier[name] >> place[other] & 1:
                yield f"{name} reads what {other} returned"


def _with(workflow: Workflow, edges: list[Edge]) -> Workflow:
    tasks, found = dict(workflow.tasks), set(workflow.edges)
    for edge in edges:
        early, late = edge.upstream, edge.downstream
        given = {"early": Literal(early), "late": Literal(late)}
        for name, operator, beside in ((_signals(edge), SIGNAL, early), (_awaits(edge), AWAIT, late)):
            tasks[name] = Task(name, Call(operator, given), span=workflow.tasks[beside].span)
        found |= {Edge(early, _signals(edge)), Edge(_signals(edge), _awaits(edge)), Edge(_awaits(edge), late)}
    return replace(workflow, tasks=tasks, edges=frozenset(found))


def _signals(edge: Edge) -> str:
    return f"{edge.upstream} signals {edge.downstream}"


def _awaits(edge: Edge) -> str:
    return f"{edge.downstream} awaits {edge.upstream}"


def _around(region: Region, beside: Mapping[str, tuple[list[Step], list[Step]]]) -> Region:
    """The region with what awaits before each task, and what signals after it."""
    if isinstance(region, Step):
        awaits, signals = beside.get(region.task, ([], []))
        return series([*awaits, region, *signals])
    if isinstance(region, Each):
        return Each(region.group, _around(region.body, beside))
    parts = [_around(part, beside) for part in region.parts]
    return parallel(parts) if isinstance(region, Parallel) else series(parts)
