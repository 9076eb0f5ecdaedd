"""Run by Airflow's own Python: what DagBag builds of DAG files, as JSON.

``python dagbag_graphs.py ROOT OUT.json < FILES``: a file a line; ROOT is the dags folder. By file its import
``errors`` or its ``dags``; under ``defaults`` what a DAG and a task are that say nothing.

Works with Airflow 2 and 3, without a database and without a network. Whatever the machine's environment says
is not seen by the files: of the variables only a few are kept.
"""

from __future__ import annotations

import ast
import contextlib
import json
import logging
import os
import socket
import sys
import tempfile
import traceback
import warnings
from datetime import timedelta
from pathlib import Path

KEPT = ("PATH", "LANG", "LC_ALL", "TMPDIR")
TIMEOUT = "240"
NOTHING = """
from datetime import datetime
from airflow import DAG
from airflow.providers.standard.operators.empty import EmptyOperator
with DAG("nothing", start_date=datetime(2020, 1, 1)):
    EmptyOperator(task_id="nothing")
"""


def no_network(*_args, **_kwargs):
    raise OSError("no network while DAGs are loaded")


def isolate(root: str, home: str) -> None:
    """Before Airflow is imported: an environment of our own, no network."""
    for name in set(os.environ).difference(KEPT):
        del os.environ[name]
    os.environ.update(
        HOME=home,
        AIRFLOW_HOME=home,
        AIRFLOW__CORE__DAGS_FOLDER=root,
        AIRFLOW__CORE__PLUGINS_FOLDER=str(Path(home) / "plugins"),
        AIRFLOW__CORE__LOAD_EXAMPLES="False",
        AIRFLOW__CORE__DAGBAG_IMPORT_TIMEOUT=TIMEOUT,
        AIRFLOW__CORE__UNIT_TEST_MODE="False",
        AIRFLOW__DATABASE__SQL_ALCHEMY_CONN="sqlite://",
    )
    sys.path.insert(0, root)
    socket.socket.connect = no_network
    socket.getaddrinfo = no_network


def plain(value):
    return getattr(value, "value", value)


def seconds(value):
    return value.total_seconds() if isinstance(value, timedelta) else value


def name_of(cls) -> str:
    return f"{cls.__module__}.{cls.__qualname__}"


def operator(task, aliases: dict[type, set[str]]) -> dict:
    """What a task is: its class's ``name``, how it ``shows`` (``@task.branch``), and all ``names`` of the class."""
    cls = task.operator_class if mapped(task) else type(task)
    if not isinstance(cls, type):
        return {"name": str(cls), "shows": str(cls), "names": []}
    shows = getattr(cls, "custom_operator_name", None)
    shows = shows if isinstance(shows, str) else cls.__name__
    return {"name": cls.__name__, "shows": shows, "names": sorted({name_of(cls), *aliases.get(cls, ())})}


def condition(value):
    """The assets that start a DAG: a URI or name, or ``{"all": [...]}`` and ``{"any": [...]}``; null for none."""
    inner = getattr(value, "objects", None)
    if inner is not None:
        kind = "any" if type(value).__name__.endswith("Any") else "all"
        return {kind: [condition(one) for one in inner]}
    for field in ("uri", "name"):
        if isinstance(getattr(value, field, None), str):
            return getattr(value, field)
    return None


def schedule(dag) -> dict:
    """The timetable that Airflow made or was given, and what of the schedule it keeps."""
    table = dag.timetable
    given = getattr(dag, "schedule", getattr(dag, "schedule_interval", None))
    parts = [getattr(table, name, None) for name in ("asset_condition", "dataset_condition")]
    inner = getattr(table, "timetable", None)
    text = given if isinstance(given, str) else getattr(table, "_expression", None)
    return {
        "timetable": type(table).__name__,
        "text": text if text is None or isinstance(text, str) else str(text),
        "seconds": given.total_seconds() if isinstance(given, timedelta) else None,
        "condition": next((found for part in parts if (found := condition(part))), None),
        "inner": type(inner).__name__ if inner is not None else None,
    }


