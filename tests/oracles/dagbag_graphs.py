"""Run by Airflow's own Python: what DagBag builds of DAG files, as JSON.

``python dagbag_graphs.py OUT.json < LINES``: a line is a dags folder, a tab and a file. Under ``files`` by
file its import ``errors`` and its ``dags``; under ``defaults`` what a DAG and a task are that say nothing.
Every file is loaded twice, the second time at another hour of another day and with the modules of its project
afresh: where the answers are not the same (``datetime.now()``, ``uuid4()``) the second is there as ``later``.

Works with Airflow 2 and 3, without a network; the database is empty. Whatever the machine's environment says
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
import warnings
from datetime import datetime, timedelta, timezone
from functools import cache
from pathlib import Path

LATER = datetime(2031, 7, 9, 14, 25, 36, tzinfo=timezone.utc)
TABLES = ("slot_pool", "variable", "dataset_alias")
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


def isolate(home: str) -> None:
    """Before Airflow is imported: an environment of our own, no network."""
    for name in set(os.environ).difference(KEPT):
        del os.environ[name]
    os.environ.update(
        HOME=home,
        AIRFLOW_HOME=home,
        AIRFLOW__CORE__DAGS_FOLDER=str(Path(home) / "dags"),
        AIRFLOW__CORE__PLUGINS_FOLDER=str(Path(home) / "plugins"),
        AIRFLOW__CORE__LOAD_EXAMPLES="False",
        AIRFLOW__CORE__DAGBAG_IMPORT_TIMEOUT=TIMEOUT,
        AIRFLOW__DATABASE__SQL_ALCHEMY_CONN="sqlite://",
    )
    socket.socket.connect = no_network
    socket.getaddrinfo = no_network


def make_tables() -> None:
    """A few constructors of Airflow 2 look into its database: the tables they look into, empty."""
    from airflow import models, settings
    from airflow.models.base import Base

    models.import_all_models()
    Base.metadata.create_all(settings.engine, [Base.metadata.tables[name] for name in TABLES])


def plain(value):
    return getattr(value, "value", value)


def seconds(value):
    return value.total_seconds() if isinstance(value, timedelta) else value


def name_of(cls) -> str:
    return f"{cls.__module__}.{cls.__qualname__}"


def operator(task, aliases: dict[type, set[str]]) -> dict:
    """A task's class: its ``name``, how it ``shows`` (``@task.branch``), the ``names`` of the class."""
    cls = task.operator_class if mapped(task) else type(task)
    if not isinstance(cls, type):
        return {"name": str(cls), "shows": str(cls), "names": []}
    shows = getattr(cls, "custom_operator_name", None)
    shows = shows if isinstance(shows, str) else cls.__name__
    return {"name": cls.__name__, "shows": shows, "names": sorted({name_of(cls), *aliases.get(cls, ())})}


def condition(value):
    """The assets that start a DAG: a URI or name, ``{"all": [...]}`` or ``{"any": [...]}``; null for none."""
    inner = getattr(value, "objects", None)
    if inner is not None and "Alias" not in type(value).__name__:
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
    expression = getattr(table, "_expression", None) or getattr(table, "expression", None)
    text = given if isinstance(given, str) else expression
    return {
        "timetable": type(table).__name__,
        "is_plain": isinstance(given, (str, timedelta)),  # Airflow 2 has a text for every timetable
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


def start_date(dag) -> str | None:
    """The DAG's own, else that of its ``default_args`` (Airflow 2 leaves that to the tasks); naive is UTC."""
    found = dag.start_date or (dag.default_args or {}).get("start_date")
    if not isinstance(found, datetime):
        return found and str(found)
    return (
        (found if found.tzinfo else found.replace(tzinfo=timezone.utc)).astimezone(timezone.utc).isoformat()
    )


def dag_facts(dag, aliases) -> dict:
    return {
        "schedule": schedule(dag),
        "catchup": dag.catchup,
        "start_date": start_date(dag),
        "max_active_runs": dag.max_active_runs,
        "groups": groups(dag),
        "tasks": {task.task_id: task_facts(task, aliases) for task in dag.tasks},
    }


def project_modules(root: str) -> dict[str, str]:
    """The names of the loaded modules that lie below the folder, with their files."""
    files = {name: getattr(module, "__file__", None) for name, module in list(sys.modules.items())}
    return {
        name: file for name, file in files.items() if isinstance(file, str) and file.startswith(root + os.sep)
    }


@cache
def imported(file: str) -> list[tuple[str, str]]:
    """What a file takes from elsewhere, by ``from`` or as a module's attribute: modules and names in them."""
    try:
        nodes = list(ast.walk(ast.parse(Path(file).read_bytes())))
    except (SyntaxError, UnicodeDecodeError):
        return []
    modules, found = {}, []
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and not node.level:
            found += [(node.module, one.name) for one in node.names]
            modules |= {one.asname or one.name: f"{node.module}.{one.name}" for one in node.names}
        elif isinstance(node, ast.Import):
            modules |= {one.asname: one.name for one in node.names if one.asname}
    uses = [node for node in nodes if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)]
    return found + [(modules[use.value.id], use.attr) for use in uses if use.value.id in modules]


