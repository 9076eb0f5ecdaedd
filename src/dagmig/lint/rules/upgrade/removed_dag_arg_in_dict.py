"""The rule ``removed-dag-arg-in-dict``."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dagmig.diagnostics import Edit, Fix, Severity
from dagmig.graph.model import Workflow
from dagmig.lint.rule import Finding, FixKind, dag_rule
from dagmig.lint.source import Source
from dagmig.lint.syntax import Syntax

REMOVED = {
    "schedule_interval": "schedule",
    "concurrency": "max_active_tasks",
    "fail_stop": "fail_fast",
    "timetable": "schedule",
    "default_view": "",
    "orientation": "",
    "full_filepath": "",
}


@dag_rule(Severity.ERROR, fix=FixKind.SAFE, airflow=">=3", words=REMOVED.keys())
def removed_dag_arg_in_dict(workflow: Workflow, source: Source) -> Iterator[Finding]:
    """A dict that is given to a DAG by `**` holds an argument that Airflow 3 does not have.

    Airflow 3 refuses the DAG with a TypeError, and none of the file's DAGs appear. What stands at the DAG's
    call itself is the matter of `schedule-interval` and of ruff's AIR301. The fix renames the key; the new
    names of the schedule and of `max_active_tasks` exist in Airflow 2 as well.
    See https://airflow.apache.org/docs/apache-airflow/stable/installation/upgrading_to_airflow3.html

    ```python bad
    from airflow import DAG

    SETTINGS = {"concurrency": 4, "schedule": None}
    dag = DAG("nightly", **SETTINGS)
    ```

    ```python good
    from airflow import DAG

    SETTINGS = {"max_active_tasks": 4, "schedule": None}
    dag = DAG("nightly", **SETTINGS)
    ```

    Instead: Use `schedule`, `max_active_tasks`, `fail_fast`.
    """
    removed = workflow.arguments.keys() & REMOVED.keys()
    if not removed:
        return
    syntax = source.syntax
    call = syntax.call_at(workflow.span)
    written = {one.arg for one in call.keywords} if call is not None else set()
    if call is None or None not in written:
        return
    for name in sorted(removed - written):
        keys = list(_keys(name, syntax))
        now = REMOVED[name]
        fix = None
        if len(keys) == 1 and now and now not in workflow.arguments and name != "fail_stop":
            start, end = syntax.offset(keys[0]), syntax.offset(keys[0], end=True)
            fix = Fix((Edit(start, end, f'"{now}"'),))
        instead = f": it is `{now}` now" if now else ""
        place = syntax.span(keys[0]) if len(keys) == 1 else workflow.span
        yield Finding(f"a DAG of Airflow 3 takes no `{name}`{instead}", place, fix)


def _keys(name: str, syntax: Syntax) -> Iterator[ast.Constant]:
    """Where dicts of the file have the key."""
    for node in syntax.all(ast.Dict):
        for key in node.keys:
            if isinstance(key, ast.Constant) and key.value == name:
                yield key
