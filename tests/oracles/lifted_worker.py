"""Run by Airflow's own Python: run DAGs made of machines, whose calls of AWS are answered by a script.

``python lifted_worker.py FOLDER RUNS.json OUT.jsonl``: each run has a ``dag``, an ``input``, and ``answers``
(see ``scripted_services``) or a ``script`` (see ``scripts``) with a ``store`` (see ``lifted_scripts``) and
``places``: by task the states whose calls it makes (see ``lifted_machines``). A line of ``OUT`` is what came
of a run: its ``state``, those of its ``tasks``, what they ``returned``, the ``failures`` by task, the tasks
``upstream`` of each task, and the ``calls``: ``[name, arguments]``, of a script ``[state, item, task, name,
arguments]``; or an ``error`` of Airflow's.
"""

from __future__ import annotations

import functools
import json
import logging
import sys
import traceback
import warnings
from pathlib import Path
from unittest import mock

from scripted_services import Answers, Scripted, TooLong

warnings.simplefilter("ignore")


def outcome(dag, run: dict) -> dict:
    aws = (Answers if "answers" in run else Scripted)(run)
    dag.resumed = aws.resumed
    with (
        mock.patch("botocore.client.BaseClient._make_api_call", lambda *given: aws.call(*given)),
        mock.patch("time.sleep"),
    ):
        try:
            ended, instances, xcoms = dag.run(run["input"], aws.begins, aws.variable)
        except (Exception, TooLong) as error:
            dag.session.rollback()
            return {"error": "".join(traceback.format_exception(error))}
    tasks = {f"{t.task_id}[{t.map_index}]": str(t.state) for t in instances}
    returned = {f"{task}[{index}]": one for (task, index), one in xcoms.get("return_value", {}).items()}
    upstream = {task.task_id: sorted(task.get_flat_relative_ids(upstream=True)) for task in dag.dag.tasks}
    return {
        "upstream": upstream,
        "calls": aws.calls,
        "state": str(getattr(ended.state, "value", ended.state)),
        "tasks": tasks,
        "returned": returned,
        "failures": {
            f"{task}[{index}]": "".join(traceback.format_exception_only(one)).strip()
            for (task, index), one in dag.errors.items()
        },
    }


def keep_clients() -> None:
    """Make each client of boto3 once: that takes a tenth of a second."""
    from airflow.providers.amazon.aws.hooks.base_aws import AwsGenericHook

    make = AwsGenericHook.get_client_type
    made: dict = {}

    @functools.wraps(make)
    def kept(self, *arguments, **named):
        if self.client_type not in made:
            made[self.client_type] = make(self, *arguments, **named)
        return made[self.client_type]

    AwsGenericHook.get_client_type = kept


def quiet() -> None:
    """No task writes a log."""
    import structlog

    structlog.configure(processors=[drop])
    logging.disable(logging.NOTSET)
    logging.getLogger().handlers = [logging.NullHandler()]


def drop(*_: object) -> dict:
    import structlog

    raise structlog.DropEvent


def main(folder: str, runs: str, out: str) -> None:
    logging.disable(logging.CRITICAL)
    from airflow import settings
    from airflow.dag_processing.dagbag import DagBag
    from airflow.utils.db import initdb
    from fast_dag_runs import Dag
    from sqlalchemy import event

    event.listen(settings.engine, "connect", lambda c, _: c.execute("PRAGMA synchronous=OFF"))
    initdb()
    quiet()
    keep_clients()
    bag = DagBag(folder)
    assert not bag.import_errors, bag.import_errors
    session = settings.Session()
    dags: dict = {}
    with Path(out).open("w") as answers:
        for run in json.loads(Path(runs).read_text()):
            if run["dag"] not in dags:
                dags[run["dag"]] = Dag(bag.dags[run["dag"]], session)
            print(json.dumps(outcome(dags[run["dag"]], run)), file=answers, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:4])
