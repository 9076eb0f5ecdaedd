"""What a file says of DAGs and assets to the rules that look at all files of a run."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import PurePath

from dagmig.diagnostics import Span
from dagmig.graph.jinja import has_jinja
from dagmig.graph.model import Task, Workflow
from dagmig.graph.query import assets_of, schedule
from dagmig.graph.values import Literal, Value
from dagmig.lint.arguments import distance
from dagmig.lint.cron import problem
from dagmig.lint.installation import DEFAULT_POOL, pools
from dagmig.lint.operators import class_name, is_external_sensor, known, says_everything
from dagmig.lint.source import Declared, Source

DATE_GIVEN = ("execution_delta", "execution_date_fn")


def declared(source: Source) -> Iterator[Declared]:
    """See ``Declared``; of a DAG that is not known in full only what is certain."""
    for workflow in source.workflows:
        if workflow.id is not None and workflow.is_complete:
            yield Declared(workflow.id, workflow.span, "dag", cron(workflow))
        yield Declared(_style(workflow, source), workflow.span, "style")
        yield from leans(workflow)
    if source.kind == "installation":
        yield from pools(source)
    if source.workflows and source.is_explicit:
        yield Declared("", Span(source.file), "partial")


def leans(workflow: Workflow) -> Iterator[Declared]:
    """What one DAG says of assets and of other DAGs."""
    for name in _assets(schedule(workflow)):
        yield Declared(name, workflow.span, "consumes")
    for task in workflow.tasks.values():
        yield from _of_task(task, workflow)


def _style(workflow: Workflow, source: Source) -> str:
    """How a DAG is written: a function under ``@dag``, or a call of ``DAG``."""
    line = source.lines[workflow.span.line - 1]
    return "@dag" if line[: workflow.span.column - 1].rstrip().endswith("@") else "DAG"


def cron(workflow: Workflow) -> str:
    """The schedule as a cron expression, or a preset; empty for any other."""
    value = schedule(workflow)
    text = value.value if isinstance(value, Literal) and not value.is_assumed else None
    return text if isinstance(text, str) and problem(text) is None else ""


def _of_task(task: Task, workflow: Workflow) -> Iterator[Declared]:
    if (outlets := task.argument("outlets")) is not None:
        for name in _assets(outlets):
            yield Declared(name, task.span, "produces")
    if class_name(task) == "TriggerDagRunOperator" and (target := _plain(known(task, "trigger_dag_id"))):
        yield Declared(target, task.span, "triggers")
    slots = known(task, "pool_slots")
    if type(slots) is int and says_everything(workflow, task):
        pool = known(task, "pool") if task.argument("pool") else DEFAULT_POOL
        if isinstance(pool, str):
            yield Declared(pool, task.span, "takes", str(slots))
    if is_external_sensor(task) and (target := _plain(known(task, "external_dag_id"))):
        is_same_date = says_everything(workflow, task) and not any(map(task.argument, DATE_GIVEN))
        yield Declared(target, task.span, "waits", cron(workflow) if is_same_date else "")


def _plain(value: object) -> str:
    return value if isinstance(value, str) and not has_jinja(value) else ""


def _assets(value: Value | None) -> Iterator[str]:
    """The names of the assets in a schedule, or in outlets: the URI, or the name where there is none."""
    for made in assets_of(value):
        given = [*(made.keywords[name] for name in ("uri", "name") if name in made.keywords), *made.arguments]
        first = given[0] if given else None
        if isinstance(first, Literal) and (text := _plain(first.value)):
            yield text


def installation(file: str) -> str:
    """The outermost folder called ``dags`` that a file is in; empty where there is none."""
    folders = PurePath(file).parts[:-1]
    return "/".join(folders[: folders.index("dags")]) if "dags" in folders else ""


def misspelt(name: str, known_names: Iterable[str]) -> str | None:
    """The name that somebody meant: the same but for case and separators, or for one letter inside.

    None where the name is known, and where two names differ in a number or at their end, as ``load_1`` and
    ``load_2`` do.
    """
    names = set(known_names)
    if name in names:
        return None
    return next((other for other in sorted(names) if _is_slip(name, other)), None)


def _is_slip(one: str, other: str) -> bool:
    bare, known_bare = (re.sub(r"[-_./ ]", "", text).lower() for text in (one, other))
    if bare == known_bare:
        return True
    same_numbers = re.findall(r"\d+", one) == re.findall(r"\d+", other)
    return (
        len(bare) >= 8 and bare[-1] == known_bare[-1] and same_numbers and distance(bare, known_bare, 1) <= 1
    )
