"""What operators of Airflow and its providers do that a DAG file does not say.

``operators.json`` is written by ``python -m tests.oracles.operators``, which asks Airflow 3 and 2 and their
providers: by module and class the template fields, the arguments in which an output of another task makes no
edge, and the attributes that are the task's own output. A class is known by its name wherever it once stood.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

TABLE = Path(__file__).with_name("operators.json")
PARTS = ("fields", "plain", "outputs", "fields 3", "plain 3", "texts", "texts 3", "required")
DECORATED = frozenset({"op_args", "op_kwargs"})
OWN_DEFAULTS: dict[str, dict[str, Any]] = {"MSGraphSensor": {"retry_delay": timedelta(seconds=60)}}
"""What a task of a class has that says nothing, where it is not what every task has; by class."""


@dataclass(frozen=True)
class Facts:
    """``fields`` are templates, those in ``texts`` of text that is made of what is given; an output of
    another task in one of these or of ``plain`` makes no edge; ``outputs`` are attributes that are the task's
    own output. What is ``newer`` holds in Airflow 3. A template that ends like one of ``files`` is the name
    of a file. Without one of ``required`` no version makes the operator.
    """

    fields: frozenset[str] = frozenset()
    plain: frozenset[str] = frozenset()
    outputs: frozenset[str] = frozenset()
    newer_fields: frozenset[str] = frozenset()
    newer_plain: frozenset[str] = frozenset()
    texts: frozenset[str] = frozenset()
    newer_texts: frozenset[str] = frozenset()
    files: tuple[str, ...] = ()
    required: frozenset[str] = frozenset()


@cache
def _rows() -> dict[str, list[dict[str, Any]]]:
    """By qualified name and by class name: a class has moved, and a few share a name."""
    found: dict[str, list[dict[str, Any]]] = {}
    for module, classes in json.loads(TABLE.read_text(encoding="utf-8")).items():
        for name, row in classes.items():
            found.setdefault(name, []).append(row)
            if module:
                found[f"{module}.{name}"] = [row]
    return found


def _rows_of(operator: str) -> list[dict[str, Any]]:
    if not operator.startswith(("airflow.", "@task")):
        return []
    name = operator if operator.startswith("@") else operator.rpartition(".")[2]
    return _rows().get(operator) or _rows().get(name) or []


@cache
def facts(operator: str) -> Facts | None:
    """Of a class by its qualified name, or of a decorator (``@task.bash``): what all of that name agree on;
    None where there is none.
    """
    rows = _rows_of(operator)
    if not rows:
        return None
    fields, own, outputs, newer, newer_plain, texts, newer_texts, required = (
        frozenset.intersection(*(frozenset(row.get(part, "").split()) for row in rows)) for part in PARTS
    )
    files = {ending for row in rows for ending in row.get("files", "").split()}
    return Facts(fields, own, outputs, newer, newer_plain, texts, newer_texts, tuple(sorted(files)), required)


FILES: dict[str, tuple[str, ...]] = {
    "sql": (".sql", ".hql"),
    "query": (".sql", ".hql"),
    "hql": (".hql", ".sql"),
    "bash_command": (".sh", ".bash"),
}
"""How the names of template files end, by argument, in classes that the table does not have."""


@cache
def template_files(operator: str) -> dict[str, tuple[str, ...]]:
    """How the names of template files end, by argument of an operator of Airflow or its providers."""
    known = facts(operator)
    if known is None:
        return FILES
    return dict.fromkeys(known.fields | known.newer_fields, known.files) if known.files else {}


@cache
def arguments() -> frozenset[str]:
    """Those that any operator of the table has."""
    parts = ("fields", "plain", "fields 3", "plain 3")
    return frozenset(
        name for rows in _rows().values() for row in rows for p in parts for name in row.get(p, "").split()
    )


def makes_edge(operator: str, argument: str, *, is_airflow_3: bool) -> bool | None:
    """Whether an output of another task in that argument makes an edge; None where that is not known."""
    if argument in NOT_TEMPLATED:
        return False
    if operator.startswith("@") and argument in DECORATED:
        return True
    known = facts(operator)
    if known is None:
        return None
    texts = known.texts | known.newer_texts if is_airflow_3 else known.texts
    if argument in texts or is_plain(operator, argument, is_airflow_3=is_airflow_3):
        return False
    is_field = argument in known.fields or (is_airflow_3 and argument in known.newer_fields)
    return True if is_field else None


def is_plain(operator: str, argument: str, *, is_airflow_3: bool) -> bool:
    """Whether an argument of the operator's own is surely no template."""
    return argument in plain(operator, is_airflow_3)


@cache
def plain(operator: str, is_airflow_3: bool) -> frozenset[str]:
    """The arguments of an operator's own that are surely no templates."""
    known = facts(operator)
    if known is None:
        return frozenset()
    return known.plain | known.newer_plain if is_airflow_3 else known.plain


NOT_TEMPLATED = frozenset(
    {
        "default_args", "doc", "doc_json", "doc_md", "doc_rst", "doc_yaml", "execution_timeout", "executor",
        "executor_config", "inlets", "max_retry_delay", "on_execute_callback", "on_failure_callback",
        "on_retry_callback", "on_skipped_callback", "on_success_callback", "outlets", "owner", "params",
        "pool", "pool_slots", "post_execute", "pre_execute", "priority_weight", "queue", "resources",
        "retries", "retry_delay", "retry_exponential_backoff", "run_as_user", "start_date", "end_date",
        "trigger_rule",
        "weight_rule",
    }
)  # fmt: skip
"""Arguments of every operator in which Airflow looks for no outputs of other tasks (``BaseOperator``)."""
