"""What a service keeps as it gets it: a state writes JSON there, and a text in quotes."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from dagmig.diagnostics import Report
from dagmig.integrations.contents import written
from dagmig.pipeline import airflow_to_asl, asl_to_airflow

DAG = """\
from airflow.providers.amazon.aws.operators.s3 import S3CreateObjectOperator
from airflow.sdk import DAG

with DAG("d", schedule=None):
    S3CreateObjectOperator(task_id="t", s3_bucket="b", s3_key="k", replace=True, data=DATA)
"""


@pytest.mark.parametrize(
    ("value", "tag"),
    [
        ("text data", "2b5df3712557f503a9977a8ea893b2c9"),
        ({"Dict": "Value"}, "49e31cee5aec8faf3345893addb14346"),
        (["List", "Data"], "6b23860357f6e63a0272b7f1143a663a"),
        (False, "68934a3e9455fa72420237eb05902327"),
        (0, "cfcd208495d565ef66e7dff9f98764da"),
    ],
)
def test_objects_have_the_tags_that_aws_gave_them(value: Any, tag: str) -> None:
    assert hashlib.md5(written(value).encode(), usedforsecurity=False).hexdigest() == tag


@pytest.mark.parametrize(
    ("data", "body", "rows"),
    [
        ("''", None, []),
        ("b''", None, []),
        ("""'{"a":1}'""", {"a": 1}, []),
        ("""b'{"a":"\\xc3\\xa4"}'""", {"a": "ä"}, []),
        ("'0'", 0, []),
        ("""'"text"'""", "text", []),
        ("""'{"a": 1}'""", {"a": 1}, ["noted data"]),
        ("""'{"a":"\\\\u00e4"}'""", {"a": "ä"}, ["noted data"]),
    ],
)
def test_json_is_written_as_it_is(data: str, body: Any, rows: list[str]) -> None:
    machine, found = machine_of(data)
    assert machine["States"]["t"]["Arguments"].get("Body") == body
    assert found == rows


@pytest.mark.parametrize(
    "data", ["'text'", "'{{ ds }}'", "'a,b\\nc,d\\n'", "b'\\xff'", "'NaN'", "'[1e999]'", "'{'"]
)
def test_what_is_no_json_is_not_written(data: str) -> None:
    machine, rows = machine_of(data)
    assert machine["States"]["t"]["Type"] == "Fail"
    assert "decision data" in rows


def machine_of(data: str) -> tuple[Any, list[str]]:
    (one,) = airflow_to_asl(DAG.replace("DATA", data), "d.py", Report())
    rows = [f"{row.disposition.value} {row.construct}" for row in one.report.rows if row.task == "t"]
    return one.machine, [row for row in rows if row.startswith(("noted", "decision data"))]


@pytest.mark.parametrize(
    ("resource", "arguments", "written"),
    [
        ("s3:putObject", {"Bucket": "b", "Key": "k", "Body": "text"}, """data='"text"'"""),
        ("s3:putObject", {"Bucket": "b", "Key": "k", "Body": {"a": [1, "x"]}}, """data='{"a":[1,"x"]}'"""),
        ("s3:putObject", {"Bucket": "b", "Key": "k"}, 'data=""'),
        ("s3:putObject", {"Bucket": "b", "Key": "k", "Body": "{% $states.input %}"}, "dag_run.conf | tojson"),
        (
            "s3:putObject",
            {"Bucket": "b", "Key": "k", "Body": "{% $states.input %}", "Tagging": "a=b"},
            "Body=json_to_string(dag_run.conf)",
        ),
        (
            "glacier:uploadArchive",
            {"AccountId": "-", "VaultName": "v", "Body": {"a": 1}},
            """body='{"a":1}'""",
        ),
        (
            "kinesis:putRecord",
            {"StreamName": "s", "PartitionKey": "p", "Data": {"a": 1}},
            """Data='{"a":1}'""",
        ),
        ("kinesis:putRecord", {"StreamName": "s", "PartitionKey": "p", "Data": "text"}, 'Data="text"'),
        (
            "kinesis:putRecords",
            {"StreamName": "s", "Records": [{"PartitionKey": "p", "Data": "{% $states.input %}"}]},
            '"Data": as_text(dag_run.conf)',
        ),
    ],
)
def test_a_machines_contents_in_a_dag(resource: str, arguments: Any, written: str) -> None:
    state = {"Type": "Task", "Resource": f"arn:aws:states:::aws-sdk:{resource}", "Arguments": arguments}
    machine = {"QueryLanguage": "JSONata", "StartAt": "t", "States": {"t": {**state, "End": True}}}
    made = asl_to_airflow(json.dumps(machine), "m.asl.json", Report(), "m")
    assert made is not None and written in made.text
