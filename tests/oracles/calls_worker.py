"""Run by Airflow's own Python: what operators call on AWS.

``python calls_worker.py CASES.json`` prints for each case, the source of a DAG file with a task ``t``, the
calls that ``execute`` makes: service, action and parameters. No call leaves this process; each gets an answer
of the shape that its service gives.
"""

from __future__ import annotations

import copy
import io
import json
import logging
import os
import sys
import warnings
from pathlib import Path
from typing import Any
from unittest import mock

from recorded_calls import plain

warnings.simplefilter("ignore")
TASK = "arn:aws:ecs:us-east-1:123456789012:task/c/t"
FLOW = {
    "flowName": "f",
    "destinationFlowConfigList": [{"connectorType": "S3"}],
    "sourceFlowConfig": {"connectorType": "Salesforce"},
    "triggerConfig": {"triggerType": "OnDemand", "triggerProperties": {}},
    "description": "all of it",
    "tasks": [
        {"taskType": "Filter", "sourceFields": ["Old"], "connectorOperator": {"Salesforce": "LESS_THAN"}},
        {"taskType": "Filter", "sourceFields": ["Day"], "connectorOperator": {"Salesforce": "PROJECTION"}},
    ],
}
DONE = {"HTTPStatusCode": 200}
ANSWERS: dict[str, Any] = {
    "DescribeApplication": {"ApplicationDetail": {"ApplicationARN": "a"}},
    "DescribeCluster": {"Cluster": {"LogUri": "s3://b/l/", "Status": {}}},
    "TerminateJobFlows": {"ResponseMetadata": DONE},
    "AddJobFlowSteps": {"StepIds": ["s"], "ResponseMetadata": DONE},
    "BatchExecuteStatement": {"Id": "i"},
    "CreateModelPackage": {"ModelPackageArn": "a"},
    "CreateModelPackageGroup": {"ModelPackageGroupArn": "a"},
    "DescribeStatement": {"Status": "FINISHED"},
    "DescribeReplicationTasks": {"ReplicationTasks": [{"Status": "stopped"}]},
    "DescribeReplications": {"Replications": [{"Status": "created"}]},
    "ExecuteStatement": {"Id": "i"},
    "GetApplication": {"application": {"state": "STARTED"}},
    "GetCalculationExecution": {"Status": {"State": "COMPLETED"}},
    "InitiateJob": {"jobId": "j", "location": "l"},
    "ReloadTables": {"ReplicationTaskArn": "a"},
    "ModifyReplicationTask": {"ReplicationTask": {}},
    "StartCalculationExecution": {"CalculationExecutionId": "c"},
    "StartFlow": {"executionId": "e"},
    "StartPipelineExecution": {"PipelineExecutionArn": "a"},
    "StartReplication": {"Replication": {"Status": "starting"}},
    "StartApplication": {"ResponseMetadata": DONE},
    "StopReplication": {"Replication": {"Status": "stopping"}},
    "RunTask": {"tasks": [{"taskArn": TASK, "lastStatus": "RUNNING", "containers": []}], "failures": []},
    "StartJobRun": {
        "JobRunId": "r",
        "RunId": "r",
        "id": "r",
        "jobRunId": "r",
        "virtualClusterId": "v",
        "ResponseMetadata": DONE,
    },
}


def called(source: str) -> list[tuple[str, str, Any]]:
    from botocore.client import BaseClient

    found: list[tuple[str, str, Any]] = []

    def answer(client: Any, action: str, parameters: dict[str, Any]) -> Any:
        found.append((client.meta.service_model.service_name, action, plain(parameters)))
        if action == "DescribeFlow":
            return copy.deepcopy(FLOW)
        if action == "InvokeModel":
            return {"body": io.BytesIO(b"{}"), "ResponseMetadata": DONE}
        return ANSWERS.get(action, {})

    module: dict[str, Any] = {}
    exec(compile(source, "dag.py", "exec"), module)
    task = module["dag"].get_task("t")
    with mock.patch.object(BaseClient, "_make_api_call", answer), mock.patch("time.sleep"):
        try:
            instance = mock.MagicMock()
            task.execute({"ti": instance, "task_instance": instance, "task": task})
        except Exception as problem:
            raise RuntimeError(f"{task.task_type}, after {found}") from problem
    return found


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
