"""Good DAGs, read as a user's are: not a word, least of all about what the reader could not know."""

from __future__ import annotations

import pytest

from dagmig.lint.check import check, rules
from dagmig.lint.source import Source

HEAD = """\
import os
from datetime import datetime, timedelta
from airflow import DAG
from airflow.operators.bash import BashOperator
from airflow.operators.empty import EmptyOperator
from airflow.operators.python import BranchPythonOperator
from airflow.providers.amazon.aws.operators.glue import GlueJobOperator
from airflow.providers.amazon.aws.sensors.s3 import S3KeySensor
from airflow.sensors.time_delta import TimeDeltaSensor
from airflow.utils.task_group import TaskGroup
from mine import COMMON, defaults, make, pick
from mine.sensors import BoundedSensor

"""
TASKS = """
    GlueJobOperator(task_id="load", job_name="load")
    S3KeySensor(task_id="wait", bucket_key="s3://a/b")
"""
DAG = 'with DAG("x", schedule="@daily", start_date=datetime(2024, 1, 1), catchup=False'
QUIET = {
    "defaults from elsewhere": f"{DAG}, default_args=defaults):{TASKS}",
    "defaults from a call": f"{DAG}, default_args=make(3)):{TASKS}",
    "defaults in part from elsewhere": f"{DAG}, default_args={{**COMMON, 'owner': 'me'}}):{TASKS}",
    "defaults joined": f"{DAG}, default_args=COMMON | {{'owner': 'me'}}):{TASKS}",
    "defaults by dict()": f"{DAG}, default_args=dict(COMMON, owner='me')):{TASKS}",
    "defaults set later": f"args = {{}}\nargs['retries'] = 2\nargs['timeout'] = 60\n"
    f"{DAG}, default_args=args):{TASKS}",
    "defaults updated from elsewhere": f"args = {{}}\nargs.update(COMMON)\n{DAG}, default_args=args):{TASKS}",
    "defaults under an unknown key": f"args = {{}}\nargs[COMMON] = 1\n{DAG}, default_args=args):{TASKS}",
    "defaults given to the DAG later": f"""dag = {DAG[5:]})
dag.default_args = {{"retries": 2, "timeout": 60}}
GlueJobOperator(task_id="load", job_name="load", dag=dag)
S3KeySensor(task_id="wait", bucket_key="s3://a/b", dag=dag)
""",
    "defaults of one task": f"""{DAG}):
    GlueJobOperator(task_id="load", job_name="load", default_args=COMMON)
    S3KeySensor(task_id="wait", bucket_key="s3://a/b", default_args=COMMON)
""",
    "attributes set later": f"""{DAG}):
    load = GlueJobOperator(task_id="load", job_name="load")
    load.retries = 2
    wait = S3KeySensor(task_id="wait", bucket_key="s3://a/b")
    wait.timeout = 60
""",
    "mapped tasks": f"""{DAG}):
    GlueJobOperator.partial(task_id="load", retries=2).expand(job_name=["a", "b"])
    S3KeySensor.partial(task_id="wait", timeout=60).expand(bucket_key=["s3://a/b", "s3://a/c"])
""",
    "arguments of the DAG from elsewhere": f'with DAG("x", schedule="@daily", **COMMON):{TASKS}',
    "arguments of the tasks from elsewhere": f"""{DAG}):
    GlueJobOperator(task_id="load", job_name="load", **COMMON)
    S3KeySensor(task_id="wait", bucket_key="s3://a/b", **COMMON)
""",
    "values from elsewhere": f"""{DAG}):
    GlueJobOperator(task_id="load", job_name="load", retries=COMMON["retries"])
    S3KeySensor(task_id="wait", bucket_key="s3://a/b", timeout=COMMON["timeout"])
""",
    "defaults of a group": f"""{DAG}):
    with TaskGroup("g", default_args={{"retries": 2, "timeout": 60}}):
        GlueJobOperator(task_id="load", job_name="load")
        S3KeySensor(task_id="wait", bucket_key="s3://a/b")
""",
    "classes of its own": f"""class MySensor(S3KeySensor):
    def __init__(self, **arguments):
        super().__init__(timeout=60, **arguments)


{DAG}):
    MySensor(task_id="wait", bucket_key="s3://a/b")
    BoundedSensor(task_id="bounded")
    TimeDeltaSensor(task_id="later", delta=timedelta(minutes=1))
""",
    "either way": """if os.environ["STAGE"] == "live":
    dag = DAG("x", schedule="@daily", start_date=datetime(2024, 1, 1), catchup=False)
else:
    dag = DAG("x", schedule=None, start_date=datetime(2024, 1, 1))
with dag:
    if os.environ["STAGE"] == "live":
        a = BashOperator(task_id="a", bash_command="a")
    else:
        a = EmptyOperator(task_id="a")
    b = EmptyOperator(task_id="b")
    if os.environ["STAGE"] == "live":
        a >> b
    else:
        b >> a
""",
    "a dependency either way": f"""{DAG}):
    a, b = EmptyOperator(task_id="a"), EmptyOperator(task_id="b")
    if os.environ["STAGE"] == "live":
        a >> b
    else:
        b >> a
""",
    "a task either way": f"""{DAG}):
    if os.environ["STAGE"] == "live":
        a = BashOperator(task_id="a", bash_command="a")
    else:
        a = EmptyOperator(task_id="a")
    b = EmptyOperator(task_id="b") if COMMON else BashOperator(task_id="b", bash_command="b")
    for name in ["c", "d"]:
        if name in COMMON:
            EmptyOperator(task_id="last")
""",
    "a DAG either way": f"""if os.environ["STAGE"] == "live":
    {DAG}):
        BashOperator(task_id="a", bash_command="a")
else:
    {DAG}):
        EmptyOperator(task_id="a")
""",
    "a task of a list or after it": f"""{DAG}):
    tasks = [EmptyOperator(task_id="a") for name in COMMON] or [EmptyOperator(task_id="a")]
    if not COMMON:
        EmptyOperator(task_id="a")
""",
    "arguments of a group from elsewhere": f"""{DAG}):
    with TaskGroup("g", **COMMON):
        GlueJobOperator(task_id="load", job_name="load")
        S3KeySensor(task_id="wait", bucket_key="s3://a/b")
    with TaskGroup("h", default_args=COMMON):
        GlueJobOperator(task_id="load", job_name="load")
        S3KeySensor(task_id="wait", bucket_key="s3://a/b")
""",
    "work on the worker": f"""from airflow.providers.papermill.operators.papermill import PapermillOperator
from airflow.providers.sqlite.operators.sqlite import SqliteOperator
{DAG}):
    PapermillOperator(task_id="notebook", input_nb="a.ipynb")
    SqliteOperator(task_id="query", sql="select 1")
""",
    "mapped over arguments": f"""{DAG}):
    GlueJobOperator.partial(task_id="load").expand_kwargs([{{"job_name": "a", "retries": 2}}])
    S3KeySensor.partial(task_id="wait").expand(bucket_key=["s3://a/b", "s3://a/c"], timeout=[60, 90])
    S3KeySensor.partial(task_id="other").expand_kwargs(COMMON)
""",
    "unknown schedule and catchup": """with DAG(
    "x",
    schedule=os.environ.get("CRON", "never"),
    start_date=datetime(2020, 1, 1),
    catchup=os.environ["STAGE"] == "live",
):
    pass
""",
    "branch from elsewhere": f"""{DAG}):
    branch = BranchPythonOperator(task_id="branch", python_callable=pick)
    a = EmptyOperator(task_id="a")
    b = EmptyOperator(task_id="b")
    branch >> [a, b] >> EmptyOperator(task_id="join")
""",
    "yearly catching up": """with DAG(
    "x", schedule="0 0 1 1 *", start_date=datetime(2024, 1, 1), catchup=True
):
    pass
""",
}


DEFAULT = tuple(rule for rule in rules() if rule.is_default)


@pytest.mark.parametrize("name", QUIET)
def test_not_a_word(name: str) -> None:
    result = check(Source(HEAD + QUIET[name], "dag.py", "dag", is_explicit=False), DEFAULT)
    found = [*result.found, *(one for rule in DEFAULT for one in rule.over_run(result.declared))]
    assert [str(diagnostic) for diagnostic in found] == []


def test_the_same_without_what_makes_it_good_is_flagged() -> None:
    found = check(Source(f"{HEAD}{DAG}):{TASKS}", "dag.py", "dag"), DEFAULT).found
    assert [diagnostic.code for diagnostic in found] == ["no-retries", "sensor-no-timeout"]
