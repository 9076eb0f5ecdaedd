"""A workflow as JSON: a stable contract, documented in the README."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date, timedelta

from dagmig.diagnostics import Diagnostic
from dagmig.graph.model import Task, Workflow
from dagmig.graph.query import literal, schedule, upstream
from dagmig.graph.values import UNKNOWN, Entries, Items, Literal, New, Opaque, Reference, Unknown, Value


def to_json(workflows: Iterable[Workflow], diagnostics: Iterable[Diagnostic]) -> str:
    document = {
        "workflows": [_workflow(workflow) for workflow in workflows],
        "diagnostics": [_diagnostic(diagnostic) for diagnostic in diagnostics],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _workflow(workflow: Workflow) -> dict[str, object]:
    before = upstream(workflow)
    after: dict[str, list[str]] = {task: [] for task in workflow.tasks}
    for task, ups in sorted(before.items()):
        for up in ups:
            after[up].append(task)
    return {
        "id": workflow.id,
        "file": workflow.span.file,
        "line": workflow.span.line,
        "schedule": describe(schedule(workflow)),
        "catchup": literal(workflow.arguments, "catchup"),
        "start_date": _start_date(workflow),
        "max_active_runs": literal(workflow.arguments, "max_active_runs"),
        "complete": workflow.is_complete,
        "tasks": [_task(task, before[name], after[name]) for name, task in sorted(workflow.tasks.items())],
    }


def _task(task: Task, before: list[str], after: list[str]) -> dict[str, object]:
    return {
        "id": task.id,
        "operator": task.call.operator,
        "upstream": before,
        "downstream": after,
        "group": task.group,
        "trigger_rule": None if task.trigger is UNKNOWN else str(task.trigger),
        "retries": None if task.policy.retries is UNKNOWN else task.policy.retries,
        "retry_delay_seconds": _seconds(task.policy.retry_delay),
        "execution_timeout_seconds": _seconds(task.policy.timeout),
        "mapped": task.expand is not None,
        "setup": task.is_setup,
        "teardown": task.is_teardown,
        "line": task.span.line,
    }


def _diagnostic(diagnostic: Diagnostic) -> dict[str, object]:
    return {
        "code": diagnostic.code,
        "severity": str(diagnostic.severity),
        "message": diagnostic.message,
        "file": diagnostic.span.file,
        "line": diagnostic.span.line,
        "column": diagnostic.span.column,
    }


def _seconds(delta: timedelta | Unknown | None) -> float | None:
    return delta.total_seconds() if isinstance(delta, timedelta) else None


def _start_date(workflow: Workflow) -> str | None:
    found = literal(workflow.arguments, "start_date") or literal(workflow.defaults, "start_date")
    return found.isoformat() if isinstance(found, date) else None


def describe(value: Value | None) -> str | None:
    """A schedule as one would say it: the cron text, a time span as Airflow prints it, assets as calls."""
    match value:
        case None | Literal(None) | Opaque():
            return None
        case Literal(found):
            return str(found)
        case New(type=name, arguments=arguments, keywords=keywords):
            shown = [_shown(v) for v in arguments] + [f"{k}={_shown(v)}" for k, v in keywords.items()]
            return f"{name.rpartition('.')[2]}({', '.join(shown)})"
        case Items(items=items):
            return f"[{', '.join(_shown(item) for item in items)}]"
        case Reference(name):
            return name
        case _:
            return None


def _shown(value: Value) -> str:
    match value:
        case Literal(found):
            return repr(found)
        case Entries():
            return "{...}"
        case _:
            return describe(value) or "..."
