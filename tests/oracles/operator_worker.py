"""Run by Airflow's own Python: what operators call on the AWS at an address, and what they give.

``python operator_worker.py ADDRESS``: each line of the standard input is the source of a DAG file with a task
``t``, each line written ``calls``, ``result`` (of ``execute``) and ``error``. Nothing waits.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import warnings
from typing import Any
from unittest import mock

from recorded_calls import recording

warnings.simplefilter("ignore")


def ran(source: str) -> dict[str, Any]:
    module: dict[str, Any] = {}
    instance = mock.MagicMock()
    result, error = None, None
    with recording() as recorded, mock.patch("time.sleep"):
        try:
            exec(compile(source, "dag.py", "exec"), module)
            task = module["dag"].get_task("t")
            result = task.execute({"ti": instance, "task_instance": instance, "task": task})
        except Exception as problem:
            error = f"{type(problem).__name__}: {problem}"
    return {"calls": recorded.calls, "result": result, "error": error}


def main(address: str) -> None:
    logging.disable(logging.CRITICAL)
    os.environ |= {
        "AIRFLOW_CONN_AWS_DEFAULT": "aws://",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": address,
    }
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        print(json.dumps(ran(json.loads(line)), default=str), file=answers, flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
