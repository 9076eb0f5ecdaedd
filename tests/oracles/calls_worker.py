"""Run by Airflow's own Python: what operators call on AWS.

``python calls_worker.py CASES.json`` prints for each case, the source of a DAG file with a task ``t``, the
calls that ``execute`` makes: service, action and parameters. No call leaves this process; each gets an answer
of the shape that its service gives.
"""

from __future__ import annotations

import io
import json
import logging
import os
import sys
import warnings
from datetime import datetime, timezone
from pathlib import Path
from typing import Any
from unittest import mock

warnings.simplefilter("ignore")
TASK = "arn:aws:ecs:us-east-1:123456789012:task/c/t"
MOMENT = datetime(2024, 1, 1, tzinfo=timezone.utc)
ANSWERS: dict[str, Any] = {
    "GetJob": {"Job": {"Name": "j"}},
    "HeadObject": {"ContentLength": 1, "ResponseMetadata": {"HTTPStatusCode": 200}},
    "ListObjectsV2": {"Contents": [{"Key": "in/a", "Size": 1, "LastModified": MOMENT}], "KeyCount": 1},
    "Publish": {"MessageId": "m"},
    "RunTask": {"tasks": [{"taskArn": TASK, "lastStatus": "RUNNING", "containers": []}], "failures": []},
    "SendMessage": {"MessageId": "m"},
    "StartExecution": {"executionArn": "arn:aws:states:us-east-1:123456789012:execution:m:e"},
    "StartJobRun": {"JobRunId": "r"},
    "SubmitJob": {"jobId": "j", "jobName": "n"},
}


def called(source: str) -> list[tuple[str, str, Any]]:
    from botocore.client import BaseClient

    found: list[tuple[str, str, Any]] = []

    def answer(client: Any, action: str, parameters: dict[str, Any]) -> Any:
        found.append((client.meta.service_model.service_name, action, _plain(parameters)))
        if action == "Invoke":
            return {"StatusCode": 200, "Payload": io.BytesIO(b"{}")}
        return ANSWERS.get(action, {})

    module: dict[str, Any] = {}
    exec(compile(source, "dag.py", "exec"), module)
    task = module["dag"].get_task("t")
    with mock.patch.object(BaseClient, "_make_api_call", answer):
        try:
            task.execute({"ti": mock.MagicMock(), "task": task})
        except Exception as problem:
            raise RuntimeError(f"{task.task_type}, after {found}") from problem
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    if hasattr(value, "read"):
        return _plain(value.read())
    return value.decode() if isinstance(value, bytes) else value


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    os.environ |= {
        "AIRFLOW_CONN_AWS_DEFAULT": "aws://",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    json.dump({name: called(one) for name, one in json.loads(Path(sys.argv[1]).read_text()).items()}, answers)
