"""Amazon EMR Serverless: https://docs.aws.amazon.com/step-functions/latest/dg/connect-emr-serverless.html.

``operators/emr.py``: creating an application also starts it, deleting it also stops it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from dagmig.diagnostics import Disposition, Report, Span
from dagmig.graph.model import Call, Task
from dagmig.graph.values import Literal, Value
from dagmig.integrations import Integration
from dagmig.integrations.aws import AMAZON, POLLING
from dagmig.integrations.fragment import MAIN, Expression, Fragment, Ref
from dagmig.integrations.parameters import Field
from dagmig.integrations.spelling import PASCAL
from dagmig.integrations.status import PREFIX, Status
from dagmig.integrations.status_sensor import sensor
from dagmig.integrations.table import table
from dagmig.integrations.waits import Waits, Watch

OPERATORS, SENSORS = AMAZON + "emr.", "airflow.providers.amazon.aws.sensors.emr."
OPENLINEAGE = ("openlineage_inject_parent_job_info", "openlineage_inject_transport_info")
APPLICATION = Field("application_id", "ApplicationId")
JOBS = {"force_stop": "the operator first cancels the jobs that are still running"}
NO_FORCE = {"force_stop": False}
PATIENCE = ("waiter_max_attempts", 60)
States = dict[str, Mapping[str, Any]]


def _around(integration: Integration, make: Callable[[Task, Fragment], States], also: str) -> Integration:
    """More calls beside the one that the table declares; ``also`` is what they do."""

    def to_asl(task: Task, report: Report) -> Fragment:
        fragment = integration.to_asl(task, report)
        states = make(task, fragment)
        return replace(fragment, states=states, entry=next(iter(states)))

    def to_airflow(resource: str, parameters: Mapping[str, Value], span: Span, report: Report) -> Call:
        assert integration.to_airflow is not None
        report.row("application", span, "", Disposition.NOTED, f"the operator also {also} the application")
        return integration.to_airflow(resource, parameters, span, report)

    return replace(integration, to_asl=to_asl, to_airflow=to_airflow)


def _call(action: str, application: Any) -> dict[str, Any]:
    resource = f"{PREFIX}emr-serverless:{action}"
    return {"Type": "Task", "Resource": resource, "Arguments": {"ApplicationId": application}}


def _then_start(task: Task, fragment: Fragment) -> States:
    made = fragment.states[MAIN]
    suffix = ".sync" if made["Resource"].endswith(".sync") else ""
    made = {
        **made,
        "Resource": made["Resource"].removesuffix(".sync") + ".sync",
        "Assign": {":application_id": Expression.of("$states.result.ApplicationId")},
        "Next": Ref("start"),
    }
    return {MAIN: made, "start": _call(f"startApplication{suffix}", Expression.of("$:application_id"))}


def _stopped_first(task: Task, fragment: Fragment) -> States:
    application = task.argument("application_id") or Literal(None)
    return {"stop": {**_call("stopApplication.sync", application), "Next": Ref(MAIN)}, **fragment.states}


create_application = _around(
    table(
        OPERATORS + "EmrServerlessCreateApplicationOperator",
        "emr-serverless:createApplication",
        Field("release_label", "ReleaseLabel"),
        Field("job_type", "Type"),
        Field("client_request_token", "ClientToken"),
        waits=Waits(patience=PATIENCE),
        spread="config",
        spread_codec=PASCAL,
        result="$states.result.ApplicationId",
        dropped=POLLING,
        required={"release_label": None, "job_type": None},
    ),
    _then_start,
    "starts",
)
RUN = Status(
    "aws-sdk:emrserverless:getJobRun",
    {"ApplicationId": "@ApplicationId", "JobRunId": "$.JobRunId"},
    "JobRun.State",
    ("SUCCESS",),
    ("FAILED", "CANCELLED"),
    ("SUBMITTED", "PENDING", "SCHEDULED", "RUNNING", "CANCELLING", "QUEUED"),
)
start_job = table(
    OPERATORS + "EmrServerlessStartJobOperator",
    "emr-serverless:startJobRun",
    APPLICATION,
    Field("execution_role_arn", "ExecutionRoleArn"),
    Field("job_driver", "JobDriver", PASCAL),
    Field("configuration_overrides", "ConfigurationOverrides", PASCAL),
    Field("client_request_token", "ClientToken"),
    Field("name", "Name"),
    waits=Waits(needs_both=True, patience=PATIENCE, by_hand=(Watch(RUN),)),
    spread="config",
    spread_codec=PASCAL,
    result="$states.result.JobRunId",
    dropped={
        **POLLING,
        "enable_application_ui_links": "a state has no links",
        "cancel_on_kill": "a stopped execution stops the job",
    },
    undecided=dict.fromkeys(OPENLINEAGE, "nothing is added for OpenLineage"),
    harmless=dict.fromkeys(OPENLINEAGE, False),
    notes={"application": "the application must start by itself (autoStartConfiguration, on by default)"},
    required=dict.fromkeys(("application_id", "execution_role_arn", "job_driver")),
)
stop_application = table(
    OPERATORS + "EmrServerlessStopApplicationOperator",
    "emr-serverless:stopApplication",
    APPLICATION,
    waits=Waits(patience=PATIENCE),
    dropped=POLLING,
    undecided=JOBS,
    harmless=NO_FORCE,
    required={"application_id": None},
)
delete_application = _around(
    table(
        OPERATORS + "EmrServerlessDeleteApplicationOperator",
        "emr-serverless:deleteApplication",
        APPLICATION,
        waits=Waits(patience=PATIENCE),
        dropped=POLLING,
        undecided=JOBS,
        harmless=NO_FORCE,
        required={"application_id": None},
    ),
    _stopped_first,
    "stops",
)
job_sensor = sensor(
    SENSORS + "EmrServerlessJobSensor",
    Status(
        "aws-sdk:emrserverless:getJobRun",
        {"ApplicationId": "application_id", "JobRunId": "job_run_id"},
        "JobRun.State",
        ("SUCCESS",),
        ("FAILED", "CANCELLING", "CANCELLED"),
        reason="JobRun.StateDetails",
    ),
    targets="target_states",
)
application_sensor = sensor(
    SENSORS + "EmrServerlessApplicationSensor",
    Status(
        "aws-sdk:emrserverless:getApplication",
        {"ApplicationId": "application_id"},
        "Application.State",
        ("CREATED", "STARTED"),
        ("STOPPED", "TERMINATED"),
        reason="Application.StateDetails",
    ),
    targets="target_states",
)
