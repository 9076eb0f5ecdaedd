"""What a graph leaves open: a diagnostic for every value that is null because it is not known."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Report, Severity, Span
from dagmig.graph.model import Task, Workflow
from dagmig.graph.query import schedule
from dagmig.graph.values import UNKNOWN, Items, Literal, New, Reference, Value

DAG_FOLLOWS = {
    "start_date": "when its first run is due is left open",
    "catchup": "whether it catches up on past runs is left open",
    "max_active_runs": "how many runs go at once is left open",
    "schedule": "when it runs is left open",
}
POLICY = {
    "retries": ("retries", "how often it is tried again is left open"),
    "retry_delay": ("retry_delay", "how long it waits before it is tried again is left open"),
    "timeout": ("execution_timeout", "how long it may run is left open"),
}
TRIGGERS = ("name", "uri", "assets", "datasets", "timetable", "cron")


def say_unknown(workflow: Workflow, report: Report) -> None:
    """Add the diagnostics: a warning where the graph depends on the value, else an info."""
    for name, follows, severity, span in _unknown(workflow):
        report.add("unknown-value", f"{name} is not known: {follows}", span, severity)


def _unknown(workflow: Workflow) -> Iterator[tuple[str, str, Severity, Span]]:
    given = {**workflow.defaults, **workflow.arguments}
    names: list[str] = [
        name
        for name in ("start_date", "catchup", "max_active_runs")
        if name in given and not isinstance(given[name], Literal)
    ]
    found = schedule(workflow)
    if isinstance(found, Reference) or (found is not None and not _is_told(found)):
        names.append("schedule")
    yield from ((f"`{name}`", DAG_FOLLOWS[name], Severity.INFO, workflow.span) for name in names)
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


def _of_task(task: Task) -> Iterator[tuple[str, str, Severity, Span]]:
    if task.trigger is UNKNOWN:
        named = f"`trigger_rule` of task `{task.id}`"
        yield named, "whether it runs after a failure or a skip is left open", Severity.WARNING, task.span
    for field, (name, follows) in POLICY.items():
        if getattr(task.policy, field) is UNKNOWN:
            yield f"`{name}` of task `{task.id}`", follows, Severity.INFO, task.span
