"""The rules over values and functions, on files as users write them: what they flag, and where not."""

from __future__ import annotations

import pytest

from dagmig.lint.check import rules
from dagmig.lint.source import Source

HEAD = """\
import os
from datetime import timedelta
from functools import partial
from airflow import DAG
from airflow.decorators import dag, task
from airflow.models import Variable
from airflow.operators.bash import BashOperator
from airflow.operators.python import BranchPythonOperator, PythonOperator, ShortCircuitOperator
from airflow.providers.http.operators.http import HttpOperator
from airflow.utils.task_group import TaskGroup
from airflow.utils.trigger_rule import TriggerRule
from mine import COMMON, MyOperator, make, pick

"""
OP = "BashOperator(task_id='a', bash_command='a'"
PICK = """def choose(ds):
    {body}
with DAG('x', schedule=None):
    branch = BranchPythonOperator(task_id='branch', python_callable=choose)
    with TaskGroup('g'):
        one = BashOperator(task_id='one', bash_command='one')
    branch >> one
"""
FLAGGED = [
    ("invalid-trigger-rule", f"with DAG('x'):\n    {OP}, trigger_rule='ALL_DONE')"),
    ("invalid-trigger-rule", f"with DAG('x', default_args={{'trigger_rule': 'never'}}):\n    {OP})"),
    (
        "invalid-trigger-rule",
        f"from airflow.sdk import Param\nwith DAG('x'):\n    {OP}, trigger_rule='dummy')",
    ),
    ("invalid-id", "DAG_ID = 'a b'\nwith DAG(DAG_ID):\n    pass"),
    ("invalid-id", "with DAG('x'):\n    BashOperator(task_id='a/b', bash_command='a')"),
    ("invalid-id", "with DAG('x'):\n    BashOperator(task_id='', bash_command='a')"),
    (
        "invalid-id",
        "with DAG('x'):\n    for n in ['a', 'b:c']:\n        BashOperator(task_id=n, bash_command=n)",
    ),
    ("invalid-id", "with DAG('x'):\n    with TaskGroup('a.b'):\n        pass"),
    ("invalid-id", f"with DAG('{'x' * 251}'):\n    pass"),
    ("callable-called", "def f(): ...\nwith DAG('x'):\n    PythonOperator(task_id='a', python_callable=f())"),
    ("callable-called", "with DAG('x'):\n    PythonOperator(task_id='a', python_callable='mine.f')"),
    (
        "callable-called",
        "@task\ndef f(): ...\nwith DAG('x'):\n    PythonOperator(task_id='a', python_callable=f())",
    ),
    ("wrong-arg-type", f"with DAG('x'):\n    {OP}, execution_timeout='1h')"),
    ("wrong-arg-type", f"with DAG('x', default_args={{'execution_timeout': 60}}):\n    {OP})"),
    ("wrong-arg-type", f"with DAG('x'):\n    {OP}, retries=timedelta(minutes=5))"),
    ("wrong-arg-type", f"with DAG('x'):\n    {OP}, retry_delay='5m')"),
    ("wrong-arg-type", "with DAG('x'):\n    @task(retries='some')\n    def f(): ...\n    f()"),
    (
        "template-file-trailing-space",
        "with DAG('x'):\n    BashOperator(task_id='a', bash_command='/opt/a.sh')",
    ),
    (
        "template-file-trailing-space",
        "with DAG('x'):\n    BashOperator(task_id='a', bash_command='cd a\\n./b.bash')",
    ),
    (
        "fail-fast-trigger-rule",
        f"with DAG('x', fail_stop=True):\n    {OP}, trigger_rule=TriggerRule.ONE_DONE)",
    ),
    ("email-flag-without-email", f"with DAG('x'):\n    {OP}, email_on_retry=True)"),
    ("email-flag-without-email", f"with DAG('x'):\n    {OP}, email_on_failure=True, email=None)"),
    ("branch-target-unknown", PICK.format(body="return 'one'")),
    ("branch-target-unknown", PICK.format(body="return ['g.one', 'g.two']")),
    ("branch-target-unknown", PICK.format(body="return ('g.one' if ds else\n        'two')")),
    ("dag-never-called", "@dag\ndef daily():\n    pass"),
    ("dag-never-called", "@dag(schedule=None)\ndef daily(table='sales', *, n: int = 1):\n    pass"),
    ("list-shift-list", "a >> [b, c] >> [d, e]"),
    ("list-shift-list", "[a, b] << [c]"),
    ("list-shift-list", "[op(n) for n in 'ab'] >> [c, d]"),
    ("fstring-eats-jinja", "x = f'{a} {{ dag_run.conf[0] }}'"),
    ("fstring-eats-jinja", 'x = f"""{a}\n{{ data_interval_start | ds }}"""'),
    ("fstring-eats-jinja", "x = rf'\\d {{ macros.ds_add(ds, -1) }}'"),
    (
        "requests-no-timeout",
        "import requests\ndef f():\n    requests.request('GET', 'https://a', json={'timeout': 1})",
    ),
    ("requests-no-timeout", "import requests\nrequests.post('https://a', data={})"),
    ("xcom-pull-without-task-ids", "def f(**c):\n    return c['ti'].xcom_pull(key='a')"),
    ("xcom-pull-without-task-ids", "def f(ti):\n    return ti.xcom_pull(dag_id='x', key='a')"),
]
SILENT = [
    ("invalid-trigger-rule", f"with DAG('x'):\n    {OP}, trigger_rule='none_failed_or_skipped')"),
    ("invalid-trigger-rule", f"with DAG('x'):\n    {OP}, trigger_rule=TriggerRule.ALL_DONE)"),
    ("invalid-trigger-rule", f"with DAG('x'):\n    {OP}, trigger_rule=COMMON['rule'])"),
    ("invalid-trigger-rule", f"with DAG('x'):\n    {OP}, trigger_rule=os.getenv('RULE', 'some'))"),
    ("invalid-trigger-rule", f"with DAG('x'):\n    {OP}, trigger_rule='all_done_min_one_success')"),
    ("invalid-id", "with DAG('x.y-1_é'):\n    BashOperator(task_id='a.b', bash_command='a')"),
    ("invalid-id", "with DAG(os.getenv('DAG', '')):\n    pass"),
    ("invalid-id", "with DAG(COMMON['id']):\n    with TaskGroup(COMMON['group']):\n        make()"),
    (
        "invalid-id",
        "with DAG('x'):\n    with TaskGroup('g'):\n        with TaskGroup('h', prefix_group_id=False):\n"
        "            with TaskGroup('i'):\n                BashOperator(task_id='a', bash_command='a')",
    ),
    (
        "callable-called",
        "def f():\n    return print\nwith DAG('x'):\n    PythonOperator(task_id='a', python_callable=f())",
    ),
    ("callable-called", "with DAG('x'):\n    PythonOperator(task_id='a', python_callable=partial(print, 1))"),
    ("callable-called", "with DAG('x'):\n    PythonOperator(task_id='a', python_callable=make())"),
    ("callable-called", "with DAG('x'):\n    MyOperator(task_id='a', python_callable='mine.f')"),
    ("callable-called", "with DAG('x'):\n    PythonOperator(task_id='a', python_callable=lambda: None)"),
    (
        "callable-called",
        "@make\ndef f(): ...\nwith DAG('x'):\n    PythonOperator(task_id='a', python_callable=f())",
    ),
    ("wrong-arg-type", f"with DAG('x'):\n    {OP}, retries='3', retry_delay=30, execution_timeout=None)"),
    ("wrong-arg-type", f"with DAG('x'):\n    {OP}, retries=COMMON, execution_timeout=make(5))"),
    ("wrong-arg-type", "with DAG('x'):\n    MyOperator(task_id='a', execution_timeout=5)"),
    (
        "wrong-arg-type",
        f"with DAG('x'):\n    {OP}, retries=int(Variable.get('n')), retry_delay=timedelta(1))",
    ),
    (
        "template-file-trailing-space",
        "with DAG('x'):\n    BashOperator(task_id='a', bash_command='scripts/a.sh')",
    ),
    (
        "template-file-trailing-space",
        "with DAG('x'):\n    BashOperator(task_id='a', bash_command='bash a.sh ')",
    ),
    (
        "template-file-trailing-space",
        "with DAG('x'):\n    BashOperator(task_id='a', bash_command='a.sh {{ ds }}')",
    ),
    (
        "template-file-trailing-space",
        "with DAG('x', template_searchpath='/'):\n    BashOperator(task_id='a', bash_command='/a.sh')",
    ),
    ("template-file-trailing-space", "with DAG('x'):\n    MyOperator(task_id='a', bash_command='bash a.sh')"),
    ("fail-fast-trigger-rule", f"with DAG('x', fail_fast=COMMON):\n    {OP}, trigger_rule='all_done')"),
    ("fail-fast-trigger-rule", f"with DAG('x', fail_fast=True):\n    {OP}, trigger_rule='all_success')"),
    ("fail-fast-trigger-rule", f"with DAG('x', fail_fast=True):\n    {OP}).as_teardown()"),
    ("fail-fast-trigger-rule", f"with DAG('x', fail_fast=True):\n    {OP}, trigger_rule=COMMON)"),
    ("email-flag-without-email", f"with DAG('x', default_args=COMMON):\n    {OP}, email_on_failure=True)"),
    ("email-flag-without-email", f"with DAG('x'):\n    {OP}, email_on_failure=False, email_on_retry=COMMON)"),
    (
        "email-flag-without-email",
        f"with DAG('x', default_args={{'email': COMMON}}):\n    {OP}, email_on_failure=True)",
    ),
    ("branch-target-unknown", PICK.format(body="return 'g.one'")),
    ("branch-target-unknown", PICK.format(body="return 'g'")),
    ("branch-target-unknown", PICK.format(body="return f'{ds}'")),
    ("branch-target-unknown", PICK.format(body="return names['two']")),
    ("branch-target-unknown", PICK.format(body="return 'g.' 'one'")),
    ("branch-target-unknown", PICK.format(body="return 'g.one' if ds == 'two' else None")),
    ("branch-target-unknown", PICK.format(body="def inner():\n        return 'two'\n    return pick(inner)")),
    ("branch-target-unknown", PICK.format(body="return 'two'") + "    make()"),
    (
        "branch-target-unknown",
        "def choose():\n    return 'two'\nwith DAG('x'):\n"
        "    ShortCircuitOperator(task_id='a', python_callable=choose)",
    ),
    ("dag-never-called", "@dag\ndef daily():\n    pass\ndaily()"),
    ("dag-never-called", "@dag\ndef daily(table):\n    pass"),
    ("dag-never-called", "@dag\ndef daily():\n    pass\n__all__ = ['daily']"),
    ("dag-never-called", "@dag\ndef daily():\n    pass\nfor make in (daily,):\n    make()"),
    ("dag-never-called", "with DAG('x') as d:\n    @d.task\n    def a(): ...\n    a()"),
    (
        "dag-never-called",
        "def outer():\n    @dag\n    def daily():\n        pass\n    return daily\nouter()()",
    ),
    ("list-shift-list", "a >> [b, c] >> d"),
    ("list-shift-list", "chain([a, b], [c, d])"),
    ("list-shift-list", "[a, b] >> c >> [d, e]"),
    ("list-shift-list", "x = [a, b][0] >> [c]"),
    ("fstring-eats-jinja", "x = f'{a} {{{{ ds }}}}'"),
    ("fstring-eats-jinja", "x = f\"awk '{{ print $1 }}' {a}\""),
    ("fstring-eats-jinja", "x = '{{ ds }}' + f'{a}'"),
    ("fstring-eats-jinja", "x = f'select {{ds}} from {a}'.format(ds=1)"),
    ("fstring-eats-jinja", "x = f'{{ \"ds\": {a} }}'"),
    ("requests-no-timeout", "import requests\nrequests.get('https://a', timeout=None)"),
    ("requests-no-timeout", "import requests\nrequests.get('https://a', **COMMON)"),
    ("requests-no-timeout", "import requests\nwith requests.Session() as s:\n    s.get('https://a')"),
    ("requests-no-timeout", "requests = {}\nrequests.get('a')"),
    ("xcom-pull-without-task-ids", "def f(ti):\n    return ti.xcom_pull('a', key='b')"),
    ("xcom-pull-without-task-ids", "def f(ti):\n    return ti.xcom_pull(key='b', include_prior_dates=True)"),
    ("xcom-pull-without-task-ids", "def f(ti):\n    return ti.xcom_pull(key='b', **COMMON)"),
    ("xcom-pull-without-task-ids", "import airflow.sdk\ndef f(ti):\n    return ti.xcom_pull(key='b')"),
    ("xcom-pull-without-task-ids", "def f(ti):\n    return ti.xcom_pull()"),
    ("xcom-pull-without-task-ids", "class A:\n    def on_kill(self):\n        self.ti.xcom_pull(key='a')"),
]


def said(rule: str, text: str) -> list[str]:
    (found,) = [one for one in rules() if one.id == rule]
    return [diagnostic.message for diagnostic in found(Source(f"{HEAD}{text}\n", "dag.py", "dag"))]


@pytest.mark.parametrize(("rule", "text"), FLAGGED)
def test_flagged_once(rule: str, text: str) -> None:
    assert len(said(rule, text)) == 1


@pytest.mark.parametrize(("rule", "text"), SILENT)
def test_silent(rule: str, text: str) -> None:
    assert said(rule, text) == []
