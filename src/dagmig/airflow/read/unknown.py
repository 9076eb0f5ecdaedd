"""What a graph leaves open: a diagnostic for every value that is null because it is not known."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Report, Severity, Span
from dagmig.graph.model import Task, Workflow
from dagmig.graph.query import schedule
from dagmig.graph.values import UNKNOWN, Items, Literal, New, Reference, Value

POLICY = {"retries": "retries", "retry_delay": "retry_delay", "timeout": "execution_timeout"}
TRIGGERS = ("name", "uri", "assets", "datasets", "timetable", "cron")


def say_unknown(workflow: Workflow, report: Report) -> None:
    """Add the diagnostics: a warning where the graph depends on the value, else an info."""
    for name, severity, span in _unknown(workflow):
        report.add("unknown-value", f"{name} is not known", span, severity)


def _unknown(workflow: Workflow) -> Iterator[tuple[str, Severity, Span]]:
    given = {**workflow.defaults, **workflow.arguments}
    names: list[str] = [
        name
        for name in ("start_date", "catchup", "max_active_runs")
        if name in given and not isinstance(given[name], Literal)
    ]
    found = schedule(workflow)
    if found is not None and not _is_told(found):
        names.append("schedule")
    yield from ((f"`{name}`", Severity.INFO, workflow.span) for name in names)
    for task in workflow.tasks.values():
        yield from _of_task(task)


def _is_told(found: Value) -> bool:
    """Whether all that a schedule depends on is known."""
    match found:
        case Items(items=items):
            return all(map(_is_told, items))
        case New(arguments=arguments, keywords=keywords):
            parts = [*arguments, *(keywords[name] for name in TRIGGERS if name in keywords)]
            return all(map(_is_told, parts))
    return isinstance(found, (Literal, Reference))


def _of_task(task: Task) -> Iterator[tuple[str, Severity, Span]]:
    if task.trigger is UNKNOWN:
        yield f"`trigger_rule` of task `{task.id}`", Severity.WARNING, task.span
    for field, name in POLICY.items():
        if getattr(task.policy, field) is UNKNOWN:
            yield f"`{name}` of task `{task.id}`", Severity.INFO, task.span
