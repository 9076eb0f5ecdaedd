"""What Airflow does not render stays as it is written, in the machine too."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dagmig.diagnostics import Report
from dagmig.pipeline import airflow_to_asl
from jsonata_run import Execution

HEAD = """\
from airflow.providers.amazon.aws.operators.lambda_function import LambdaInvokeFunctionOperator
from airflow.providers.amazon.aws.operators.s3 import S3CreateObjectOperator
from airflow.sdk import DAG

with DAG("d", schedule=None, params={"n": 3}EXTRA):
    """
LAMBDA = "LambdaInvokeFunctionOperator(task_id='t', function_name='f', "
OBJECT = "S3CreateObjectOperator(task_id='t', s3_bucket='b', s3_key='of-{{ params.n }}', data='', "
CASES = [
    (LAMBDA + "qualifier='{{ params.n }}')", "3", False),
    (LAMBDA + "client_context='{{ params.n }}')", "{{ params.n }}", True),
    (LAMBDA + "client_context='a{% if x %}b\\n')", "a{% if x %}b\n", True),
    (LAMBDA + "client_context='plain')", "plain", False),
    (OBJECT + "acl_policy='of-{{ params.n }}')", "of-{{ params.n }}", True),
    (OBJECT + "acl_policy='{{ ds')", "{{ ds", True),
    (OBJECT + "acl_policy='{# a #}')", "{# a #}", True),
]


def sent(text: str) -> tuple[list[Any], list[str]]:
    """All texts that the state of the DAG's task sends, and the constructs of noted rows."""
    (one,) = airflow_to_asl(text, "d.py", Report())
    calls: list[Any] = []

    def call(_: str, arguments: Any) -> Any:
        calls.append(arguments)
        return {}

    Execution(call).run(one.machine)
    found = [row.construct for row in one.report.rows if "as it is written" in row.difference]
    return list(_leaves(calls)), found


def _leaves(node: Any) -> Any:
    match node:
        case dict():
            for item in node.values():
                yield from _leaves(item)
        case list():
            for item in node:
                yield from _leaves(item)
        case _:
            yield node


@pytest.mark.parametrize(("operator", "expected", "is_noted"), CASES)
def test_only_templates_are_rendered(operator: str, expected: str, is_noted: bool) -> None:
    leaves, noted = sent(HEAD.replace("EXTRA", "") + operator + "\n")
    assert expected in leaves, json.dumps(leaves)
    assert bool(noted) is is_noted


def test_a_dag_with_delimiters_of_its_own_has_an_open_row() -> None:
    extra = ", jinja_environment_kwargs={'variable_start_string': '[['}"
    text = HEAD.replace("EXTRA", extra) + LAMBDA + "client_context='{{ a }}')\n"
    (one,) = airflow_to_asl(text, "d.py", Report())
    assert any(row.construct == "client_context" and row.disposition.is_open for row in one.report.rows)
