"""Code that uses Airflow's AWS hook for its client, in a Lambda function."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from dagmig.diagnostics import Report
from dagmig.integrations.aws_hook import is_client_only
from dagmig.pipeline import Converted, airflow_to_asl

RUN = """
import json, sys, types
fake = types.ModuleType("boto3")
fake.client = lambda kind, region_name=None: ("client", kind, region_name)
fake.resource = lambda kind, region_name=None: ("resource", kind, region_name)
fake.Session = lambda region_name=None: ("session", region_name)
sys.modules["boto3"] = fake
own = {"__name__": "function"}
exec(sys.stdin.read(), own)
print(json.dumps(own["handler"]({}, None)))
"""


def converted(body: str, imported: str = "AwsGenericHook") -> Converted:
    dag = f"""
from airflow.providers.amazon.aws.hooks.base_aws import {imported}
from airflow.sdk import DAG, task

with DAG("d", schedule=None):
    @task
    def work():
        {body}

    work()
"""
    (one,) = airflow_to_asl(dag, "dag.py", Report())
    return one


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        ('return AwsGenericHook(client_type="s3").conn', ["client", "s3", None]),
        ('return AwsGenericHook("aws_default", client_type="s3").get_conn()', ["client", "s3", None]),
        ('return AwsBaseHook(resource_type="s3", region_name="r").conn', ["resource", "s3", "r"]),
        ('hook = AwsGenericHook(client_type="glue"); return [hook.conn, hook.get_conn()]',
         [["client", "glue", None], ["client", "glue", None]]),
        ('hook = AwsGenericHook(client_type="sts"); return [hook.get_session(), hook.conn]',
         [["session", None], ["client", "sts", None]]),
        ('return AwsGenericHook(client_type="sts").get_session(region_name="r")', ["session", "r"]),
    ],
)  # fmt: skip
def test_the_client_is_boto3s(body: str, answer: object) -> None:
    one = converted(body, "AwsBaseHook, AwsGenericHook")
    (source,) = one.functions.values()
    done = subprocess.run(
        [sys.executable, "-I", "-c", RUN], input=source, capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == answer
    assert not one.report.has_open_rows
    assert [row.difference for row in one.report.rows if row.construct == "hook"]


@pytest.mark.parametrize(
    "source",
    [
        'AwsGenericHook(client_type="s3").get_credentials()',
        'hook = AwsGenericHook(client_type="s3")\nhook.get_credentials()',
        'hook = AwsGenericHook(client_type="s3")\nuse(hook)',
        'use(AwsGenericHook(client_type="s3"))',
        'class Own(AwsGenericHook): ...',
        'AwsGenericHook(client_type="s3", config={}).conn',
        'AwsGenericHook(**given).conn',
    ],
)  # fmt: skip
def test_a_hook_that_does_more_needs_airflow(source: str) -> None:
    assert not is_client_only(source)
    said = converted("; ".join(source.splitlines()) if "class" not in source else "return AwsGenericHook")
    assert said.report.has_open_rows
