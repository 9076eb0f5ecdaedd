"""Callbacks and hooks that a machine can do: one keeps an error, one stops after a failure."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.literate import SHAPES, cases

from dagmig.diagnostics import Report
from dagmig.pipeline import Converted, Lowering, airflow_to_asl
from test_functions import ran

KEPT, STOPPED, _ = cases(SHAPES / "kept_errors.md")


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


CODE = (
    KEPT.dag[: KEPT.dag.index("@task.branch")]
    + """
def work(given):
    {body}

@task(on_failure_callback=keep_error)
def pay(dag_run=None):
    return work(dag_run.conf["given"])

@task(trigger_rule="all_done")
def told(ti=None):
    return [state_of(ti, "pay"), ti.xcom_pull(task_ids="pay", key="why")]

with DAG("orders", schedule=None, default_args={{"retries": 0}}):
    pay() >> told()
"""
)


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        ("return given", ["success", None]),
        ("return given['no']", ["failed", {"Error": "TypeError"}]),
        ("raise KeyError('a')", ["failed", {"Error": "KeyError", "Cause": "'a'"}]),
        ("raise AirflowFailException('no')", ["failed", {"Error": "AirflowFailException", "Cause": "no"}]),
        ("raise ValueError('no', {'Error': 'NoRoom', 'Cause': 'it is full'})",
         ["failed", {"Error": "NoRoom", "Cause": "it is full"}]),
    ],
)  # fmt: skip
def test_code_says_what_is_kept_of_its_exception(body: str, kept: list[Any], tmp_path: Path) -> None:
    one = converted(CODE.replace("{body}", body).replace("{{", "{").replace("}}", "}"))
    assert open_rows(one) == set()
    state, error = ran(one, tmp_path, {"given": "x"})[0]["orders-told"]
    assert (state, error and error["Error"]) == (kept[0], kept[1] and kept[1]["Error"])
    assert kept[1] is None or "Cause" not in kept[1] or error == kept[1]


def test_code_may_use_the_function_itself(tmp_path: Path) -> None:
    body = "raise ValueError(error_output(KeyError('a'))['Error'])"
    one = converted(CODE.replace("{body}", body).replace("{{", "{").replace("}}", "}"))
    (source,) = (text for name, text in one.functions.items() if name == "orders-pay.py")
    assert source.count("def error_output(") == 1
    found = ran(one, tmp_path, {"given": "x"})[0]["orders-told"]
    assert found == ["failed", {"Error": "ValueError", "Cause": "KeyError"}]


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
