"""Run by Airflow's own Python: the graphs that DagBag builds of DAG files, as JSON.

``python dagbag_graphs.py OUT.json FILE...``: by file its import ``error`` or its ``dags``.
"""

from __future__ import annotations

import json
import logging
import sys
import warnings
from pathlib import Path

warnings.simplefilter("ignore")


def graph(dag) -> dict:
    return {
        task.task_id: {
            "upstream": sorted(task.upstream_task_ids),
            "trigger_rule": getattr(task.trigger_rule, "value", task.trigger_rule),
            "mapped": bool(task.is_mapped),
            "group": task.task_group.group_id if task.task_group else None,
            "retries": task.retries,
            "setup": bool(task.is_setup),
            "teardown": bool(task.is_teardown),
        }
        for task in dag.tasks
    }


def main(out: str, files: list[str]) -> None:
    logging.disable(logging.CRITICAL)
    from airflow.dag_processing.dagbag import DagBag

    found = {}
    for file in files:
        bag = DagBag(file, safe_mode=False)
        errors = [error.strip().splitlines()[-1] for error in bag.import_errors.values()]
        found[file] = {"errors": errors, "dags": {dag_id: graph(dag) for dag_id, dag in bag.dags.items()}}
    Path(out).write_text(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
