"""Workflow -> Airflow 3 DAG file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from dagmig.diagnostics import Report
from dagmig.graph.model import Task, Workflow


@dataclass(frozen=True, slots=True)
class Written:
    """The text of a DAG file; ``lines`` is the line each task is defined on, by task id, counted from 1."""

    text: str
    lines: Mapping[str, int]


def write(workflow: Workflow, report: Report) -> Written:
    """Write one workflow as a DAG file, formatted as ruff format formats with 110 columns.

    An argument whose value has no source text is an open row in ``report``.
    """
    from dagmig.airflow.write.module import module

    text, lines = module(workflow, report)
    return Written(text, lines)


def unrendered(workflow: Workflow) -> Iterator[Task]:
    """The tasks with an argument of which only the run knows the value, where Airflow renders no template."""
    from dagmig.airflow.write.module import is_unrendered

    for task in workflow.tasks.values():
        if any(is_unrendered(task, name, value) for name, value in task.call.arguments.items()):
            yield task
