"""The harness of the reader's tests: a DAG's body as text, its graph as text."""

from __future__ import annotations

from dagmig.airflow.read import read
from dagmig.diagnostics import Report
from dagmig.graph.model import Workflow

HEAD = """\
from datetime import datetime, timedelta
from airflow.sdk import DAG, Label, TaskGroup, asset, chain, chain_linear, cross_downstream, dag
from airflow.sdk import setup, task, task_group, teardown
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.providers.standard.operators.bash import BashOperator
from airflow.utils.trigger_rule import TriggerRule

def op(task_id, **kwargs):
    return EmptyOperator(task_id=task_id, **kwargs)
"""


def workflows(text: str, file: str = "dags/orders.py") -> tuple[tuple[Workflow, ...], list[str]]:
    """The workflows of a file that begins with ``HEAD``, and the codes of its diagnostics."""
    report = Report()
    found = read(HEAD + text, file, report)
    return found, [diagnostic.code for diagnostic in report]


def graph(body: str) -> str:
    """The one DAG of a body inside ``with DAG("d"):`` as ``a>b`` for each edge, lone tasks alone; a doubt
    is ``?code``.
    """
    lines = "".join(f"    {line}\n" for line in body.strip("\n").splitlines())
    (found,), codes = workflows(f'with DAG("d"):\n{lines}')
    return shown(found, codes)


def shown(workflow: Workflow, codes: list[str]) -> str:
    """A workflow as text: edges, lone tasks, doubts."""
    edges = sorted(f"{edge.upstream}>{edge.downstream}" for edge in workflow.edges)
    joined = {name for edge in workflow.edges for name in (edge.upstream, edge.downstream)}
    alone = sorted(workflow.tasks.keys() - joined)
    return " ".join([*edges, *alone, *(f"?{code}" for code in dict.fromkeys(codes))])
