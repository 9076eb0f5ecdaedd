"""Arguments that Airflow does not render: what looks like Jinja in them is text.

Jinja's own ``raw`` keeps it so, wherever an integration puts the text
(https://jinja.palletsprojects.com/en/stable/templates/#escaping).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dagmig.asl.lower.scene import Rendering
from dagmig.diagnostics import Disposition, Report
from dagmig.graph.jinja import has_jinja
from dagmig.graph.model import Call, Task
from dagmig.graph.values import Entries, Items, Literal, Value


def as_written(task: Task, rendering: Rendering, report: Report) -> Task:
    """The task with the texts of its plain arguments kept as they are, and a row for each that has Jinja."""
    kept = {name: kept_value(value) for name, value in _plain(task).items()}
    changed = {name: value for name, value in kept.items() if value != task.argument(name)}
    for name in sorted(changed):
        row = (name, task.span, f"task:{task.id}")
        if rendering.options:
            said = "no template of the operator, which does not render it; the state does"
            report.row(*row, Disposition.DECISION, said, task=task.id)
            continue
        said = "no template of the operator: what looks like Jinja in it stays as it is written"
        report.row(*row, Disposition.NOTED, said, task=task.id)
    if not changed or rendering.options:
        return task
    return replace(task, call=Call(task.call.operator, {**task.call.arguments, **changed}))


def _plain(task: Task) -> dict[str, Value]:
    found = {name: task.argument(name) for name in task.plain}
    return {name: value for name, value in found.items() if value is not None}


def kept_value(value: Value) -> Value:
    """A value in whose texts nothing is rendered."""
    match value:
        case Literal(constant):
            return Literal(_kept(constant))
        case Items(items, kind):
            return Items(tuple(kept_value(item) for item in items), kind)
        case Entries(entries):
            return Entries(tuple((key, kept_value(item)) for key, item in entries))
    return value


def _kept(constant: Any) -> Any:
    match constant:
        case str() if has_jinja(constant) and "endraw" not in constant:
            return f"{{% raw %}}{constant}{{% endraw %}}"
        case list() | tuple():
            return type(constant)(_kept(item) for item in constant)
        case dict():
            return {key: _kept(item) for key, item in constant.items()}
    return constant
