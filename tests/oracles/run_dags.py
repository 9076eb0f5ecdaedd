"""Run by Airflow's own Python: run every DAG of a folder once, write what became of its tasks as JSON.

``python run_dags.py FOLDER OUT.json``, in an ``AIRFLOW_HOME`` of its own; its database is made first.
Of a mapped task there is a list of what its instances returned, and the state of the first. ``is_chooser``
marks tasks that can skip others: Airflow 3 keeps the result of one only when it skips nothing.
"""

from __future__ import annotations

import json
import logging
import sys
import warnings
from pathlib import Path

warnings.simplefilter("ignore")


def outcome(dag) -> dict:
    from airflow.sdk.bases.skipmixin import SkipMixin

    run = dag.test()
    found = {}
    for instance in sorted(run.get_task_instances(), key=lambda one: one.map_index):
        state, value = str(getattr(instance.state, "value", instance.state)), kept(instance)
        if instance.map_index > 0:
            found[instance.task_id]["value"].append(value)
            continue
        found[instance.task_id] = {
            "state": state,
            "value": value if instance.map_index < 0 else [value],
            "is_chooser": isinstance(dag.get_task(instance.task_id), SkipMixin),
            "is_mapped": instance.map_index >= 0,
        }
    return {"state": str(getattr(run.state, "value", run.state)), "tasks": found}


def kept(instance) -> object:
    """The result of a task as other tasks see it: a text is not read once more as JSON."""
    from airflow.models.xcom import XComModel
    from airflow.utils.session import create_session

    key = {"key": "return_value", "dag_ids": instance.dag_id, "task_ids": instance.task_id}
    key["map_indexes"] = instance.map_index
    with create_session() as session:
        row = session.execute(XComModel.get_many(run_id=instance.run_id, **key)).first()
        value = row[0].value if row else None
    if isinstance(value, str):
        return value
    asked = {"task_ids": instance.task_id, "key": "return_value"}
    return instance.xcom_pull(**asked, map_indexes=instance.map_index) if row else None


def main(folder: str, out: str) -> None:
    logging.disable(logging.CRITICAL)
    from airflow.dag_processing.dagbag import DagBag
    from airflow.utils.db import initdb

    initdb()
    bag = DagBag(folder)
    errors = {Path(path).name: error.strip().splitlines()[-1] for path, error in bag.import_errors.items()}
    found = {dag_id: outcome(dag) for dag_id, dag in sorted(bag.dags.items())}
    Path(out).write_text(json.dumps({"errors": errors, "runs": found}))


if __name__ == "__main__":
    main(*sys.argv[1:3])
