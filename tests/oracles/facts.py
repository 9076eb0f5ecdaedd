"""What a static graph says, in the words of ``dag_worker.py``, and where the two differ."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from dagmig.airflow.read import read
from dagmig.diagnostics import Report
from dagmig.graph.model import Task, Workflow
from dagmig.graph.values import Items, Literal, New, Reference, Unknown, Value

TASK_FACTS = (
    "operator", "upstream", "trigger_rule", "group", "mapped", "setup", "teardown",
    "retries", "retry_delay", "execution_timeout", "command",
)  # fmt: skip
DAG_FACTS = ("schedule", "catchup", "start_date", "labels")
UNKNOWN = "UNKNOWN"
AS_CODE = "command as code"
Facts = dict[str, dict[str, Any]]


def ours(file: Path) -> tuple[Facts, list[str]]:
    """The facts of a file by DAG id, and its diagnostics as text."""
    report = Report()
    found = read(file.read_text(encoding="utf-8"), str(file), report)
    return {str(workflow.id): dag_facts(workflow) for workflow in found}, [str(said) for said in report]


def dag_facts(workflow: Workflow) -> dict[str, Any]:
    upstream: dict[str, list[str]] = {name: [] for name in workflow.tasks}
    for edge in workflow.edges:
        upstream[edge.downstream].append(edge.upstream)
    arguments = workflow.arguments
    start = arguments.get("start_date") or workflow.defaults.get("start_date")
    catchup = arguments.get("catchup", Literal(False))
    return {
        "schedule": schedule(arguments.get("schedule") or arguments.get("schedule_interval")),
        "catchup": catchup.value if isinstance(catchup, Literal) else UNKNOWN,
        "start_date": None if start is None else date(start),
        "groups": {
            name: {"parent": group.parent, "mapped": group.expand is not None}
            for name, group in workflow.groups.items()
        },
        "labels": sorted(
            [edge.upstream, edge.downstream, edge.label] for edge in workflow.edges if edge.label
        ),
        "tasks": {name: task_facts(task, upstream[name]) for name, task in workflow.tasks.items()},
    }


def task_facts(task: Task, upstream: list[str]) -> dict[str, Any]:
    operator = task.call.operator
    command = task.argument("bash_command")
    return {
        "operator": operator if operator.startswith("@") else operator.rpartition(".")[2],
        "upstream": sorted(upstream),
        "trigger_rule": UNKNOWN if isinstance(task.trigger, Unknown) else task.trigger.value,
        "group": task.group,
        "mapped": task.expand is not None,
        "setup": task.is_setup,
        "teardown": task.is_teardown,
        "retries": UNKNOWN if isinstance(task.policy.retries, Unknown) else task.policy.retries,
        "retry_delay": seconds(task.policy.retry_delay),
        "execution_timeout": seconds(task.policy.timeout),
        "command": _shown(command, task) if operator.endswith("BashOperator") else None,
    }


def _shown(command: Value | None, task: Task) -> str | None:
    """What a plain Bash task runs, when that is text without another task's output in it."""
    match command:
        case Literal(str() as text) if task.expand is None and "xcom_pull(" not in text:
            return text
    return None


def seconds(value: timedelta | Unknown | None) -> float | str | None:
    match value:
        case None:
            return None
        case timedelta():
            return value.total_seconds()
    return UNKNOWN


def date(value: Value) -> str:
    """A start date in UTC, as Airflow keeps it."""
    match value:
        case Literal(datetime() as at):
            return (at if at.tzinfo else at.replace(tzinfo=timezone.utc)).astimezone(timezone.utc).isoformat()
        case New("pendulum.datetime", parts, keywords) if all(isinstance(p, Literal) for p in parts):
            zone = keywords.get("tz", Literal("UTC"))
            at = datetime(*(part.value for part in parts), tzinfo=ZoneInfo(zone.value))
            return at.astimezone(timezone.utc).isoformat()
    return UNKNOWN


def schedule(value: Value | None) -> Any:
    match value:
        case None | Literal(None):
            return None
        case Literal(str() as text):
            return text
        case Literal(timedelta() as every):
            return ["timedelta", every.total_seconds()]
        case Items(items):
            return ["AssetAll", *map(schedule, items)]
        case New(name, parts, keywords):
            return _made(name.rpartition(".")[2], parts, dict(keywords))
        case Reference(name):
            return [name.rpartition(".")[2]]
    return UNKNOWN


def _made(kind: str, parts: tuple[Value, ...], keywords: dict[str, Value]) -> Any:
    if kind in ("Asset", "Dataset"):
        named = keywords.get("name") or (parts[0] if parts else keywords.get("uri"))
        return ["Asset", named.value if isinstance(named, Literal) else UNKNOWN]
    if kind in ("AssetAll", "AssetAny"):
        return [kind, *map(schedule, parts)]
    if kind == "timedelta":
        given = {key: word.value for key, word in keywords.items() if isinstance(word, Literal)}
        return ["timedelta", timedelta(**given).total_seconds()]
    if kind == "relativedelta":
        return [kind, *(f"{key}={word.value}" for key, word in sorted(keywords.items()))]
    return [kind]


def differences(theirs: Facts, mine: Facts) -> Iterator[tuple[str, str]]:
    """The fact that differs and how, the most telling first."""
    for name in sorted(theirs.keys() ^ mine.keys()):
        yield "dag ids", f"{'-' if name in theirs else '+'}{name}"
    for name in sorted(theirs.keys() & mine.keys()):
        yield from _dag_differences(theirs[name], mine[name])


def _dag_differences(theirs: dict[str, Any], mine: dict[str, Any]) -> Iterator[tuple[str, str]]:
    tasks, own = theirs["tasks"], mine["tasks"]
    for name in sorted(tasks.keys() ^ own.keys()):
        yield "task ids", f"{'-' if name in tasks else '+'}{name}"
    for fact in TASK_FACTS:
        for name in sorted(tasks.keys() & own.keys()):
            if tasks[name][fact] != own[name][fact]:
                is_code = fact == "command" and own[name][fact] is None
                yield AS_CODE if is_code else fact, f"{name}: {own[name][fact]!r} not {tasks[name][fact]!r}"
    if theirs["groups"] != mine["groups"]:
        yield "groups", f"{mine['groups']} not {theirs['groups']}"
    for fact in DAG_FACTS:
        if theirs[fact] != mine[fact]:
            yield fact, f"{mine[fact]!r} not {theirs[fact]!r}"
