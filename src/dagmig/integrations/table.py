"""Integrations that are a table: one operator, one state, a row for each argument, read both ways."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from dagmig.diagnostics import Disposition, Report, Span
from dagmig.graph.model import Call, Task
from dagmig.graph.values import Literal, Value
from dagmig.integrations import Integration
from dagmig.integrations.base_arguments import BASE_ARGUMENTS
from dagmig.integrations.fragment import MAIN, Expression, Fragment, Projection
from dagmig.integrations.spelling import SAME, Codec, mapping, members

PREFIX = "arn:aws:states:::"
AWS_BASE = {
    "aws_conn_id": "the state machine's role replaces the Airflow connection",
    "region_name": "a state runs in its state machine's region: deploy it there",
    "region": "a state runs in its state machine's region: deploy it there",
    "verify": "the service calls AWS by itself",
    "botocore_config": "the service calls AWS by itself",
}
WAITING = "Step Functions waits by itself, at its own pace"
NOTED, DECISION = Disposition.NOTED, Disposition.DECISION


@dataclass(frozen=True, slots=True)
class Field:
    """``argument`` of the operator is ``parameter`` of the state.

    ``default`` is what the operator sends where nothing is said and the API would not assume. The
    parameter may be left out in Airflow with None, or not at all: then ``absent`` is the difference.
    """

    argument: str
    parameter: str
    codec: Codec = SAME
    default: Any = None
    absent: str = ""


@dataclass(frozen=True, slots=True)
class Waits:
    """The argument that says whether to wait, its default, and the resource's suffix when it does.

    ``deferrable=True`` waits whatever that argument says (every operator's ``execute``).
    """

    argument: str = "wait_for_completion"
    default: bool = True
    suffix: str = ".sync"
    others: tuple[str, ...] = ()  # suffixes that wait as well, read only

    @property
    def arguments(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((self.argument, "deferrable")))


@dataclass(frozen=True, slots=True)
class Table:
    """One operator and its state; see ``table``."""

    operator: str
    action: str
    fields: tuple[Field, ...]
    waits: Waits | None
    outputs: Mapping[str, str]
    started: str | None
    reasons: Mapping[str, str]
    open_reasons: Mapping[str, str]
    harmless: Mapping[str, Any]
    spread: str
    transport: tuple[Mapping[str, Any], ...]
    required: Mapping[str, Any]

    def to_asl(self, task: Task, report: Report) -> Fragment:
        """The operator's state."""
        arguments: dict[str, Any] = {}
        for one in self.fields:
            if (value := _given(task, one)) is None:
                continue
            try:
                arguments[one.parameter] = one.codec.to_asl(value)
            except ValueError as problem:
                said = f"`{one.argument}` cannot be respelt as {one.parameter}: {problem}"
                _open(task, said, report)
                arguments[one.parameter] = value
        arguments |= self._spread(task, report)
        waiting = self.waits.arguments if self.waits else ()
        known = {one.argument for one in self.fields} | {*waiting, self.spread}
        known |= {n for n, value in self.harmless.items() if task.argument(n) == Literal(value)}
        account(task, known, self.reasons, self.action, report, self.open_reasons)
        state: dict[str, Any] = {
            "Type": "Task",
            "Resource": PREFIX + self.action + self._suffix(task, report),
        }
        if arguments:
            state["Arguments"] = arguments
        outputs = dict(self.outputs)
        if self.started and state["Resource"] == PREFIX + self.action:
            outputs["return_value"] = self.started
        projections = {key: Projection(MAIN, Expression.of(source)) for key, source in outputs.items()}
        return Fragment({MAIN: state}, projections, self.transport)

    def _suffix(self, task: Task, report: Report) -> str:
        if self.waits is None:
            return ""
        wanted = [task.argument(name) for name in self.waits.arguments]
        for name, value in zip(self.waits.arguments, wanted, strict=True):
            if value is not None and not isinstance(value, Literal):
                _open(task, f"`{name}` is known only when the DAG runs; the state waits", report)
                return self.waits.suffix
        is_waiting = self.waits.default if wanted[0] is None else wanted[0] == Literal(True)
        return self.waits.suffix if is_waiting or Literal(True) in wanted[1:] else ""

    def _spread(self, task: Task, report: Report) -> dict[str, Any]:
        """The parameters that an argument holds under the API's own names."""
        value = task.argument(self.spread) if self.spread else None
        if value is None or value == Literal(None):
            return {}
        try:
            return dict(members(value))
        except ValueError as problem:
            _open(task, f"`{self.spread}` is {problem}", report)
            return {}

    def to_airflow(self, resource: str, parameters: Mapping[str, Value], span: Span, report: Report) -> Call:
        """The call that the state's parameters mean."""
        found = self._respelt(parameters, span, report)
        for name, neutral in self.required.items():
            if name not in found:
                found[name] = Literal(neutral)
                if neutral is None:
                    message = f"`{name}` is not given, and {self._name} needs it"
                    report.row("parameter-missing", span, "", DECISION, message)
        is_waiting = self.waits is not None and resource.endswith((self.waits.suffix, *self.waits.others))
        if self.waits is not None and is_waiting != self.waits.default:
            found[self.waits.argument] = Literal(is_waiting)
        return Call(self.operator, found)

    @property
    def _name(self) -> str:
        return self.operator.rpartition(".")[2]

    def _respelt(self, parameters: Mapping[str, Value], span: Span, report: Report) -> dict[str, Value]:
        found: dict[str, Value] = {}
        rest: list[tuple[str, Value]] = []
        by_parameter = {one.parameter: one for one in self.fields}
        for name, value in parameters.items():
            one = by_parameter.get(name)
            try:
                if one is None:
                    rest.append((name, value))
                elif one.default is None or value != Literal(one.default):
                    found[one.argument] = one.codec.to_airflow(value)
            except ValueError as problem:
                message = f"`{name}` cannot be an argument of {self._name}: {problem}"
                report.row("parameter-not-translated", span, "", DECISION, message)
        found |= self._rest(rest, span, report)
        return found | self._absent(parameters, span, report)

    def _rest(self, rest: list[tuple[str, Value]], span: Span, report: Report) -> dict[str, Value]:
        if not rest:
            return {}
        if self.spread:
            return {self.spread: mapping(rest)}
        for name, _ in rest:
            message = f"`{name}` is not an argument of {self._name}"
            report.row("parameter-not-translated", span, "", DECISION, message)
        return {}

    def _absent(self, parameters: Mapping[str, Value], span: Span, report: Report) -> dict[str, Value]:
        """What must be said so that the operator does not send its default."""
        missing = [one for one in self.fields if one.default is not None and one.parameter not in parameters]
        for one in missing:
            if one.absent:
                report.row("parameter-added", span, "", NOTED, one.absent)
        return {one.argument: Literal(None) for one in missing if not one.absent}


def table(  # noqa: PLR0913
    operator: str,
    action: str,
    *fields: Field,
    waits: Waits | None = None,
    result: str | None = None,
    started: str | None = None,
    outputs: Mapping[str, str] | None = None,
    dropped: Mapping[str, str] | None = None,
    undecided: Mapping[str, str] | None = None,
    harmless: Mapping[str, Any] | None = None,
    spread: str = "",
    transport: tuple[Mapping[str, Any], ...] = (),
    aliases: tuple[str, ...] = (),
    required: Mapping[str, Any] | None = None,
) -> Integration:
    """Declare one row of the operator and state dictionary; ``result`` is JSONata over the state's result.

    ``started``: the same where the state does not wait. ``outputs``: other XCom keys. ``dropped``:
    arguments without effect in a state, and why. ``undecided``: arguments with one, and what a person has
    to do. ``harmless``: argument values that mean nothing. ``spread``: an argument that holds parameters by
    the API's names. ``required``: arguments the operator insists on; a value other than None says what
    nothing says.
    """
    made = Table(
        operator,
        action,
        fields,
        waits,
        {**({"return_value": result} if result else {}), **(outputs or {})},
        started,
        {**AWS_BASE, **(dropped or {})},
        undecided or {},
        harmless or {},
        spread,
        transport,
        required or {},
    )
    suffixes = ("", *((waits.suffix, *waits.others) if waits else ()))
    resources = [PREFIX + action + suffix for suffix in suffixes]
    return Integration(operator, tuple(resources), made.to_asl, made.to_airflow, aliases)


def account(
    task: Task,
    known: Iterable[str],
    reasons: Mapping[str, str],
    action: str,
    report: Report,
    open_reasons: Mapping[str, str] | None = None,
) -> None:
    """A row for every argument that has no place in the state: nothing disappears."""
    undecided = open_reasons or {}
    given = task.call.arguments.keys() | (task.defaults.keys() & (reasons.keys() | undecided.keys()))
    for name in sorted(given - {*known} - BASE_ARGUMENTS):
        reason = reasons.get(name) or undecided.get(name)
        is_noted = name in reasons
        message = f"`{name}` is not part of {action}" + (f": {reason}" if reason else "")
        construct = "argument-dropped" if is_noted else "argument-not-translated"
        disposition = NOTED if is_noted else DECISION
        report.row(construct, task.span, f"task:{task.id}", disposition, message, task=task.id)


def _given(task: Task, one: Field) -> Value | None:
    """The argument, or what the operator sends in its place; None where nothing is sent."""
    value = task.argument(one.argument)
    if value is None:
        return None if one.default is None else Literal(one.default)
    return None if value == Literal(None) else value


def _open(task: Task, said: str, report: Report) -> None:
    report.row("argument-not-translated", task.span, f"task:{task.id}", DECISION, said, task=task.id)
