"""Callbacks and hooks that a machine can do: one keeps an error, one stops after a failure."""

from __future__ import annotations

import pytest
from tests.literate import SHAPES, cases

from dagmig.diagnostics import Report
from dagmig.pipeline import Converted, Lowering, airflow_to_asl

KEPT, STOPPED = cases(SHAPES / "kept_errors.md")


def converted(dag: str, *, drains: bool = False) -> Converted:
    (one,) = airflow_to_asl(dag, "dag.py", Report(), lowering=Lowering(drains=drains))
    return one


def open_rows(one: Converted) -> set[str]:
    return {row.construct for row in one.report.rows if row.disposition.is_open}


def test_the_error_is_given_where_the_task_failed_and_null_where_it_did_not() -> None:
    pay = converted(KEPT.dag).machine["States"]["pay"]
    assert pay["Assign"]["x_pay_why"] == "{% null %}"
    (catcher,) = pay["Catch"]
    assert catcher["Assign"]["x_pay_why"] == "{% $states.errorOutput %}"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("name, cause = type(error).__name__, str(error)", "name, cause = str(type(error)), str(error)"),
        ('value=error_output(context["exception"])', 'value=str(context["exception"])'),
        ('context["ti"].xcom_push(', 'print(1); context["ti"].xcom_push('),
        ('context["ti"].xcom_push(key="why"', 'context["ti"].xcom_push(key=context["ds"]'),
        ("on_failure_callback=keep_error", "on_failure_callback=[keep_error, print]"),
    ],
)
def test_another_callback_stays_open(old: str, new: str) -> None:
    assert old in KEPT.dag
    assert {"on_failure_callback", "value"} <= open_rows(converted(KEPT.dag.replace(old, new)))


def test_an_exception_of_code_is_not_what_step_functions_says_of_it() -> None:
    dag = KEPT.dag.replace(
        "pay = LambdaInvokeFunctionOperator(", "pay = PythonOperator(python_callable=print, "
    )
    dag = dag.replace("from airflow.sdk import", "from airflow.providers.standard.operators.python import "
                      "PythonOperator\nfrom airflow.sdk import")  # fmt: skip
    dag = dag.replace('function_name="pay", payload="{{ dag_run.conf | tojson }}", ', "")
    assert "on_failure_callback" in open_rows(converted(dag))


def test_nothing_is_left_to_look_at_where_a_failure_ends_the_execution() -> None:
    assert open_rows(converted(STOPPED.dag)) == set()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('== "failed"', '!= "success"'),
        ("raise AirflowFailException(", "print("),
        ("if failed(ti, names, None):", "if not failed(ti, names, None):"),
        ('names = ["left", "right"]', "names = [*context]"),
    ],
)
def test_another_hook_stays_open(old: str, new: str) -> None:
    assert old in STOPPED.dag
    assert open_rows(converted(STOPPED.dag.replace(old, new))) == {"pre_execute"}


def test_a_hook_stays_open_where_the_others_are_finished_first() -> None:
    assert open_rows(converted(STOPPED.dag, drains=True)) == {"pre_execute"}
