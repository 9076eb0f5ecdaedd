"""Tasks of AWS DataSync: https://docs.aws.amazon.com/datasync/latest/userguide/API_StartTaskExecution.html."""

from __future__ import annotations

from dataclasses import replace

from dagmig.diagnostics import Disposition, Report
from dagmig.graph.model import Task
from dagmig.graph.values import Literal
from dagmig.integrations import Integration
from dagmig.integrations.aws import AMAZON
from dagmig.integrations.fragment import Fragment, failing
from dagmig.integrations.parameters import Field
from dagmig.integrations.status import Status
from dagmig.integrations.table import table
from dagmig.integrations.waits import polls

FINDS = "the operator looks for a task between two locations, or makes one: make it when deploying"


def _known(integration: Integration) -> Integration:
    """Without a task to run, the state fails."""

    def to_asl(task: Task, report: Report) -> Fragment:
        fragment = integration.to_asl(task, report)
        if task.argument("task_arn") in (None, Literal(None)):
            said = "`task_arn` is not given: the state fails when it is reached"
            report.row("task_arn", task.span, f"task:{task.id}", Disposition.DECISION, said, task=task.id)
            return failing(f"Task {task.id} was not translated: it names no DataSync task.")
        return fragment

    return replace(integration, to_asl=to_asl)


run = _known(
    table(
        AMAZON + "datasync.DataSyncOperator",
        "aws-sdk:datasync:startTaskExecution",
        Field("task_arn", "TaskArn"),
        waits=polls(
            Status(
                "aws-sdk:datasync:describeTaskExecution",
                {"TaskExecutionArn": "$.TaskExecutionArn"},
                "Status",
                ("SUCCESS",),
                ("ERROR",),
                reason="Result.ErrorDetail",
            ),
            every=("wait_interval_seconds", 30),
            times=("max_iterations", 60),
            kills=True,
            cleans="cancels it",
        ),
        spread="task_execution_kwargs",
        result="{'TaskArn': @task_arn, 'TaskExecutionArn': $states.result.TaskExecutionArn}",
        dropped=dict.fromkeys(
            ("allow_random_task_choice", "allow_random_location_choice"), "the task is the one that is named"
        ),
        undecided={
            **dict.fromkeys(
                (
                    "source_location_uri",
                    "destination_location_uri",
                    "create_task_kwargs",
                    "create_source_location_kwargs",
                    "create_destination_location_kwargs",
                ),
                FINDS,
            ),
            "update_task_kwargs": "the operator updates the task first",
            "delete_task_after_execution": "the operator deletes the task afterwards",
        },
        harmless={"update_task_kwargs": None, "delete_task_after_execution": False},
        required={"task_arn": None},
        aliases=(AMAZON + "datasync.AWSDataSyncOperator",),
    )
)
