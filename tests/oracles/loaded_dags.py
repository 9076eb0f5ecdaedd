"""Run by Airflow's own Python: load a folder of DAG files, print what Airflow made of them as JSON.

``python loaded_dags.py FOLDER RUN.json``: the run (``conf`` and ``results``, XComs by task) is what the
Lambda payloads of the DAGs are rendered with.
"""

from __future__ import annotations

import json
import logging
import sys
import types
import warnings
from pathlib import Path

warnings.simplefilter("ignore")


def described(dag, run: dict) -> dict:
    return {
        "tasks": {task.task_id: operator(task) for task in dag.tasks},
        "catchup": dag.catchup,
        "fail_fast": dag.fail_fast,
        "payloads": {
            task.task_id: rendered(dag, task, run) for task in dag.tasks if getattr(task, "payload", None)
        },
    }


def operator(task) -> dict:
    return {
        "operator": type(task).__name__,
        "downstream": sorted(task.downstream_task_ids),
        "trigger_rule": getattr(task.trigger_rule, "value", task.trigger_rule),
        "retries": task.retries,
        "retry_delay": task.retry_delay.total_seconds(),
        "backoff": float(task.retry_exponential_backoff),
        "timeout": task.execution_timeout and task.execution_timeout.total_seconds(),
    }


def rendered(dag, task, run: dict) -> str | None:
    """The payload as Airflow renders it; None where the run lacks what it asks for."""
    from airflow.sdk.execution_time import macros
    from jinja2 import UndefinedError

    pull = types.SimpleNamespace(xcom_pull=lambda task_ids: run["results"].get(task_ids, "{}"))
    context = {
        "dag_run": types.SimpleNamespace(conf=run["conf"]),
        "ti": pull,
        "macros": macros,
        "run_id": "run",
    }
    try:
        return task.render_template(task.payload, context, dag.get_template_env())
    except (UndefinedError, TypeError, ValueError):  # an undefined value is no JSON, and text no dict
        return None


def main(folder: str, run: str) -> None:
    logging.disable(logging.CRITICAL)
    from airflow.dag_processing.dagbag import DagBag

    bag = DagBag(folder)
    given = json.loads(Path(run).read_text())
    found = {dag_id: described(dag, given) for dag_id, dag in bag.dags.items()}
    errors = {Path(path).name: error.strip().splitlines()[-1] for path, error in bag.import_errors.items()}
    Path(sys.argv[3]).write_text(json.dumps({"dags": found, "errors": errors}))


if __name__ == "__main__":
    main(*sys.argv[1:3])
