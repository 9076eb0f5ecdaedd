"""Run by Airflow's own Python: run DAGs made of machines, whose calls of AWS are answered by a script.

``python lifted_worker.py FOLDER RUNS.json OUT.json``: each run has a ``dag``, an ``input`` and ``answers``;
``OUT`` gets the calls and the final state of each, in the same order.
"""

from __future__ import annotations

import io
import json
import logging
import sys
import warnings
from pathlib import Path
from unittest import mock

warnings.simplefilter("ignore")


def contains(whole: object, part: object) -> bool:
    if isinstance(whole, dict) and isinstance(part, dict):
        return all(key in whole and contains(whole[key], member) for key, member in part.items())
    return whole == part


def answer(answers: list, seen: list, name: str, arguments: object) -> object:
    """What a script answers to a call; of ``{"!then": [...]}`` the answers in turn, the last for ever.

    ``seen`` are the numbers of the entries that have answered so far.
    """
    number, found = next(
        (n, a) for n, (wanted, part, a) in enumerate(answers) if wanted == name and contains(arguments, part)
    )
    seen.append(number)
    if isinstance(found, dict) and "!then" in found:
        return found["!then"][min(seen.count(number), len(found["!then"])) - 1]
    return found


class Aws:
    """Stands for every client of boto3: notes each call and answers as the script says."""

    def __init__(self, answers: list) -> None:
        self.answers = answers
        self.calls: list = []
        self.seen: list = []

    def call(self, client, operation: str, given: dict) -> dict:
        from botocore.exceptions import ClientError

        is_lambda = (client.meta.service_model.service_name, operation) == ("lambda", "Invoke")
        name, arguments = operation, given
        if is_lambda:
            name, arguments = given["FunctionName"].rpartition(":")[2], json.loads(given["Payload"])
        self.calls.append([name, arguments])
        said = answer(self.answers, self.seen, name, arguments)
        error = said.get("!error") if isinstance(said, dict) else None
        if is_lambda:
            text = json.dumps({"errorType": error, "errorMessage": "said"} if error else said)
            reply = {"StatusCode": 200, "Payload": io.BytesIO(text.encode())}
            return {**reply, "FunctionError": "Unhandled"} if error else reply
        if error:
            raise ClientError({"Error": {"Code": error, "Message": "said"}}, operation)
        return said


def outcome(dag, run: dict) -> dict:
    aws = Aws(run["answers"])
    with (
        mock.patch("botocore.client.BaseClient._make_api_call", lambda *given: aws.call(*given)),
        mock.patch("time.sleep"),
    ):
        for task in dag.tasks:
            task.retry_delay = task.retry_delay * 0
            if hasattr(task, "poke_interval"):
                task.poke_interval = 0
            if hasattr(task, "time_to_wait"):
                task.time_to_wait = task.time_to_wait * 0
                task.deferrable = False  # there is no triggerer here that ends it
        ended = dag.test(run_conf=run["input"])
    tasks = {f"{t.task_id}[{t.map_index}]": str(t.state) for t in ended.get_task_instances()}
    return {"calls": aws.calls, "state": str(getattr(ended.state, "value", ended.state)), "tasks": tasks}


def main(folder: str, runs: str, out: str) -> None:
    logging.disable(logging.CRITICAL)
    from airflow.dag_processing.dagbag import DagBag
    from airflow.utils.db import initdb

    initdb()
    bag = DagBag(folder)
    assert not bag.import_errors, bag.import_errors
    found = [outcome(bag.dags[run["dag"]], run) for run in json.loads(Path(runs).read_text())]
    Path(out).write_text(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:4])
