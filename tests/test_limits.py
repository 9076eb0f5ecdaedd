"""What Step Functions does not take is said: long definitions, and executions of too many events."""

from __future__ import annotations

import pytest

from dagmig.asl.lower.limits import events
from dagmig.diagnostics import Disposition, Report
from dagmig.pipeline import airflow_to_asl

DAG = """\
from airflow.providers.amazon.aws.operators.glue import GlueJobOperator
from airflow.sdk import DAG, chain

with DAG("big", schedule=None):
    {body}
"""
CASES = [
    ("GlueJobOperator(task_id='a', job_name='x')", []),
    (
        "GlueJobOperator.partial(task_id='a').expand(job_name=['x' * 1000 for n in range(1100)])",
        ["the definition has 1,1"],
    ),
    (
        "GlueJobOperator.partial(task_id='a').expand(job_name=[str(n) for n in range(4000)])",
        ["an execution has some 28,006 events, and ends at 25,000"],
    ),
]


@pytest.mark.parametrize(("body", "said"), CASES)
def test_limits(body: str, said: list[str]) -> None:
    (made,) = airflow_to_asl(DAG.format(body=body), "dag.py", Report())
    found = [row for row in made.report.rows if row.construct == "limits"]
    assert [row.disposition for row in found] == [Disposition.REDESIGN] * len(said)
    assert all(row.difference.startswith(start) for row, start in zip(found, said, strict=True))


def test_events() -> None:
    """As an execution on AWS counts them, but for those of the execution itself."""
    machine = {"States": {"a": {"Type": "Task"}, "b": {"Type": "Pass"}, "c": {"Type": "Succeed"}}}
    assert events(machine) == 5 + 2 + 2
