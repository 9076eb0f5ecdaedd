"""What the ledger says of a DAG's own arguments: kept, dropped for a reason, or open."""

from __future__ import annotations

import pytest

from dagmig.diagnostics import Report
from dagmig.pipeline import airflow_to_asl

TWO = "from airflow import DAG\n"
THREE = "from airflow.sdk import DAG, Asset\n"
HEAD = """\
import pendulum
from datetime import datetime, timedelta
from airflow.providers.amazon.aws.operators.glue import GlueJobOperator
"""
CASES = [
    (THREE, "schedule=None", "schedule", None),
    (THREE, 'schedule="@daily"', "schedule", "noted"),
    (THREE, 'schedule=[Asset("a")]', "schedule", "decision"),
    (THREE, 'schedule="@daily"', "catchup", None),
    (TWO, 'schedule="@daily"', "catchup", "decision"),
    (TWO, "schedule=None", "catchup", None),
    (TWO, 'schedule="@daily", catchup=False', "catchup", "noted"),
    (THREE, 'schedule="@daily", catchup=True', "catchup", "decision"),
    (THREE, "schedule=None, start_date=datetime(2024, 1, 1)", "start_date", "noted"),
    (THREE, 'schedule="@daily", start_date=pendulum.today()', "start_date", "decision"),
    (THREE, "schedule=None, max_active_runs=1", "max_active_runs", "decision"),
    (THREE, "schedule=None, tags=['a']", "tags", "noted"),
    (THREE, "schedule=None, on_failure_callback=print", "on_failure_callback", "decision"),
    (THREE, "schedule=None, dagrun_timeout=timedelta(hours=1)", "dagrun_timeout", "noted"),
    (THREE, "schedule=None, surprise=1", "surprise", "decision"),
]


def dag(version: str, arguments: str, job: str) -> str:
    """A DAG of one Glue job, as text."""
    return f'{version}{HEAD}with DAG("d", {arguments}):\n    GlueJobOperator(task_id="a", job_name="{job}")\n'


@pytest.mark.parametrize(("version", "arguments", "construct", "expected"), CASES)
def test_rows_of_the_dag(version: str, arguments: str, construct: str, expected: str | None) -> None:
    (one,) = airflow_to_asl(dag(version, arguments, "orders"), "d.py", Report())
    found = {str(row.disposition) for row in one.report.rows if row.construct == construct}
    assert found == ({expected} if expected else set())


OWN = [
    ("pre_execute=print", "pre_execute"),
    ("post_execute=print", "post_execute"),
    ("retries=2, retry_policy=some()", "retry_policy"),
    ("render_template_as_native_obj=True", "render_template_as_native_obj"),
    ("render_template_as_native_obj=None", None),
    ("do_xcom_push=False", "xcom"),
    ("do_xcom_push=True", None),
]
CONDITIONS = [
    ("@task.run_if(lambda context: True)", False),
    ("@task.skip_if(check, skip_message='no')", False),
    ("@task.skip_if(check, known())", True),
    ("@task.run_if(imported)", True),
    ("@task.run_if(check_two)", True),
    ("@task.run_if(known())", True),
]


@pytest.mark.parametrize(("arguments", "construct"), OWN)
def test_rows_of_a_task(arguments: str, construct: str | None) -> None:
    text = f"""\
from airflow.sdk import DAG
from airflow.providers.standard.operators.python import PythonOperator
def work(*given):
    return 1
with DAG("d", schedule=None):
    a = PythonOperator(task_id="a", python_callable=work, {arguments})
    PythonOperator(task_id="b", python_callable=work, op_args=[a.output])
"""
    (one,) = airflow_to_asl(text, "d.py", Report())
    found = {row.construct for row in one.report.rows if row.disposition.is_open}
    assert found == ({construct} if construct else set())


@pytest.mark.parametrize(("condition", "is_open"), CONDITIONS)
def test_a_condition_that_the_function_does_not_look_at_is_a_decision(condition: str, is_open: bool) -> None:
    text = f"""\
from airflow.sdk import DAG, task
from elsewhere import imported
def check(context):
    return False
def check_two(context, more=1):
    return False
with DAG("d", schedule=None):
    {condition}
    @task
    def work():
        return 1
    work()
"""
    (one,) = airflow_to_asl(text, "d.py", Report())
    assert any(row.disposition.is_open for row in one.report.rows) is is_open