def aliases_of(file: str, root: str) -> dict[type, set[str]]:
    """The classes that the file and the modules of its project import, by all names they have for them."""
    found: dict[type, set[str]] = {}
    for path in (file, *project_modules(root).values()):
        for module, name in imported(path):
            value = getattr(sys.modules.get(module), name, None)
            if isinstance(value, type):
                found.setdefault(value, set()).add(f"{module}.{name}")
    return found


def forget(root: str) -> None:
    """The modules of the project, so that they are loaded anew."""
    for name in project_modules(root):
        del sys.modules[name]


def load(bag_type, file: str, root: str) -> dict:
    environment, path = dict(os.environ), list(sys.path)
    sys.path.insert(0, root)
    try:
        bag = bag_type(file, safe_mode=False)
        errors = [error.strip().splitlines()[-1] for error in bag.import_errors.values()]
        aliases = aliases_of(file, root) if bag.dags else {}
        return {
            "errors": errors,
            "dags": {dag_id: dag_facts(dag, aliases) for dag_id, dag in bag.dags.items()},
        }
    except BaseException as stop:  # not only Exception: pytest.skip of a module
        if isinstance(stop, KeyboardInterrupt):
            raise
        return {"errors": [f"{type(stop).__name__}: {stop}"], "dags": {}}
    finally:
        sys.path[:] = path
        os.environ.clear()
        os.environ.update(environment)


def load_all(bag_type, roots: dict[str, list[str]]) -> dict:
    """By root: its files one after the other, as those of a dags folder; then its modules are forgotten."""
    found = {}
    for root, files in roots.items():
        found |= {file: load(bag_type, file, root) for file in files}
        forget(root)
    return found


def main(out: str, lines: list[str]) -> None:
    roots: dict[str, list[str]] = {}
    for root, file in (line.split("\t") for line in lines):
        roots.setdefault(root, []).append(file)
    with tempfile.TemporaryDirectory() as home, (Path(home) / "log").open("w") as log:
        isolate(home)
        warnings.simplefilter("ignore")
        logging.disable(logging.CRITICAL)
        nothing = Path(home) / "nothing.py"
        nothing.write_text(NOTHING)
        with contextlib.redirect_stdout(log):
            import time_machine

            try:
                from airflow.dag_processing.dagbag import DagBag
            except ImportError:
                from airflow.models.dagbag import DagBag

                make_tables()
            found = load_all(DagBag, roots)
            with time_machine.travel(LATER, tick=True):
                built = {
                    root: [file for file in files if found[file]["dags"]] for root, files in roots.items()
                }
                later = load_all(DagBag, built)
            for file, answer in later.items():
                if answer != found[file]:
                    found[file]["later"] = answer["dags"]
            defaults = load(DagBag, str(nothing), home)["dags"]["nothing"]
        Path(out).write_text(json.dumps({"files": found, "defaults": defaults}))


if __name__ == "__main__":
    main(sys.argv[1], sys.stdin.read().splitlines())
