"""Rows of the ledger for a task's argument or construct."""

from __future__ import annotations

from dagmig.diagnostics import Disposition, Report
from dagmig.graph.model import Task


def noted(task: Task, construct: str, said: str, report: Report) -> None:
    """The same outcome, with a difference."""
    report.row(construct, task.span, f"task:{task.id}", Disposition.NOTED, said, task=task.id)


def opened(task: Task, construct: str, said: str, report: Report) -> None:
    """What a person must decide."""
    report.row(construct, task.span, f"task:{task.id}", Disposition.DECISION, said, task=task.id)
