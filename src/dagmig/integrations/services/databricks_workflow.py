"""``DatabricksWorkflowTaskGroup``, whose first task makes one job of all tasks of the group and runs it.

Here each of them is a run of its own, in the order that the DAG says, so that the first has nothing to do.
``operators/databricks_workflow.py`` of the databricks provider.
"""

from __future__ import annotations

from dagmig.diagnostics import Report
from dagmig.graph.model import Task
from dagmig.graph.values import Literal
from dagmig.integrations import Integration
from dagmig.integrations.databricks import PROVIDER
from dagmig.integrations.fragment import MAIN, Fragment
from dagmig.integrations.rows import noted, opened
from dagmig.integrations.spelling import given
from dagmig.integrations.table import account

LAUNCH = PROVIDER + "operators.databricks_workflow._CreateDatabricksWorkflowOperator"
DROPPED = {
    "databricks_conn_id": "each task of the group signs in by its own connection",
    "job_clusters": "each task of the group has a cluster of its own",
    "existing_clusters": "each task of the group names its cluster",
    "max_concurrent_runs": "there is no job, whose runs it would count",
    "tasks_to_convert": "each task of the group is a run of its own",
}
OF_THE_JOB = (
    "notebook_params",
    "notebook_packages",
    "python_params",
    "jar_params",
    "spark_submit_params",
    "extra_job_params",
    "access_control_list",
)
UNDECIDED = dict.fromkeys(OF_THE_JOB, "there is no job: say it in each task of the group")
APART = (
    "the group's tasks are runs of their own, one after the other as the DAG says, each with a cluster of "
    "its own where the group shares one: Databricks shows no job of them"
)


def _to_asl(task: Task, report: Report) -> Fragment:
    empty = {name for name in OF_THE_JOB if _is_empty(task, name)}
    account(task, empty, DROPPED, "jobs/runs/submit", report, UNDECIDED)
    noted(task, "DatabricksWorkflowTaskGroup", APART, report)
    if given(task, "job_clusters") is not None and not isinstance(task.argument("job_clusters"), Literal):
        opened(task, "job_clusters", "they are known only when the DAG runs: say them in each task", report)
    return Fragment({MAIN: {"Type": "Pass"}})


def _is_empty(task: Task, name: str) -> bool:
    value = given(task, name)
    return value is None or (isinstance(value, Literal) and not value.value)


launch = Integration(LAUNCH, (), _to_asl, form="`Pass`: the group's tasks are runs of their own")