@pytest.mark.parametrize(
    ("version", "schedule", "expected"),
    [(THREE, "@daily", "noted"), (TWO, "@daily", "decision"), (TWO, None, "noted")],
)
def test_dates_of_a_run(version: str, schedule: str | None, expected: str) -> None:
    (one,) = airflow_to_asl(dag(version, f"schedule={schedule!r}", "{{ ds }}"), "d.py", Report())
    assert [str(row.disposition) for row in one.report.rows if row.construct == "logical_date"] == [expected]


@pytest.mark.parametrize(
    ("module", "kind", "expected"),
    [
        ("airflow.sdk", "task.branch", "decision"),
        ("airflow.decorators", "task.branch", "noted"),
        ("airflow.sdk", "task.short_circuit", None),  # what skips anything skips the reader too
        ("airflow.sdk", "task", None),
    ],
)
def test_what_a_chooser_returned_is_lost_in_airflow_3_once_it_skips(
    module: str, kind: str, expected: str | None
) -> None:
    dag_from = "airflow.sdk" if module == "airflow.sdk" else "airflow"
    text = f"""\
from {dag_from} import DAG
from {module} import task

@{kind}
def choose():
    return "tell"

@task
def tell(chosen):
    print(chosen)

@task
def other():
    print("other")

with DAG("d", schedule=None):
    chosen = choose()
    chosen >> [tell(chosen), other()]
"""
    (one,) = airflow_to_asl(text, "d.py", Report())
    found = [(str(row.disposition), row.task) for row in one.report.rows if row.construct == "xcom"]
    assert found == ([(expected, "tell")] if expected else [])


@pytest.mark.parametrize(
    ("pulled", "edges", "is_open"),
    [
        ("a", "a >> c", False),
        ("a", "a >> b >> c", False),
        ("a", "a >> b\na >> d", True),
        ("a", "c >> a", True),
        ("c", "a >> c", True),
        ("missing", "a >> c", True),
    ],
)
def test_a_value_of_a_task_that_need_not_have_run_is_a_decision(
    pulled: str, edges: str, is_open: bool
) -> None:
    lines = "\n".join(f"    {line}" for line in edges.splitlines())
    text = f"""\
from airflow.sdk import DAG
from airflow.providers.standard.operators.bash import BashOperator

with DAG("d", schedule=None):
    a, b, d = [BashOperator(task_id=name, bash_command="date") for name in "abd"]
    c = BashOperator(task_id="c", bash_command="echo {{{{ ti.xcom_pull(task_ids='{pulled}') }}}}")
{lines}
"""
    (one,) = airflow_to_asl(text, "d.py", Report())
    found = [row.difference for row in one.report.rows if row.task == "c" and row.disposition.is_open]
    assert len(found) == is_open
    assert ("$error" in one.text) == is_open
    assert ("x_" in one.text) != is_open


