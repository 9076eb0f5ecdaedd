"""``LatestOnlyOperator``: it skips what runs late, and an execution is started when it is due."""

from __future__ import annotations

from dagmig.diagnostics import Disposition, Report
from dagmig.graph.model import Task
from dagmig.integrations import Integration
from dagmig.integrations.fragment import MAIN, Fragment
from dagmig.integrations.table import account

OPERATOR = "airflow.providers.standard.operators.latest_only.LatestOnlyOperator"


def _to_asl(task: Task, report: Report) -> Fragment:
    account(task, set(), {}, "a Pass", report)
    said = (
        "lets all go on: a schedule starts each execution when it is due, and none later; one that is given "
        "an earlier scheduled_time is not told from the latest"
    )
    row = (task.call.operator, task.span, f"task:{task.id}", Disposition.NOTED, said)
    report.row(*row, task=task.id)
    return Fragment({MAIN: {"Type": "Pass"}})


latest_only = Integration(
    OPERATOR,
    (),
    _to_asl,
    None,
    (
        "airflow.operators.latest_only.LatestOnlyOperator",
        "airflow.operators.latest_only_operator.LatestOnlyOperator",
    ),
    form="`Pass`",
)
