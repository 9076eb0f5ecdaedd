"""The texts of a task that Airflow renders as Jinja, and what is asked of them.

Filters: ``airflow/sdk/definitions/_internal/templater.py``. Names: the context of Airflow 2 and 3,
``airflow/utils/context.py`` and ``airflow/sdk/definitions/context.py``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from dagmig.airflow.read.operator_facts import DECORATED, facts
from dagmig.graph.jinja import BadTemplate, has_jinja, tree
from dagmig.graph.model import Task, Workflow
from dagmig.graph.plain_jinja import used
from dagmig.graph.values import Entries, Items, Literal, Template, Value
from dagmig.lint.arguments import meant

GLOBALS = frozenset({"range", "dict", "lipsum", "cycler", "joiner", "namespace"})  # Jinja's own
CONTEXT_2 = frozenset(
    {"conf", "execution_date", "next_ds", "next_ds_nodash", "next_execution_date", "prev_ds",
     "prev_ds_nodash", "prev_execution_date", "prev_execution_date_success", "tomorrow_ds",
     "tomorrow_ds_nodash", "triggering_dataset_events", "yesterday_ds", "yesterday_ds_nodash"}
)  # fmt: skip
"""Names that only Airflow 2 has."""
CONTEXT = CONTEXT_2 | frozenset(
    {"conn", "dag", "dag_run", "data_interval_end", "data_interval_start", "ds", "ds_nodash", "exception",
     "expanded_ti_count", "inlet_events", "inlets", "logical_date", "macros", "map_index_template",
     "outlet_events", "outlets", "params", "partition_key", "partition_date",
     "prev_data_interval_end_success", "prev_data_interval_start_success", "prev_end_date_success",
     "prev_start_date_success", "reason", "run_id", "task", "task_instance", "task_instance_key_str",
     "task_reschedule_count", "task_state_store", "asset_state_store", "templates_dict", "test_mode", "ti",
     "triggering_asset_events", "try_number", "ts", "ts_nodash", "ts_nodash_with_tz", "var",
     "latest_date", "end_date", "END_DATE", "tables", "results_df"}
)  # fmt: skip
"""Names of either version, of Airflow 1.10, and ``results_df``, which the SQL to Slack operators add."""
MACROS = frozenset(
    {"datetime", "datetime_diff_for_humans", "dateutil", "ds_add", "ds_format", "ds_format_locale",
     "format_datetime", "hive", "json", "random", "time", "timedelta", "uuid", "yaml", "Locale", "LC_TIME",
     "Any"}
)  # fmt: skip
"""What ``macros`` has in either version: ``airflow/macros`` and ``airflow/sdk/execution_time/macros.py``."""
OF_VAR = frozenset({"value", "json", "get", "items", "keys", "values"})
LOOKED_UP = re.compile(r"\b(macros|var)\s*\.\s*(\w+)")
FILTERS = frozenset({"ds", "ds_nodash", "ts", "ts_nodash", "ts_nodash_with_tz"})
ENVIRONMENT = frozenset(
    {"jinja_environment_kwargs", "template_undefined", "user_defined_macros", "user_defined_filters", "**"}
)
"""Arguments of a DAG that change what its templates may hold."""


def templates(task: Task) -> Iterator[tuple[str, str]]:
    """Each text with Jinja in it that the operator renders, with its argument."""
    rendered = fields(task.call.operator)
    given: list[Mapping[str, Value]] = [task.call.arguments]
    if task.expand is not None and task.expand.kind == "expand":
        given.append(task.expand.arguments)
    for arguments in given:
        for name, value in arguments.items():
            for text in texts(value) if name in rendered else ():
                if has_jinja(text):
                    yield name, text


@lru_cache(maxsize=256)
def fields(operator: str) -> frozenset[str]:
    """The arguments that an operator renders; none where it is not known."""
    known = facts(operator)
    if known is None:
        return frozenset()
    return known.fields | known.newer_fields | (DECORATED if operator.startswith("@") else frozenset())


def texts(value: Value) -> Iterable[str]:
    """The texts in a value that are known in full."""
    if not isinstance(value, Literal):
        return _of_parts(value)
    return (value.value,) if isinstance(value.value, str) else _plain(value.value)


def _of_parts(value: Value) -> Iterator[str]:
    match value:
        case Items(items):
            for item in items:
                yield from texts(item)
        case Entries(entries):
            for _, held in entries:
                yield from texts(held)
        case Template(parts) if all(isinstance(part, str) for part in parts):
            yield "".join(str(part) for part in parts)


def _plain(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _plain(inner)
    elif isinstance(value, list | tuple | set):
        for inner in value:
            yield from _plain(inner)


def _is_read(node: Any) -> bool:
    """Whether a node is a name that is looked up in the context, as long as nothing binds it."""
    return getattr(node, "ctx", "") == "load" and node.name != "self"


@lru_cache(maxsize=256)
def names(text: str) -> frozenset[str]:
    """The names that a template takes from its context; none where Jinja cannot parse it."""
    if (plain := used(text)) is not None:
        return plain.names - GLOBALS
    from jinja2 import TemplateError, meta, nodes

    try:
        parsed = tree(text)
        found = list(parsed.find_all((nodes.Name, nodes.Stmt)))
        if all(isinstance(one, (nodes.Output, nodes.If)) or _is_read(one) for one in found):
            return frozenset(one.name for one in found if isinstance(one, nodes.Name)) - GLOBALS
        return frozenset(meta.find_undeclared_variables(parsed))
    except (BadTemplate, TemplateError):
        return frozenset()


def strange_lookup(text: str) -> str:
    """The first ``macros.name`` or ``var.name`` of a template that Airflow surely does not have, else empty.

    Plugins add modules to ``macros``, which nobody calls: another name is strange where it is called, or
    where it is a slip of the pen. Nothing is strange in a template that tests for what is there.
    """
    found = LOOKED_UP.findall(text)
    if all(name in (MACROS if holder == "macros" else OF_VAR) for holder, name in found):
        return ""
    from jinja2 import nodes

    if "default" in text or "defined" in text:
        return ""
    parsed = tree(text)
    called = {id(call.node) for call in parsed.find_all(nodes.Call)}
    for one in parsed.find_all(nodes.Getattr):
        match one:
            case nodes.Getattr(node=nodes.Name(name="macros"), attr=name) if name not in MACROS:
                if id(one) in called or meant(name, MACROS):
                    return f"macros.{name}"
            case nodes.Getattr(node=nodes.Name(name="var"), attr=name) if name not in OF_VAR:
                return f"var.{name}"
    return ""


def has_usual_environment(workflow: Workflow) -> bool:
    """Whether a DAG's templates have Airflow's own filters and names, and no others."""
    return not ENVIRONMENT & workflow.arguments.keys()
