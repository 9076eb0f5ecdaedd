"""How long tasks take, from a file: a line a task, its id and its seconds, with or without a header."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from dagmig.diagnostics import Report, Severity, Span
from dagmig.graph.model import Workflow

INVALID = "invalid-durations"
LONGEST = 10**9  # seconds, some 31 years
_HEADER = (("task", "task_id"), ("seconds", "duration"))
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Duration:
    """``span`` is where the file names the task."""

    seconds: float
    span: Span


@dataclass(frozen=True, slots=True)
class _Cell:
    text: str
    span: Span


def parse(text: str, file: str, report: Report) -> dict[str, Duration]:
    """CSV -> durations by task. Each line that is none is an error ``invalid-durations`` at its place."""
    found: dict[str, Duration] = {}
    lines = enumerate(text.removeprefix("\ufeff").split("\n"), 1)
    rows = [cells for number, line in lines if line.strip() and (cells := list(_cells(line, file, number)))]
    for number, cells in enumerate(rows):
        if number == 0 and _is_header(cells):
            continue
        wrong = _wrong(cells, found)
        if wrong is not None:
            cell, said = wrong
            report.add(INVALID, said, cell.span, Severity.ERROR)
        else:
            task, seconds = cells
            found[task.text] = Duration(float(seconds.text), task.span)
    return found


def unknown_tasks(
    found: Mapping[str, Duration], workflows: Iterable[Workflow], report: Report
) -> Iterator[str]:
    """The tasks that no DAG has, each said: an error, or a warning where a DAG may have tasks unread."""
    read = list(workflows)
    known = {task for workflow in read for task in workflow.tasks}
    is_complete = all(workflow.is_complete for workflow in read)
    for task, duration in found.items():
        if task in known:
            continue
        severity = Severity.ERROR if is_complete else Severity.WARNING
        report.add(INVALID, f"no DAG has a task `{task}`", duration.span, severity)
        if is_complete:
            yield task


def _cells(line: str, file: str, number: int) -> Iterator[_Cell]:
    """The cells of a line, quotes and spaces around them removed; ids of tasks hold neither."""
    start = 0
    for cell in line.split(","):
        bare = cell.strip()
        column = start + len(cell) - len(cell.lstrip()) + 1
        if len(bare) > 1 and bare[0] == bare[-1] == '"':
            bare, column = bare[1:-1].strip(), column + 1
        yield _Cell(bare, Span(file, number, column))
        start += len(cell) + 1


def _is_header(cells: list[_Cell]) -> bool:
    return len(cells) == 2 and all(
        cell.text.lower() in names for cell, names in zip(cells, _HEADER, strict=True)
    )


def _wrong(cells: list[_Cell], found: Mapping[str, Duration]) -> tuple[_Cell, str] | None:
    """What is wrong with a line, and where."""
    task = cells[0]
    if len(cells) != 2:
        return cells[min(2, len(cells) - 1)], "a line is a task and its seconds, with a comma between"
    seconds = cells[1]
    if not task.text:
        return task, "the task has no name"
    if task.text in found:
        return task, f"`{task.text}` has a duration in line {found[task.text].span.line}"
    if not _NUMBER.fullmatch(seconds.text):
        return seconds, f"`{seconds.text}` is no number of seconds"
    if float(seconds.text) < 0:
        return seconds, f"a task cannot take {seconds.text} seconds"
    if float(seconds.text) > LONGEST:
        return seconds, f"{seconds.text} seconds are too many: {LONGEST} at most"
    return None
