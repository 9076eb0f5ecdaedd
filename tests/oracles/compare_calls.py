"""What real Airflow operators call on AWS and what their machines call.

``python -m tests.oracles.compare_calls`` prints the table.

The machine runs in ``verify/engine``, the operator in Airflow; neither reaches a network. A call is the same
where service, action and parameters are: names of parameters but for the case of their first letter, texts of
JSON as what they say, and without parameters that are empty. What else differs is in ``EXCUSED``.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.oracles import corpora

from dagmig.asl.resource import parse
from dagmig.diagnostics import Report
from dagmig.pipeline import airflow_to_asl
from dagmig.verify.engine import Attempt, Outcome, compile_machine, run

WORKER = Path(__file__).with_name("calls_worker.py")
AWS = "airflow.providers.amazon.aws"
CASES: dict[str, tuple[str, str]] = {
    "LambdaInvokeFunctionOperator": (
        "operators.lambda_function",
        "function_name='f', payload='{\"a\": 1}', qualifier='live'",
    ),
    "GlueJobOperator": (
        "operators.glue",
        "job_name='j', script_args={'--day': '1'}, wait_for_completion=False",
    ),
    "BatchOperator": (
        "operators.batch",
        "job_name='n', job_queue='q', job_definition='d:1', parameters={'a': 'b'}, "
        "container_overrides={'command': ['ls']}, wait_for_completion=False",
    ),
    "EcsRunTaskOperator": (
        "operators.ecs",
        "cluster='c', task_definition='d', launch_type='FARGATE', "
        "overrides={'containerOverrides': [{'name': 'x', 'command': ['ls']}]}, "
        'network_configuration={"awsvpcConfiguration": {"subnets": ["s-1"], "assignPublicIp": "ENABLED"}}, '
        "wait_for_completion=False",
    ),
    "S3CopyObjectOperator": (
        "operators.s3",
        "source_bucket_name='a', source_bucket_key='k', dest_bucket_name='b', dest_bucket_key='l'",
    ),
    "S3CreateObjectOperator": ("operators.s3", "s3_bucket='b', s3_key='k', data='text', replace=True"),
    "S3DeleteObjectsOperator": ("operators.s3", "bucket='b', keys=['k', 'l']"),
    "S3ListOperator": ("operators.s3", "bucket='b', prefix='in/'"),
    "S3KeySensor": ("sensors.s3", "bucket_name='b', bucket_key='in/a'"),
    "SnsPublishOperator": (
        "operators.sns",
        "target_arn='arn:aws:sns:us-east-1:123456789012:t', message='hello', subject='s'",
    ),
    "SqsPublishOperator": (
        "operators.sqs",
        "sqs_queue='https://sqs.us-east-1.amazonaws.com/123456789012/q', "
        "message_content='hello', delay_seconds=5",
    ),
    "StepFunctionStartExecutionOperator": (
        "operators.step_function",
        "state_machine_arn='arn:aws:states:us-east-1:123456789012:stateMachine:m', "
        "name='e', state_machine_input={'a': 1}",
    ),
}
EXCUSED = {
    ("EcsRunTaskOperator", "startedBy"): "Airflow's mark on its tasks",
    ("S3CopyObjectOperator", "aCL"): "`private`, as without it",
    ("S3CreateObjectOperator", "checksumAlgorithm"): "boto3's checksum of an upload",
    ("S3ListOperator", "maxKeys"): "smaller pages, as a state holds 256 KiB",
    ("S3KeySensor", ""): "the key is listed: one that is missing is no error then, as of HeadObject",
    ("SnsPublishOperator", "messageStructure"): "one message for all protocols needs no JSON",
    ("SnsPublishOperator", "message"): "one message for all protocols needs no JSON",
    ("SnsPublishOperator", "targetArn"): "that of a topic, as TopicArn",
    ("SnsPublishOperator", "topicArn"): "that of a topic, in Airflow TargetArn",
}
"""Why a parameter differs, or (without a name) another action is called."""
SERVICES = {"states": "stepfunctions"}  # as botocore calls them
Call = tuple[str, str, Any]


def source(operator: str) -> str:
    module, arguments = CASES[operator]
    return (
        f"from airflow.sdk import DAG\nfrom {AWS}.{module} import {operator}\n"
        f"with DAG('d', schedule=None) as dag:\n    {operator}(task_id='t', {arguments})\n"
    )


def of_operators() -> dict[str, list[Call]]:
    """The calls of each operator in real Airflow. Raises ``CalledProcessError``."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "cases.json"
        file.write_text(json.dumps({operator: source(operator) for operator in CASES}))
        command = [corpora.python("3"), WORKER, file]
        variables = {**os.environ, "AIRFLOW_HOME": folder}
        answer = subprocess.run(command, capture_output=True, text=True, env=variables, check=True)
    found = json.loads(answer.stdout)
    return {
        name: [(one, action, same(given)) for one, action, given in calls] for name, calls in found.items()
    }


def of_machine(operator: str) -> list[Call]:
    """The calls of the machine that an operator becomes."""
    report = Report()
    (one,) = airflow_to_asl(source(operator), "dag.py", report)
    found: list[Call] = []

    def call(attempt: Attempt) -> Outcome:
        resource = parse(attempt.resource)
        service = SERVICES.get(resource.service, resource.service)
        found.append((service, resource.action[:1].upper() + resource.action[1:], same(attempt.arguments)))
        return Outcome({"Contents": [{"Key": "in/a", "Size": 1}], "KeyCount": 1, "Payload": {}})

    run(compile_machine(one.machine), {"logical_date": "2024-01-01T00:00:00Z"}, call)
    return found


def same(value: Any) -> Any:
    """Parameters in one spelling."""
    if isinstance(value, dict):
        if set(value) == {"Bucket", "Key", "VersionId"}:  # boto3 writes a CopySource so
            return f"{value['Bucket']}/{value['Key']}"
        made = {name[:1].lower() + name[1:]: same(one) for name, one in value.items()}
        return {name: one for name, one in made.items() if one not in ({}, "", None)}
    if isinstance(value, list):
        return [same(one) for one in value]
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return same(json.loads(value))
        except ValueError:
            return value
    return value


def rows() -> list[tuple[str, str, Any, Any]]:
    """For each operator and call of its machine: the name of the call, the operator's parameters (None where
    it makes no such call) and the machine's.
    """
    theirs = of_operators()
    found = []
    for operator in CASES:
        for service, action, given in of_machine(operator):
            made = [one for other, called, one in theirs[operator] if (other, called) == (service, action)]
            nearest = given if given in made else (made[0] if made else None)
            found.append((operator, f"{service}:{action}", nearest, given))
    return found


def different(theirs: Any, ours: Any) -> list[str]:
    """The parameters in which two calls differ; an empty name where Airflow makes no such call."""
    if theirs is None:
        return [""]
    return sorted(name for name in {*theirs, *ours} if theirs.get(name) != ours.get(name))


def main() -> None:
    print("| operator | call of the machine | parameters |\n|---|---|---|")
    for operator, call, theirs, ours in rows():
        names = different(theirs, ours)
        said = [f"{name or 'another call'}: {EXCUSED.get((operator, name), 'NOT EXCUSED')}" for name in names]
        print(f"| {operator} | {call} | {'; '.join(said) or 'the same'} |")


if __name__ == "__main__":
    sys.exit(main())
