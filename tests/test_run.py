"""What a machine makes of a run: its dates, params, Airflow's Variables and the DAG's own Jinja, executed."""

from __future__ import annotations

from typing import Any

import pytest

from dagmig.diagnostics import Report
from dagmig.pipeline import Converted, Lowering, airflow_to_asl
from jsonata_run import Execution, Failed

HEAD = """\
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo
from airflow.models.param import Param
from airflow.providers.amazon.aws.operators.sns import SnsPublishOperator
from airflow.providers.standard.operators.python import PythonOperator, ShortCircuitOperator
"""
TICK = {"scheduled_time": "2024-01-02T00:00:00Z"}
START = "2024-05-06T07:08:09.123Z"


def converted(text: str, arguments: str = "schedule=None", *, version: int | None = 3) -> Converted:
    """A DAG with one message of a text, or of several lines that make its tasks."""
    body = text if "\n" in text else f'SnsPublishOperator(task_id="tell", target_arn="t", message={text!r})'
    lines = "".join(f"    {line}\n" for line in body.strip().splitlines())
    source = f'{HEAD}from airflow import DAG\nwith DAG("told", {arguments}):\n{lines}'
    (one,) = airflow_to_asl(source, "d.py", Report(), lowering=Lowering(airflow=version))
    return one


def said(one: Converted, given: Any = None, parameters: dict[str, str] | None = None) -> list[Any]:
    """The messages of an execution."""
    messages = []

    def call(resource: str, arguments: Any) -> Any:
        if resource.endswith("getParameter"):
            assert arguments["WithDecryption"] is True
            if arguments["Name"] not in (parameters or {}):
                raise Failed("Ssm.ParameterNotFoundException", arguments["Name"])
            return {"Parameter": {"Value": (parameters or {})[arguments["Name"]]}}
        if resource.endswith("lambda:invoke"):
            return {"Payload": False}
        messages.append(arguments["Message"])
        return {"MessageId": "1"}

    Execution(call, given or {}, start=START).run(one.machine)
    return messages


def open_rows(one: Converted) -> set[str]:
    return {row.construct for row in one.report.rows if row.disposition.is_open}


@pytest.mark.parametrize(
    ("text", "arguments", "given", "expected"),
    [
        ("{{ ds }}", "schedule=None", {}, "2024-05-06"),
        ("{{ ts }}", "schedule=None", {}, "2024-05-06T07:08:09+00:00"),
        ("{{ ts }}", "schedule=None", {"logical_date": "2024-01-02T05:00:00+02:00"},
         "2024-01-02T03:00:00+00:00"),
        ("{{ ts }}", "schedule='@daily'", TICK, "2024-01-02T00:00:00+00:00"),
        ("{{ dag_run.run_type }}", "schedule='@daily'", TICK, "scheduled"),
        ("{{ dag_run.run_type }}", "schedule='@daily'", {}, "manual"),
        ("{{ params.n + 1 }}", "schedule=None, params={'n': Param(5, type='integer')}", {}, "6"),
        ("{{ params.n + 1 }}", "schedule=None, params={'n': 5}", {"conf": {"n": 7}}, "8"),
        ("{{ params.n }}", "schedule=None, params={'n': Param(default='a', type='string')}", {}, "a"),
        ("{{ params.n }}", "schedule=None, params={'n': Param(type='string')}", {"conf": {"n": "b"}}, "b"),
        ("{{ params.f }}", "schedule=None, params={'f': Param(True, type='boolean')}", {}, "True"),
        ("{{ params.f }}", "schedule=None, params={'f': True}", {"conf": {"f": "no"}}, "no"),
        ("{{ stage }}/{{ ds }}", "schedule=None, user_defined_macros={'stage': 'prod'}", {},
         "prod/2024-05-06"),
        ("[[ ds ]]", "schedule=None, jinja_environment_kwargs={'variable_start_string': '[[', "
         "'variable_end_string': ']]'}", {}, "2024-05-06"),
        ("{% if true %}\nx{% endif %}", "schedule=None, jinja_environment_kwargs={'trim_blocks': True}", {},
         "x"),
        ("{{ 'a\nb' }}\n", "schedule=None", {}, "a\nb"),
    ],
)  # fmt: skip
def test_what_a_text_says(text: str, arguments: str, given: Any, expected: str) -> None:
    body = f'\nSnsPublishOperator(task_id="tell", target_arn="t", message={text!r})'
    one = converted(body, arguments)
    assert not open_rows(one)
    assert said(one, given) == [expected]


@pytest.mark.parametrize(
    ("text", "arguments", "given"),
    [
        ("x{{ params.none }}", "schedule=None", {}),
        ("x{{ dag_run.conf['a'] }}", "schedule=None", {}),
        ("x{{ dag_run.conf.a.b }}", "schedule=None", {"conf": {"a": {}}}),
        ("{% if dag_run.conf.a == 1 %}x{% endif %}y", "schedule=None", {}),
        ("{{ ds | mine }}", "schedule=None, user_defined_filters={'mine': len}", {}),
        ("{{ ds | upper }}", "schedule=None, user_defined_filters={'upper': len}", {}),
        ("{{ ds }}", "schedule=None, jinja_environment_kwargs={'undefined': None}", {}),
        ("{{ ds }", "schedule=None", {}),
        ("{{ var.value.absent }}", "schedule=None", {}),
        ("{{ execution_date }}", "schedule=None", {}),
        ("{{ conn.lake.host }}", "schedule=None", {}),
    ],
)
def test_a_state_fails_instead_of_guessing(text: str, arguments: str, given: Any) -> None:
    with pytest.raises(Exception):  # noqa: B017
        said(converted(text, arguments), given)