@pytest.mark.parametrize(
    ("function", "text", "expected"),
    [
        ("def give():\n    return 'a'", "{{ ti.xcom_pull(task_ids='give') }}", None),
        ("def give() -> str:\n    return f()", "{{ ti.xcom_pull(task_ids='give') }}", None),
        ("def give() -> 'int':\n    return 1", "{{ ti.xcom_pull(task_ids='give') }}", None),
        ("def give() -> bool:\n    return f()", "{{ ti.xcom_pull(task_ids='give') }}", "decision"),
        ("def give():\n    return [1]", "{{ ti.xcom_pull(task_ids='give') }}", "decision"),
        ("def give():\n    return ['a']", "{{ ti.xcom_pull(task_ids='give') }}", "decision"),
        ("def give() -> str:\n    return f()", "{{ ti.xcom_pull(task_ids='give')['a'] }}", "decision"),
        ("def give():\n    return 1", "{{ ds }} {{ run_id }} {{ params.text }} {{ params.size }}", None),
        ("def give():\n    return 1", "{{ params.flag }}", None),
        ("def give():\n    return 1", "{{ params.list }}", "decision"),
        ("def give():\n    return 1", "{{ params.nothing }}", "noted"),
        ("def give():\n    return 1", "{{ dag_run.conf['a'] }}", "noted"),
        ("def give():\n    return 1", "{{ dag_run.conf }}", "decision"),
    ],
)
def test_values_in_texts_are_written_as_json(function: str, text: str, expected: str | None) -> None:
    params = {"text": "a", "size": 1, "flag": True, "list": [1], "nothing": None}
    source = f"""\
from airflow.sdk import DAG
from airflow.providers.standard.operators.bash import BashOperator
from airflow.providers.standard.operators.python import PythonOperator

def f():
    return "b"

{function}

with DAG("d", schedule=None, params={params!r}):
    give = PythonOperator(task_id="give", python_callable=give)
    give >> BashOperator(task_id="say", bash_command="echo {text}")
"""
    (one,) = airflow_to_asl(source, "d.py", Report())
    found = [(str(row.disposition), row.task) for row in one.report.rows if row.construct == "text"]
    assert found == ([(expected, "say")] if expected else [])


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ("", set()),
        ("owner='me'", set()),
        ("outlets=[Asset('x')]", {"outlets"}),
        ("on_success_callback=print", {"on_success_callback"}),
        ("depends_on_past=True", {"depends_on_past"}),
    ],
)
def test_an_empty_task_that_does_more_than_order_others_stays(argument: str, expected: set[str]) -> None:
    source = f"""\
from airflow.sdk import DAG, Asset
from airflow.providers.standard.operators.bash import BashOperator
from airflow.providers.standard.operators.empty import EmptyOperator

with DAG("d", schedule=None):
    BashOperator(task_id="a", bash_command="true") >> EmptyOperator(task_id="e", {argument})
"""
    (one,) = airflow_to_asl(source, "d.py", Report())
    assert {row.construct for row in one.report.rows if row.disposition.is_open} == expected
    assert ("e" in one.machine["States"]) == bool(expected)


@pytest.mark.parametrize(
    ("edges", "waiting"),
    [
        ("[a, b] >> c\n    b >> d", {("d", "it also waits for a,", "/States/")}),
        ("[a, b] >> c\n    b >> e >> d", {("d", "it also waits for a,", "/States/")}),
        ("[a, b] >> c\n    e >> [a, b] >> f\n    b >> d", {("d", "it also waits for a,", "/States/")}),
        ("[a, b] >> c\n    d\n    b >> e", set()),
        ("[a, b] >> e >> [c, d]", set()),
        ("[a, b] >> e\n    b >> [c, d]", set()),
        ("e >> [a, b]\n    f >> [b, c]\n    a >> d", set()),
    ],
)
def test_waits_that_are_added_are_those_of_the_machine(
    edges: str, waiting: set[tuple[str, str, str]]
) -> None:
    """``e`` and ``f`` only order others and are not in the machine."""
    text = f"""{THREE}{HEAD}from airflow.providers.standard.operators.empty import EmptyOperator
with DAG("d", schedule=None):
    a, b, c, d = (GlueJobOperator(task_id=x, job_name=x) for x in "abcd")
    e, f = (EmptyOperator(task_id=x) for x in "ef")
    {edges}
"""
    (one,) = airflow_to_asl(text, "d.py", Report())
    rows = [row for row in one.report.rows if row.construct == "added-wait"]
    assert {(row.task, row.difference[:20], row.target[:8]) for row in rows} == waiting


def test_a_task_that_chooses_in_a_way_of_its_own_says_what_to_do() -> None:
    text = """\
from airflow.sdk import DAG
from airflow.providers.standard.operators.hitl import HITLBranchOperator
from airflow.providers.standard.operators.bash import BashOperator
with DAG("d", schedule=None):
    ask = HITLBranchOperator(task_id="b", subject="Go on?", options=["a"])
    ask >> BashOperator(task_id="a", bash_command="true")
"""
    (one,) = airflow_to_asl(text, "d.py", Report())
    (row,) = [row for row in one.report.rows if row.task == "b" and row.disposition.is_open]
    assert "write it as a `@task.branch`" in row.difference
