"""Integrations that are a table: one operator, one state, a row for each argument, read both ways."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from dagmig.diagnostics import Disposition, Report, Span
from dagmig.graph.model import Call, Task
from dagmig.graph.values import Literal, Value
from dagmig.integrations import Integration, Loop
from dagmig.integrations.base_arguments import BASE_ARGUMENTS
from dagmig.integrations.fragment import MAIN, Expression, Fragment, Projection, Ref
from dagmig.integrations.parameters import Field, flat, given, merged, put
from dagmig.integrations.poller import polled
from dagmig.integrations.spelling import SAME, Codec, mapping, members
from dagmig.integrations.status import PREFIX
from dagmig.integrations.waits import Waits

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
    spread_codec: Codec
    sends: Mapping[str, Any]
    returns: str
    tolerates: tuple[str, ...]
    notes: Mapping[str, str]

    def to_asl(self, task: Task, report: Report) -> Fragment:
        """The operator's state."""
        waiting = self.waits.known if self.waits else ()
        asking = self.waits.status.arguments if self.waits and self.waits.status else ()
        known = {one.argument for one in self.fields} | {*waiting, *asking, self.spread}
        known |= {n for n, value in self.harmless.items() if task.argument(n) == Literal(value)}
        account(task, known, self.reasons, self.action, report, self.open_reasons)
        for construct, said in self.notes.items():
            report.row(construct, task.span, f"task:{task.id}", NOTED, said, task=task.id)
        arguments = self._with_spread(task, self._arguments(task, report), report)
        is_waiting = self.waits is not None and self._is_waiting(task, self.waits, report)
        suffix = self.waits.suffix if self.waits and is_waiting else ""
        resource = PREFIX + self.action + suffix
        state: dict[str, Any] = {"Type": "Task", "Resource": resource, "Arguments": arguments}
        outputs = dict(self.outputs)
        if self.started and not suffix:
            outputs["return_value"] = self.started
        projections = {
            key: Projection(MAIN, output(task, source), self.returns) for key, source in outputs.items()
        }
        own = {"Retry": [dict(one) for one in self.transport]} if self.transport else {}
        if is_waiting and self.waits and self.waits.cleans:
            said = f"where the work fails, the operator {self.waits.cleans}; the state machine does not"
            report.row("on_failure", task.span, f"task:{task.id}", NOTED, said, task=task.id)
        if is_waiting and self.waits and self.waits.status:
            states = polled(task, {**state, **own}, self.waits.status, self.waits.pace, report)
            return Fragment(states, projections, is_bounded=True)
        if self.tolerates:
            there = {"ErrorEquals": list(self.tolerates), "Output": {}, "Next": Ref("as wanted")}
            main = {**state, **own, "Catch": [there], **({"Next": Ref("as wanted")} if outputs else {})}
            after = {key: replace(one, state="as wanted") for key, one in projections.items()}
            return Fragment({MAIN: main, "as wanted": {"Type": "Pass"}}, after)
        return Fragment({MAIN: state}, projections, self.transport)

    def _arguments(self, task: Task, report: Report) -> dict[str, Any]:
        arguments: dict[str, Any] = {}
        for name, constant in self.sends.items():
            put(arguments, name, constant if isinstance(constant, Expression) else Literal(constant))
        for one in self.fields:
            if (value := given(task, one)) is None:
                continue
            try:
                put(arguments, one.parameter, one.codec.to_asl(value))
            except ValueError as problem:
                said = f"`{one.argument}` cannot be respelt as {one.parameter}: {problem}"
                _open(task, said, report)
                arguments.setdefault(one.parameter.partition(".")[0], value)
        return arguments

    def _with_spread(self, task: Task, arguments: dict[str, Any], report: Report) -> Any:
        """With the parameters that an argument holds under the API's own names: where they are known only
        when the machine runs, all of them are JSONata.
        """
        value = task.argument(self.spread) if self.spread else None
        if value is None or value == Literal(None):
            return arguments
        try:
            return arguments | dict(members(self.spread_codec.to_asl(value)))
        except ValueError as problem:
            if self.spread_codec is not SAME or isinstance(value, Literal):
                _open(task, f"`{self.spread}` is {problem}", report)
                return arguments
        return merged(arguments, value) if arguments else value

    @staticmethod
    def _is_waiting(task: Task, waits: Waits, report: Report) -> bool:
        wanted = {name: task.argument(name) for name in waits.arguments}
        for name, value in wanted.items():
            if value is not None and not isinstance(value, Literal):
                _open(task, f"`{name}` is known only when the DAG runs; the state waits", report)
                return True
        asked = wanted.get(waits.argument)
        is_waiting = waits.default if asked is None else asked == Literal(True)
        return is_waiting or (wanted.get("deferrable") == Literal(True) and not waits.needs_both)

    def to_airflow(self, resource: str, parameters: Mapping[str, Value], span: Span, report: Report) -> Call:
        """The call that the state's parameters mean."""
        found = self._respelt(parameters, span, report)
        for name, neutral in self.required.items():
            if name not in found:
                found[name] = Literal(neutral)
                if neutral is None:
                    message = f"`{name}` is not given, and {self._name} needs it"
                    report.row("parameter-missing", span, "", DECISION, message)
        waits = self.waits
        is_waiting = re.search(r"\.sync(:2)?$", resource) is not None
        if waits is not None and is_waiting != waits.default and waits.argument:
            found[waits.argument] = Literal(is_waiting)
        elif waits is not None and is_waiting != waits.default:
            said = f"{self._name} waits until the work has ended; the state does not"
            report.row("wait_for_completion", span, "", NOTED, said)
        if waits is not None and is_waiting:
            found |= waits.endless
        if waits is not None and is_waiting and waits.cleans:
            said = f"where the work fails, {self._name} {waits.cleans}; the state does not"
            report.row("on_failure", span, "", DECISION if waits.hides else NOTED, said)
        return Call(self.operator, found)

    @property
    def _name(self) -> str:
        return self.operator.rpartition(".")[2]

    def _respelt(self, parameters: Mapping[str, Value], span: Span, report: Report) -> dict[str, Value]:
        found: dict[str, Value] = {}
        rest: list[tuple[str, Value]] = []
        by_parameter = {one.parameter: one for one in self.fields}
        parts = flat(parameters, [*by_parameter, *self.sends])
        for name, value in parts.items():
            constant = self.sends.get(name)
            if constant is not None and (isinstance(constant, Expression) or value == Literal(constant)):
                continue
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
        return found | self._absent(parts, span, report)

    def _rest(self, rest: list[tuple[str, Value]], span: Span, report: Report) -> dict[str, Value]:
        if not rest:
            return {}
        if self.spread:
            return {self.spread: self.spread_codec.to_airflow(mapping(rest))}
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
    spread_codec: Codec = SAME,
    sends: Mapping[str, Any] | None = None,
    returns: str = "",
    also: tuple[str, ...] = (),
    tolerates: tuple[str, ...] = (),
    notes: Mapping[str, str] | None = None,
) -> Integration:
    """Declare one row of the operator and state dictionary; ``result`` is JSONata over the state's result, in
    which ``@name`` is an argument of the operator.

    ``started``: the same where the state does not wait. ``outputs``: other XCom keys. ``dropped``:
    arguments without effect in a state, and why. ``undecided``: arguments with one, and what a person has
    to do. ``harmless``: argument values that mean nothing. ``spread``: an argument that holds parameters by
    the API's names. ``required``: arguments the operator insists on; a value other than None says what
    nothing says. ``spread_codec`` respells what is spread. ``sends``: parameters that the operator always
    sends. ``returns``: how the result differs from the operator's. ``also``: actions that take the same and
    come back as this operator too. ``tolerates``: errors with which there is nothing to do (then
    ``result`` is no part of the answer).
    ``notes``: what the operator does besides, by construct.
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
        spread_codec,
        sends or {},
        returns,
        tolerates,
        notes or {},
    )
    suffixes = ("", *(waits.suffixes if waits else ()))
    resources = [PREFIX + action + suffix for suffix in suffixes] + [PREFIX + other for other in also]
    waited = dict.fromkeys(waits.suffixes if waits else (), result)
    paths = {suffix: _path(given) for suffix, given in {"": started or result, **waited}.items()}
    return Integration(
        operator,
        tuple(resources),
        made.to_asl,
        made.to_airflow,
        aliases,
        tolerates=tolerates,
        transient=frozenset(error for one in transport for error in one["ErrorEquals"]),
        results={suffix: path for suffix, path in paths.items() if path is not None},
        loop=Loop(waits.pace.every[0], waits.pace.times[0], waits.argument)
        if waits and waits.status
        else None,
        watches=waits.watches if waits else (),
        waiting=waits.suffix if waits else "",
    )


def _path(source: str | None) -> tuple[str, ...] | None:
    """The keys of JSONata that is but a path into the answer."""
    found = re.fullmatch(r"\$states\.result((?:\.[A-Za-z]\w*)+)", source or "")
    return tuple(found[1][1:].split(".")) if found else None


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


def output(task: Task, source: str) -> Expression:
    """JSONata of what the operator returns."""
    first, *others = re.split(r"@(\w+)", source)
    parts: list[str | Value] = [first]
    for name, text in zip(others[::2], others[1::2], strict=True):
        parts += [task.argument(name) or Literal(None), text]
    return Expression(tuple(part for part in parts if part != ""))


def _open(task: Task, said: str, report: Report) -> None:
    report.row("argument-not-translated", task.span, f"task:{task.id}", DECISION, said, task=task.id)
