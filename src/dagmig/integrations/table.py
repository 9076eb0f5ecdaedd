"""Integrations that are a table: one operator, one state, a row for each argument, read both ways."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from dagmig.diagnostics import Disposition, Report, Span
from dagmig.graph.model import Call, Task
from dagmig.graph.values import Literal, Value
from dagmig.integrations import Integration
from dagmig.integrations.base_arguments import BASE_ARGUMENTS
from dagmig.integrations.fragment import MAIN, Expression, Fragment, Projection

PREFIX = "arn:aws:states:::"
AWS_BASE = {
    "aws_conn_id": "the state machine's role replaces the Airflow connection",
    "region_name": "a state runs in the region of its state machine",
    "verify": "the service calls AWS by itself",
    "botocore_config": "the service calls AWS by itself",
}
WAITING = "Step Functions waits by itself, at its own pace"


@dataclass(frozen=True, slots=True)
class Codec:
    """How one value is spelt on each side: a pair of inverse functions over known values."""

    to_asl: Callable[[Any], Any] = lambda value: value
    to_airflow: Callable[[Any], Any] = lambda value: value
    is_same: bool = True


SAME = Codec()
JSON_TEXT = Codec(lambda v: json.loads(v) if isinstance(v, str) else v, json.dumps, is_same=False)


@dataclass(frozen=True, slots=True)
class Field:
    """``argument`` of the operator is ``parameter`` of the state."""

    argument: str
    parameter: str
    codec: Codec = SAME


@dataclass(frozen=True, slots=True)
class Waits:
    """The argument that says whether to wait, its default, and the resource's suffix when it does."""

    argument: str = "wait_for_completion"
    default: bool = True
    suffix: str = ".sync"


def table(  # noqa: C901
    operator: str,
    action: str,
    *fields: Field,
    waits: Waits | None = None,
    result: str | None = None,
    dropped: Mapping[str, str] | None = None,
    transport: tuple[Mapping[str, Any], ...] = (),
    aliases: tuple[str, ...] = (),
    required: Mapping[str, Any] | None = None,
) -> Integration:
    """Declare one row of the operator and state dictionary; ``result`` is JSONata over the state's result.

    ``required``: arguments the operator insists on; a value other than None says what nothing says.
    """
    reasons = {**AWS_BASE, **(dropped or {})}

    def to_asl(task: Task, report: Report) -> Fragment:
        suffix = waits.suffix if waits and _is_true(task.argument(waits.argument), waits.default) else ""
        arguments: dict[str, Any] = {}
        for field in fields:
            value = task.argument(field.argument)
            if value is None or value == Literal(None):
                continue
            arguments[field.parameter] = _respelt(value, field, task, report)
        known = {field.argument for field in fields} | ({waits.argument} if waits else set())
        account(task, known, reasons, action, report)
        state: dict[str, Any] = {"Type": "Task", "Resource": f"{PREFIX}{action}{suffix}"}
        if arguments:
            state["Arguments"] = arguments
        outputs = {"return_value": Projection(MAIN, Expression.of(result))} if result else {}
        return Fragment({MAIN: state}, outputs, transport)

    def to_airflow(resource: str, parameters: Mapping[str, Value], span: Span, report: Report) -> Call:
        by_parameter = {field.parameter: field for field in fields}
        found: dict[str, Value] = {}
        for name, value in parameters.items():
            field_ = by_parameter.get(name)
            if field_ is None:
                message = f"`{name}` is not an argument of {operator.rpartition('.')[2]}"
                report.row("parameter-not-translated", span, "", Disposition.DECISION, message)
            elif isinstance(value, Literal):
                found[field_.argument] = Literal(field_.codec.to_airflow(value.value))
            else:
                found[field_.argument] = value
        for name, neutral in (required or {}).items():
            if name not in found:
                found[name] = Literal(neutral)
                if neutral is None:
                    message = f"`{name}` is not given, and {operator.rpartition('.')[2]} needs it"
                    report.row("parameter-missing", span, "", Disposition.DECISION, message)
        is_waiting = waits is not None and resource.endswith(waits.suffix)
        if waits is not None and is_waiting != waits.default:
            found[waits.argument] = Literal(is_waiting)
        return Call(operator, found)

    resources = [PREFIX + action, *([PREFIX + action + waits.suffix] if waits else [])]
    return Integration(operator, tuple(resources), to_asl, to_airflow, aliases)


def account(task: Task, known: set[str], reasons: Mapping[str, str], action: str, report: Report) -> None:
    """A row for every argument that has no place in the state: nothing disappears."""
    for name in sorted(task.call.arguments.keys() - known - BASE_ARGUMENTS):
        reason = reasons.get(name)
        disposition = Disposition.NOTED if reason else Disposition.DECISION
        message = f"`{name}` is not part of {action}" + (f": {reason}" if reason else "")
        construct = "argument-dropped" if reason else "argument-not-translated"
        report.row(construct, task.span, f"task:{task.id}", disposition, message, task=task.id)


def _is_true(value: Value | None, default: bool) -> bool:
    return default if value is None else value == Literal(True)


def _respelt(value: Value, field: Field, task: Task, report: Report) -> Value:
    if field.codec.is_same:
        return value
    try:
        if isinstance(value, Literal):
            return Literal(field.codec.to_asl(value.value))
    except (ValueError, TypeError, LookupError):
        pass
    message = f"`{field.argument}` cannot be respelt as {field.parameter}: it is not known in full"
    report.row(
        "argument-not-translated", task.span, f"task:{task.id}", Disposition.DECISION, message, task=task.id
    )
    return value
