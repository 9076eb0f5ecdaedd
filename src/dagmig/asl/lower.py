"""Regions -> a state machine: a chain is a chain of Tasks, a fork is one Parallel, no helper states.

What it cannot say yet (templates, outputs, branches, mapping, other trigger rules) is an open row, and
the state it concerns fails when it is reached: it never does something else.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from dagmig.asl.model import escape
from dagmig.asl.policy import differences, retrier, seconds
from dagmig.diagnostics import Disposition, Report
from dagmig.graph.jinja import parse
from dagmig.graph.model import Task, TriggerRule, Workflow
from dagmig.graph.query import schedule
from dagmig.graph.values import Literal, Value
from dagmig.integrations import registry
from dagmig.integrations.fragment import MAIN, Expression, Fragment
from dagmig.regions.tree import Parallel, Region, Series, Step

JSON = Any
KEPT = ("start_date", "end_date", "catchup", "max_active_runs", "max_active_tasks", "tags")
EXPRESSIONS = ("Arguments", "Output", "Assign")
IGNORED_BASE = frozenset(
    {
        "retries",
        "retry_delay",
        "retry_exponential_backoff",
        "max_retry_delay",
        "execution_timeout",
        "trigger_rule",
    }
)
HARMLESS = {
    "owner": "a state has no owner",
    "start_date": "the schedule's start is kept in the machine's Comment",
    "email_on_failure": "no mail is sent",
    "email_on_retry": "no mail is sent",
    "doc_md": "documentation stays with the DAG",
    "doc": "documentation stays with the DAG",
    "priority_weight": "states are not ranked",
    "weight_rule": "states are not ranked",
    "do_xcom_push": "a result nobody reads is dropped",
}
OFF = (Literal(False), Literal(None), Literal([]), Literal(""))


@dataclass(frozen=True, slots=True)
class Product:
    """A machine as JSON, and the sources of the Lambda functions it calls by file name."""

    machine: dict[str, JSON]
    functions: Mapping[str, str] = field(default_factory=dict)


def lower(workflow: Workflow, region: Region, report: Report) -> Product:
    """The machine of a workflow; every difference is a row in ``report``."""
    lowering = _Lowering(workflow, report)
    start, states = lowering.block(region, "")
    if not states:
        start, states = "nothing to do", {"nothing to do": {"Type": "Succeed"}}
    machine: dict[str, JSON] = {}
    if comment := _comment(workflow):
        machine["Comment"] = comment
    if lowering.has_expressions:
        machine["QueryLanguage"] = "JSONata"
    machine |= {"StartAt": start, "States": states}
    timeout = workflow.arguments.get("dagrun_timeout")
    if isinstance(timeout, Literal) and isinstance(timeout.value, timedelta):
        machine["TimeoutSeconds"] = seconds(timeout.value)
    lowering.header()
    return Product(machine, lowering.functions)


def _comment(workflow: Workflow) -> str:
    found: dict[str, JSON] = {}
    said = schedule(workflow)
    if isinstance(said, Literal) and said.value is not None:
        found["schedule"] = _json(said.value)
    for name in KEPT:
        value = workflow.arguments.get(name) or workflow.defaults.get(name)
        if isinstance(value, Literal) and value.value is not None:
            found[name] = _json(value.value)
    if found.get("catchup") is False and "schedule" not in found:
        del found["catchup"]
    description = workflow.arguments.get("description")
    text = (
        description.value if isinstance(description, Literal) and isinstance(description.value, str) else ""
    )
    if not found:
        return text
    data = json.dumps({"dag_id": workflow.id, **found}, separators=(",", ":"), ensure_ascii=False)
    return f"{text or workflow.id or 'dag'} | dagmig {data}"


def _json(value: Any) -> JSON:
    match value:
        case date():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case dict():
            return {str(key): _json(item) for key, item in value.items()}
        case list() | tuple() | set():
            return [_json(item) for item in value]
        case bytes():
            return value.decode("utf-8", "replace")
    return value


class _Lowering:
    def __init__(self, workflow: Workflow, report: Report) -> None:
        self.workflow, self.report = workflow, report
        self.functions: dict[str, str] = {}
        self.names: set[str] = set()
        self.has_expressions = False

    def block(self, region: Region, pointer: str) -> tuple[str, dict[str, JSON]]:
        """A region as the states of one scope: where it starts, and the states in order."""
        parts = region.parts if isinstance(region, Series) else (region,)
        pieces = [self._piece(part, pointer) for part in parts]
        states: dict[str, JSON] = {}
        for index, (_, last, piece) in enumerate(pieces):
            if piece[last].get("Type") != "Fail":
                piece[last] |= {"Next": pieces[index + 1][0]} if index + 1 < len(pieces) else {"End": True}
            states |= piece
        return (pieces[0][0] if pieces else "", states)

    def _piece(self, part: Region, pointer: str) -> tuple[str, str, dict[str, JSON]]:
        if isinstance(part, Step):
            return self._step(self.workflow.tasks[part.task], pointer)
        assert isinstance(part, Parallel)
        name = self._name("in parallel")
        at = f"{pointer}/States/{escape(name)}/Branches"
        branches = []
        for index, branch in enumerate(part.parts):
            start, states = self.block(branch, f"{at}/{index}")
            branches.append({"StartAt": start, "States": states})
        message = "a failure in one branch stops the others, where Airflow lets them finish"
        self.report.row("parallel", self.workflow.span, at, Disposition.NOTED, message)
        return name, name, {name: {"Type": "Parallel", "Branches": branches}}

    def _name(self, wanted: str) -> str:
        name, number = wanted[:80], 1
        while name in self.names or (wanted not in self.workflow.tasks and name in self.workflow.tasks):
            number += 1
            name = f"{wanted[:70]} {number}"
        self.names.add(name)
        return name

    def _step(self, task: Task, pointer: str) -> tuple[str, str, dict[str, JSON]]:
        name = self._name(task.id)
        target = f"{pointer}/States/{escape(name)}"
        before = len(self.report.rows)
        fragment = self._fragment(task, target)
        state = self._render(dict(fragment.states[MAIN]), task, target)
        self._policy(task, state, fragment, target)
        self._base(task, target)
        self.functions |= fragment.functions
        is_open = any(row.disposition.is_open for row in self.report.rows[before:] if row.task == task.id)
        disposition = Disposition.DECISION if is_open else Disposition.EXACT
        message = "see the other rows of this task" if is_open else ""
        self.report.row("task", task.span, target, disposition, message, task=task.id)
        self.report.retarget({f"task:{task.id}": target})
        return name, name, {name: state}

    def _open(self, task: Task, construct: str, message: str, target: str) -> None:
        self.report.row(construct, task.span, target, Disposition.REDESIGN, message, task=task.id)

    def _fragment(self, task: Task, target: str) -> Fragment:
        for construct, message in _untranslated(task):
            self._open(task, construct, message, target)
        integration = registry().for_operator(task.call.operator)
        fragment = integration.to_asl(task, self.report) if integration else None
        if fragment is not None and len(fragment.states) == 1 and not list(_untranslated(task)):
            return fragment
        if fragment is None:
            message = f"no state is known for {task.call.operator}: its place fails when it is reached"
            self.report.row("operator", task.span, target, Disposition.DECISION, message, task=task.id)
        return Fragment({MAIN: _placeholder(task)})

    def _render(self, part: Any, task: Task, target: str) -> Any:
        match part:
            case dict():
                self.has_expressions |= any(key in part for key in EXPRESSIONS)
                return {key: self._render(item, task, target) for key, item in part.items()}
            case list() | tuple():
                return [self._render(item, task, target) for item in part]
            case Expression(parts=parts):
                return "{% " + "".join(str(p) for p in parts) + " %}"
            case str() | int() | float() | bool() | None:
                return part
        return self._value(part, task, target)

    def _value(self, value: Value, task: Task, target: str) -> JSON:
        if isinstance(value, Literal) and not _has_jinja(value.value):
            return _guarded(_json(value.value))
        message = "an argument is only known when the task runs, and is not translated: the state fails"
        self._open(task, "argument", message, target)
        return "{% $error('dagmig: an argument of this task was not translated') %}"

    def _policy(self, task: Task, state: dict[str, JSON], fragment: Fragment, target: str) -> None:
        for argument, is_open, message in differences(task.policy):
            disposition = Disposition.DECISION if is_open else Disposition.NOTED
            self.report.row(argument, task.span, target, disposition, message, task=task.id)
        if state["Type"] != "Task":
            return
        if isinstance(task.policy.timeout, timedelta):
            state["TimeoutSeconds"] = seconds(task.policy.timeout)
        own = retrier(task.policy)
        retriers = [*(fragment.transport if own or "Arguments" in state else ()), *([own] if own else [])]
        if retriers:
            state["Retry"] = [dict(one) for one in retriers]

    def _base(self, task: Task, target: str) -> None:
        from dagmig.integrations.base_arguments import BASE_ARGUMENTS

        for name in sorted(
            (task.call.arguments.keys() | task.defaults.keys()) & BASE_ARGUMENTS - IGNORED_BASE
        ):
            value = task.argument(name)
            if value in OFF:
                continue
            reason = HARMLESS.get(name)
            disposition = Disposition.NOTED if reason else Disposition.DECISION
            message = f"`{name}` is not translated" + (f": {reason}" if reason else "")
            self.report.row(name, task.span, target, disposition, message, task=task.id)

    def header(self) -> None:
        """Rows for what the DAG says about itself."""
        for name, value in sorted(self.workflow.arguments.items()):
            if name in ("dagrun_timeout", "description", "dag_display_name") or value in OFF:
                continue
            kept = name in (*KEPT, "schedule", "schedule_interval", "timetable") and isinstance(
                value, Literal
            )
            noted = kept or name in (
                "doc_md",
                "default_view",
                "orientation",
                "owner_links",
                "is_paused_upon_creation",
            )
            disposition = Disposition.NOTED if noted else Disposition.DECISION
            message = (
                "kept in the machine's Comment: a schedule starts the machine from outside" if kept else ""
            )
            message = message or f"`{name}` has no counterpart in a state machine"
            if name == "catchup" and value == Literal(True):
                disposition, message = Disposition.REDESIGN, "missed runs are not made up for"
            self.report.row(name, self.workflow.span, "/Comment", disposition, message)


def _untranslated(task: Task) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    if task.trigger is not TriggerRule.ALL_SUCCESS:
        found.append(("trigger-rule", f"the trigger rule {task.trigger} is not translated"))
    if task.expand is not None:
        found.append(("mapped-task", "dynamic task mapping is not translated"))
    if task.is_setup or task.is_teardown:
        found.append(("setup-teardown", "setup and teardown are not translated"))
    return found


def _placeholder(task: Task) -> dict[str, JSON]:
    """A Task whose arguments cannot be evaluated: it fails when reached, and what follows stays valid."""
    cause = f"dagmig: {task.id} ({task.call.operator}) was not translated".replace("'", "")
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Arguments": {"FunctionName": "{% $error('" + cause + "') %}"},
    }


def _has_jinja(value: Any) -> bool:
    if isinstance(value, str):
        return ("{{" in value or "{%" in value) and not isinstance(parse(value), Literal)
    if isinstance(value, dict):
        return any(_has_jinja(item) for item in (*value.keys(), *value.values()))
    return isinstance(value, (list, tuple, set)) and any(map(_has_jinja, value))


def _guarded(value: JSON) -> JSON:
    """Text that would read as an expression, written as one that yields it."""
    if isinstance(value, str) and value.startswith("{%") and value.endswith("%}"):
        return "{% " + json.dumps(value) + " %}"
    if isinstance(value, dict):
        return {key: _guarded(item) for key, item in value.items()}
    return [_guarded(item) for item in value] if isinstance(value, list) else value
