"""Branches and short circuits of AWS's operators, run: what follows is what the operator would choose."""

from __future__ import annotations

from typing import Any

import pytest
from jsonata.jexception import JException

from dagmig.diagnostics import Report
from dagmig.pipeline import airflow_to_asl
from jsonata_run import Execution, Failed

HEAD = """\
from airflow.providers.amazon.aws.operators.appflow import AppflowRecordsShortCircuitOperator
from airflow.providers.amazon.aws.operators.appflow import AppflowRunOperator
from airflow.providers.amazon.aws.operators.sagemaker import SageMakerConditionOperator
from airflow.providers.amazon.aws.operators.sns import SnsPublishOperator
from airflow.sdk import DAG

with DAG("d", schedule=None):
"""
CONDITION = """\
    c = SageMakerConditionOperator(task_id="c", if_task_ids=["yes"], {arguments})
    c >> [SnsPublishOperator(task_id=i, target_arn="t", message=i) for i in ("yes", "no")]
"""
APPFLOW = """\
    run = AppflowRunOperator(task_id="run", flow_name="f", wait_for_completion=False)
    c = AppflowRecordsShortCircuitOperator(task_id="c", flow_name="f", appflow_run_task_id="run")
    run >> c >> SnsPublishOperator(task_id="yes", target_arn="t", message="yes")
"""


def chosen(body: str, conf: Any, *answers: Any) -> str:
    """The messages that are sent, or the error."""
    (converted,) = airflow_to_asl(HEAD + body, "dag.py", Report())
    sent, found = [], iter(answers)

    def call(resource: str, arguments: Any) -> Any:
        if resource.endswith("sns:publish"):
            sent.append(arguments["Message"])
            return {}
        return next(found)

    try:
        Execution(call, {"conf": conf}).run(converted.machine)
    except Failed as failure:
        return str(failure.args[0])
    except JException as error:
        return "does not compare" if "do not compare" in str(error) else str(error)
    return " ".join(sent)


FLAT = "condition_type={!r}, left_value='{{{{ dag_run.conf[\"v\"] }}}}', right_value={!r}, else_task_ids='no'"


@pytest.mark.parametrize(
    ("kind", "value", "other", "expected"),
    [
        ("Equals", "5", 5, "yes"),
        ("Equals", "5.0", 5, "yes"),
        ("Equals", "a", "a", "yes"),
        ("Equals", "True", True, "yes"),
        ("Equals", "false", False, "yes"),
        ("Equals", "a", 5, "does not compare"),
        ("Equals", "None", 5, "does not compare"),
        ("Equals", "true", 1, "does not compare"),
        ("GreaterThan", "0.95", "0.9", "yes"),
        ("GreaterThan", "10", "9", "yes"),
        ("GreaterThanOrEqualTo", "1e3", 1000, "yes"),
        ("LessThan", "-5", -4, "yes"),
        ("LessThan", "b", "a", "no"),
        ("LessThanOrEqualTo", "2", 1, "no"),
        ("In", "b", ["a", "b"], "yes"),
        ("In", "2", [1, "2"], "yes"),
        ("In", "c", ["a", "b"], "no"),
    ],
)
def test_two_values_are_compared(kind: str, value: Any, other: Any, expected: str) -> None:
    assert chosen(CONDITION.format(arguments=FLAT.format(kind, other)), {"v": value}) == expected


TRUE, FALSE = (f"{{'type': 'Equals', 'left_value': 1, 'right_value': {n}}}" for n in (1, 2))


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (f"conditions=[{TRUE}, {TRUE}], else_task_ids='no'", "yes"),
        (f"conditions=[{TRUE}, {FALSE}], else_task_ids='no'", "no"),
        (f"conditions=[{FALSE}]", "AirflowFailException"),
        (f"conditions=[{TRUE}]", "yes"),
        (f"conditions=[{{'type': 'Not', 'condition': {FALSE}}}]", "yes"),
        (f"conditions=[{{'type': 'Or', 'conditions': [{FALSE}, {TRUE}]}}]", "yes"),
        (f"conditions=[{{'type': 'Or', 'conditions': [{FALSE}]}}], else_task_ids='no'", "no"),
        ("conditions=[{'type': 'Equals', 'left_value': 1}]", "NotTranslated"),
    ],
)
def test_conditions_are_put_together(arguments: str, expected: str) -> None:
    assert chosen(CONDITION.format(arguments=arguments), {}) == expected


def page(execution: str, result: Any, token: str = "") -> Any:
    record = {"ExecutionId": execution, "ExecutionResult": result}
    return {"FlowExecutions": [record], **({"NextToken": token} if token else {})}


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ([page("e", {"RecordsProcessed": 3})], "yes"),
        ([page("e", {"RecordsProcessed": 0})], ""),
        ([page("other", {}, "more"), page("e", {"RecordsProcessed": 1})], "yes"),
        ([page("other", {})], "AirflowException"),
        ([page("e", {})], "AirflowException"),
    ],
)
def test_a_flow_without_records_ends_what_follows(answers: list[Any], expected: str) -> None:
    assert chosen(APPFLOW, {}, {"ExecutionId": "e"}, *answers) == expected
