"""Jobs of Databricks: made, or made anew where there is one of the name.

https://docs.databricks.com/api/workspace/jobs/create and .../jobs/reset; ``DatabricksCreateJobsOperator``.
"""

from __future__ import annotations

from dagmig.diagnostics import Report
from dagmig.graph.model import Task
from dagmig.graph.values import Literal
from dagmig.integrations import Integration
from dagmig.integrations import databricks as api
from dagmig.integrations.databricks import CLIENT, JOBS, PROVIDER, Api
from dagmig.integrations.fragment import MAIN, Expression, Fragment, Projection, Ref
from dagmig.integrations.http_work import BODY
from dagmig.integrations.services.databricks import known_body, merged
from dagmig.integrations.table import account

SETTINGS = (
    "name", "description", "tags", "tasks", "job_clusters", "environments", "email_notifications",
    "webhook_notifications", "notification_settings", "timeout_seconds", "schedule", "trigger",
    "max_concurrent_runs", "git_source", "access_control_list", "performance_target",
)  # fmt: skip
DROPPED = {"polling_period_seconds": "nothing is waited for"}


def _to_asl(task: Task, report: Report) -> Fragment:
    account(task, {*SETTINGS, "json", *CLIENT}, DROPPED, "jobs/create", report, api.UNDECIDED)
    client = Api(task, report)
    body = known_body(task, SETTINGS)
    settings = merged(client, body)
    name = body.get("name")
    if name is None:
        client.open("name", "the job's name is not known, by which the operator looks for it")
    if "parameters" not in body and task.argument("params") not in (None, Literal(None), Literal({})):
        client.open("params", "the task's params do not become parameters of the job")
    same = Expression.of(f"[{BODY}.jobs[settings.name = ", name or Literal(""), "].job_id]")
    find = client.call("GET", f"{JOBS}/list", QueryParameters={"name": name or Literal("")})
    several = Expression.of("$count($:found) > 1")
    one = Expression.of("$count($:found) = 1")
    again = {"job_id": Expression.of("$:found[0]"), "new_settings": settings}
    states = {
        "find": {**find, "Assign": {":found": same}, "Output": {}, "Next": Ref("is there?")},
        "is there?": {
            "Type": "Choice",
            "Choices": [
                {"Condition": several, "Next": Ref("several")},
                {"Condition": one, "Next": Ref("reset")},
            ],
            "Default": Ref(MAIN),
        },
        MAIN: {
            **client.call("POST", f"{JOBS}/create", RequestBody=settings),
            "Assign": {":job_id": Expression.of(f"{BODY}.job_id")},
            "Next": Ref("there"),
        },
        "reset": {
            **client.call("POST", f"{JOBS}/reset", RequestBody=again),
            "Assign": {":job_id": Expression.of("$:found[0]")},
            "Next": Ref("there"),
        },
        "there": {"Type": "Pass"},
        "several": {
            "Type": "Fail",
            "Error": "AirflowException",
            "Cause": "there is more than one job of the name",
        },
    }
    outputs = {"return_value": Projection("there", Expression.of("$:job_id"))}
    return Fragment(states, outputs, entry="find")


create_job = Integration(
    PROVIDER + "operators.databricks.DatabricksCreateJobsOperator",
    (),
    _to_asl,
    form="`http:invoke` of `jobs/create`, or of `jobs/reset` where the job is there",
)
