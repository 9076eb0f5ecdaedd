"""A Lambda function named by its ARN is a state's Resource only where the state is handed the run's input."""

from __future__ import annotations

import pytest

from dagmig.diagnostics import Report
from dagmig.pipeline import airflow_to_asl

HEAD = """\
from airflow.sdk import DAG
from airflow.providers.amazon.aws.operators.lambda_function import LambdaInvokeFunctionOperator


def call(name, payload="{{ dag_run.conf | tojson }}"):
    arn = f"arn:aws:lambda:us-east-1:123456789012:function:{name}"
    return LambdaInvokeFunctionOperator(task_id=name, function_name=arn, payload=payload)


with DAG("d", schedule=None):
"""
CASES = {  # the tasks whose Resource is the function
    'call("a")': "a",
    'call("a"); call("b")': "ab",
    'call("a") >> call("b")': "",
    'call("a") >> call("b", "{}")': "a",
    '[call("a"), call("b")] >> call("c", "{{ ti.xcom_pull(task_ids=\'a\') }}")': "ab",
    'call("a"); call("b", \'{"day": "{{ ds }}"}\')': "",
    'call("a"); call("b", \'{"x": {{ dag_run.conf["x"] }}}\')': "",
    'call("b", "{}") >> call("a")': "",
}
AS_JSON = "$substring($string({'v': $states.result}), 5, $length($string({'v': $states.result})) - 6)"


@pytest.mark.parametrize("body", CASES)
def test_the_function_is_the_resource_only_where_it_gets_what_it_got(body: str) -> None:
    (one,) = airflow_to_asl(f"{HEAD}    {body}\n", "d.py", Report())
    assert not one.report.has_open_rows
    assert (
        "".join(
            sorted(
                name
                for name in "abc"
                if f'"Resource": "arn:aws:lambda:us-east-1:123456789012:function:{name}"' in one.text
            )
        )
        == CASES[body]
    )
    assert {row.task for row in one.report.rows if row.construct == "payload"} == set(CASES[body])


def test_the_answer_of_a_resource_is_its_result() -> None:
    body = 'call("a") >> call("b", "{{ ti.xcom_pull(task_ids=\'a\') }}")'
    (one,) = airflow_to_asl(f"{HEAD}    {body}\n", "d.py", Report())
    assert one.machine["States"]["a"]["Assign"] == {"x_a_return_value": f"{{% {AS_JSON} %}}"}
