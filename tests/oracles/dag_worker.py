"""Run by Airflow's own Python, for as long as somebody asks: what Airflow makes of DAG files, a line each.

A line of standard input is ``{"file": ..., "root": ...}`` (the dags folder the file lies in); a line of
standard output ``{"errors": [...], "dags": {...}}``. Nothing that one file imports is there for the next.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import warnings
from collections.abc import Callable
from datetime import timedelta
from typing import Any

warnings.simplefilter("ignore")


def dag_facts(dag) -> dict:
    return {
        "schedule": schedule(dag.schedule),
        "catchup": dag.catchup,
        "start_date": dag.start_date and dag.start_date.isoformat(),
        "groups": {
            name: {"parent": group.parent_group.group_id, "mapped": "Mapped" in type(group).__name__}
            for name, group in dag.task_group.get_task_group_dict().items()
            if name
        },
        "labels": sorted(
            [up, down, edge["label"]]
            for up, found in dag.edge_info.items()
            for down, edge in found.items()
            if edge.get("label") and up in dag.task_dict and down in dag.task_dict  # not a group's join
        ),
        "tasks": {task.task_id: task_facts(task) for task in dag.tasks},
    }


def task_facts(task) -> dict:
    return {
        "operator": task.operator_name,
        "upstream": sorted(task.upstream_task_ids),
        "trigger_rule": getattr(task.trigger_rule, "value", task.trigger_rule),
        "group": task.task_group.group_id if task.task_group else None,
        "mapped": bool(task.is_mapped),
        "setup": bool(task.is_setup),
        "teardown": bool(task.is_teardown),
        "retries": task.retries,
        "retry_delay": seconds(task.retry_delay),
        "execution_timeout": seconds(task.execution_timeout),
        "command": command(task),
    }


def command(task) -> str | None:
    """What a plain Bash task runs, when that is text without another task's output in it."""
    found = None if task.is_mapped else getattr(task, "bash_command", None)
    is_shown = (
        task.operator_name.endswith("BashOperator") and isinstance(found, str) and "xcom_pull(" not in found
    )
    return found if is_shown else None


def seconds(value: Any) -> float | None:
    return value.total_seconds() if isinstance(value, timedelta) else value


def schedule(value: Any) -> Any:
    """A schedule as data: text as it is, ``[name, argument...]`` for everything that is an object."""
    kind = type(value).__name__
    match value:
        case None | str():
            return value
        case timedelta():
            return ["timedelta", value.total_seconds()]
        case list() | tuple():
            return ["AssetAll", *map(schedule, value)]
    if kind == "relativedelta":
        return [kind, *(f"{k}={v}" for k, v in sorted(vars(value).items()) if v and not k.startswith("_"))]
    if kind == "Asset":
        return [kind, value.name]
    if kind in ("AssetAll", "AssetAny"):
        return [kind, *map(schedule, value.objects)]
    return [kind]


def answer(file: str, root: str, load: Callable[..., Any]) -> dict:
    before, path = set(sys.modules), list(sys.path)
    sys.path.insert(0, root)
    try:
        bag = load(file, safe_mode=False)
        errors = [error.strip().splitlines()[-1] for error in bag.import_errors.values()]
        return {"errors": errors, "dags": {name: dag_facts(dag) for name, dag in bag.dags.items()}}
    finally:
        sys.path[:] = path
        for name in set(sys.modules) - before:
            if str(getattr(sys.modules[name], "__file__", None) or root).startswith(root):
                del sys.modules[name]


def main() -> None:
    logging.disable(logging.CRITICAL)
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what Airflow and the files print is no answer
    sys.dont_write_bytecode = True
    from airflow.dag_processing.dagbag import DagBag

    for line in sys.stdin:
        asked = json.loads(line)
        found = answer(asked["file"], asked["root"], DagBag)
        print(json.dumps(found, default=lambda value: repr(value)), file=answers, flush=True)


if __name__ == "__main__":
    main()