def test_variables_are_parameters() -> None:
    one = converted("{{ var.value.stage }} {{ var.json.sizes.small }} {{ var.value.get('absent', 'none') }}")
    assert [row.construct for row in one.report.rows if row.disposition.is_open] == ["variable"] * 3
    kept = {"/airflow/variables/stage": "prod", "/airflow/variables/sizes": '{"small": 1}'}
    assert said(one, {}, kept) == ["prod 1 none"]
    assert said(one, {}, {**kept, "/airflow/variables/absent": "there"}) == ["prod 1 there"]


def test_nothing_is_found_out_that_no_state_asks_for() -> None:
    assert converted("plain").machine["StartAt"] == "tell"
    assert converted("{{ run_id }} {{ params.a }} {{ dag_run.conf }}").machine["StartAt"] == "tell"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{ params.n }}", 5),
        ("{{ params.l }}", ["a"]),
        ("{{ params.n > 3 }}", True),
        ("n{{ params.n }}", "n5"),
        ("{{ logical_date }}", "2024-05-06T07:08:09+00:00"),
    ],
)
def test_native_objects(text: str, expected: Any) -> None:
    one = converted(text, "schedule=None, render_template_as_native_obj=True, params={'n': 5, 'l': ['a']}")
    assert said(one) == [expected]


def test_the_output_of_a_skipped_task_is_none() -> None:
    body = """
a = ShortCircuitOperator(task_id="a", python_callable=bool, ignore_downstream_trigger_rules=False)
b = SnsPublishOperator(task_id="b", target_arn="t", message="b")
c = SnsPublishOperator(
    task_id="c", target_arn="t", message="{{ ti.xcom_pull('b') }}!", trigger_rule="none_failed"
)
a >> b >> c
"""
    assert said(converted(body)) == ["None!"]


PARIS = "schedule='0 3 * * *', start_date=datetime(2024, 1, 1, tzinfo=ZoneInfo('Europe/Paris'))"


@pytest.mark.parametrize(
    ("text", "arguments", "version", "given", "expected"),
    [
        ("{{ ds }}", "schedule='@daily'", 2, {"scheduled_time": "2024-03-01T00:00:00Z"}, "2024-02-29"),
        ("{{ ds }}", "schedule='@daily'", 3, {"scheduled_time": "2024-03-01T00:00:00Z"}, "2024-03-01"),
        ("{{ ds }}", "schedule='@daily'", None, {"scheduled_time": "2024-03-01T00:00:00Z"}, "2024-02-29"),
        ("{{ ds }}", "", 2, {"scheduled_time": "2024-03-01T05:00:00Z"}, "2024-02-29"),
        ("{{ next_ds }}", "schedule='@monthly'", 2, {"scheduled_time": "2024-03-01T00:00:00Z"}, "2024-03-01"),
        ("{{ yesterday_ds_nodash }}", "schedule=None", 2, {}, "20240505"),
        ("{{ data_interval_start | ds }}", "schedule='@monthly'", 2, {}, "2024-04-01"),
        ("{{ ds }}", PARIS, 2, {"logical_date": "2024-03-01T03:00:00+01:00"}, "2024-03-01"),
        ("{{ ds }}", PARIS, 2, {"scheduled_time": "2024-03-01T02:00:00Z"}, None),
        ("{{ ds }}", PARIS, 3, {"scheduled_time": "2024-03-01T02:00:00Z"}, "2024-03-01"),
    ],
)
def test_dates_by_schedule_and_version(
    text: str, arguments: str, version: int | None, given: Any, expected: str | None
) -> None:
    body = f'\nSnsPublishOperator(task_id="tell", target_arn="t", message="{text}")'
    source_arguments = f"{arguments}, catchup=False" if arguments else "catchup=False"
    one = converted(body, source_arguments, version=version)
    if expected is None:
        assert "logical_date" in open_rows(one)
        with pytest.raises(Exception, match="clock"):
            said(one, given)
        return
    assert said(one, given) == [expected]


def test_which_airflow_it_is_has_to_be_decided_where_the_dates_differ() -> None:
    scheduled = "schedule='@daily', catchup=False"
    assert open_rows(converted("{{ ds }}", scheduled, version=None)) == {"logical_date"}
    assert open_rows(converted("{{ ds }}", scheduled, version=2)) == set()
    assert (
        open_rows(converted("{{ ds }}", "schedule_interval='@daily', catchup=False", version=None)) == set()
    )
    assert open_rows(converted("{{ ds }}", "schedule=None", version=None)) == set()
