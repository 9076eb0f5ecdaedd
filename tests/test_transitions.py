"""The machine of a chain has a state for each task, and no other."""

from __future__ import annotations

import pytest

from dagmig.diagnostics import Report
from dagmig.pipeline import airflow_to_asl

HEAD = """\
from airflow.providers.amazon.aws.operators.glue import GlueJobOperator
from airflow.providers.amazon.aws.operators.sns import SnsPublishOperator
from airflow.providers.standard.operators.bash import BashOperator
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG, TaskGroup, chain, task

with DAG("chained", schedule=None, params={"table": "orders"}):
"""
CHAINS = {
    "one task": "GlueJobOperator(task_id='a', job_name='a')",
    "jobs": "chain(*[GlueJobOperator(task_id=name, job_name=name) for name in 'abcdefghij'])",
    "params": "a = GlueJobOperator(task_id='a', job_name='{{ params.table }}')",
    "retries": "chain(*[GlueJobOperator(task_id=name, job_name=name, retries=3) for name in 'abc'])",
    "an order that only empty tasks keep": """\
first, last = EmptyOperator(task_id="first"), EmptyOperator(task_id="last")
    chain(first, GlueJobOperator(task_id="a", job_name="a"), GlueJobOperator(task_id="b", job_name="b"), last)
""",
    "groups": """\
with TaskGroup("g") as g:
        GlueJobOperator(task_id="a", job_name="a")
    with TaskGroup("h") as h:
        GlueJobOperator(task_id="b", job_name="b")
    g >> h
""",
    "what is known already": """\
a, b, c = [GlueJobOperator(task_id=name, job_name=name) for name in "abc"]
    a >> b >> c
    a >> c
""",
    "results": """\
a = GlueJobOperator(task_id="a", job_name="a")
    b = SnsPublishOperator(task_id="b", target_arn="{{ ti.xcom_pull(task_ids='a') }}", message=a.output)
    a >> b
""",
    "callables": """\
@task
    def a():
        return 1

    @task
    def b(number):
        return number + 1

    @task
    def c(number):
        print(number)

    c(b(a()))
""",
    "done in any case": """\
a = GlueJobOperator(task_id="a", job_name="a")
    a >> GlueJobOperator(task_id="b", job_name="b", trigger_rule="all_done")
""",
}


@pytest.mark.parametrize("chain", CHAINS.values(), ids=CHAINS)
def test_a_chain_has_a_state_a_task(chain: str) -> None:
    (made,) = airflow_to_asl(f"{HEAD}    {chain}\n", "dag.py", Report())
    states = made.machine["States"]
    assert {state["Type"] for state in states.values()} == {"Task"}
    tasks = {row.task for row in made.report.rows if row.task not in (None, "", "first", "last")}
    assert {name.rpartition(".")[2] for name in states} == {name.rpartition(".")[2] for name in tasks}