def groups(dag) -> dict:
    return {
        group.group_id: {"mapped": "Mapped" in type(group).__name__}
        for group in dag.task_group.get_task_group_dict().values()
        if group.group_id is not None
    }


def mapped(task) -> bool:
    return any(cls.__name__ == "MappedOperator" for cls in type(task).__mro__)


def task_facts(task, aliases) -> dict:
    return {
        "operator": operator(task, aliases),
        "upstream": sorted(task.upstream_task_ids),
        "trigger_rule": plain(task.trigger_rule),
        "mapped": mapped(task),
        "group": task.task_group.group_id if task.task_group else None,
        "retries": task.retries,
        "retry_delay": seconds(task.retry_delay),
        "execution_timeout": seconds(task.execution_timeout),
        "setup": bool(task.is_setup),
        "teardown": bool(task.is_teardown),
    }


def dag_facts(dag, aliases) -> dict:
    return {
        "schedule": schedule(dag),
        "catchup": dag.catchup,
        "start_date": dag.start_date.isoformat() if dag.start_date else None,
        "max_active_runs": dag.max_active_runs,
        "groups": groups(dag),
        "tasks": {task.task_id: task_facts(task, aliases) for task in dag.tasks},
    }


def imported(path: Path) -> dict[type, set[str]]:
    """The classes that a file imports from elsewhere, by all the names it has for them."""
    found: dict[type, set[str]] = {}
    with contextlib.suppress(SyntaxError, UnicodeDecodeError):
        for node in ast.walk(ast.parse(path.read_bytes())):
            if not isinstance(node, ast.ImportFrom) or node.level or node.module not in sys.modules:
                continue
            for alias in node.names:
                value = getattr(sys.modules[node.module], alias.name, None)
                if isinstance(value, type):
                    found.setdefault(value, set()).add(f"{node.module}.{alias.name}")
    return found


def aliases_of(file: Path, root: Path) -> dict[type, set[str]]:
    """Of the file and of the modules of its project that are loaded."""
    mine = [Path(m.__file__) for m in list(sys.modules.values()) if isinstance(getattr(m, "__file__", None), str)]
    found: dict[type, set[str]] = {}
    for path in (file, *(one for one in mine if one.suffix == ".py" and one.is_relative_to(root))):
        for cls, names in imported(path).items():
            found.setdefault(cls, set()).update(names)
    return found


def load(bag_type, file: Path, root: Path) -> dict:
    environment = dict(os.environ)
    try:
        bag = bag_type(str(file), safe_mode=False)
        errors = [error.strip().splitlines()[-1] for error in bag.import_errors.values()]
        aliases = aliases_of(file, root) if bag.dags else {}
        return {"errors": errors, "dags": {dag_id: dag_facts(dag, aliases) for dag_id, dag in bag.dags.items()}}
    except SystemExit as stop:
        return {"errors": [f"SystemExit: {stop}"], "dags": {}}
    finally:
        os.environ.clear()
        os.environ.update(environment)


def main(root: str, out: str, files: list[str]) -> None:
    with tempfile.TemporaryDirectory() as home, (Path(home) / "log").open("w") as log:
        isolate(root, home)
        warnings.simplefilter("ignore")
        logging.disable(logging.CRITICAL)
        nothing = Path(home) / "nothing.py"
        nothing.write_text(NOTHING)
        with contextlib.redirect_stdout(log):
            try:
                from airflow.dag_processing.dagbag import DagBag
            except ImportError:
                from airflow.models.dagbag import DagBag
            found = {file: load(DagBag, Path(file), Path(root)) for file in files}
            empty = load(DagBag, nothing, Path(root))
        found["defaults"] = empty["dags"]["nothing"]
        Path(out).write_text(json.dumps(found))


if __name__ == "__main__":
    try:
        main(sys.argv[1], sys.argv[2], sys.stdin.read().splitlines())
    except BaseException:
        traceback.print_exc()
        raise
