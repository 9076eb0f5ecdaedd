"""Clusters and steps of Amazon EMR: https://docs.aws.amazon.com/step-functions/latest/dg/connect-emr.html.

``aws-sdk:emr:runJobFlow`` takes what the operator sends; ``elasticmapreduce:createCluster`` takes no steps
and no cluster that ends by itself, and is read back only. ``operators/emr.py``, ``EmrHook`` and the waiters
say when the work has ended.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dagmig.diagnostics import Disposition, Report, Span
from dagmig.graph.model import Call, Task
from dagmig.graph.values import Entries, Items, Literal, Value
from dagmig.integrations import Integration, json_text
from dagmig.integrations.aws import AMAZON, CONTRIB
from dagmig.integrations.either import either
from dagmig.integrations.fragment import MAIN, Expression, Fragment, Projection
from dagmig.integrations.parameters import Field
from dagmig.integrations.spelling import Codec, items, sequence
from dagmig.integrations.status import PREFIX, Status
from dagmig.integrations.status_sensor import sensor
from dagmig.integrations.table import WAITING, table
from dagmig.integrations.waits import Waits, Watch, polls

OPERATORS, SENSORS = AMAZON + "emr.", "airflow.providers.amazon.aws.sensors.emr."
ADD_STEP = "elasticmapreduce:addStep"
OPENLINEAGE = {"openlineage_inject_parent_job_info": "nothing is added for OpenLineage"}
NO_OPENLINEAGE = {"openlineage_inject_parent_job_info": False}
UNTIL_UP = Status(
    "aws-sdk:emr:describeCluster",
    {"ClusterId": "$.JobFlowId"},
    "Cluster.Status.State",
    ("WAITING", "RUNNING", "TERMINATED"),
    ("TERMINATED_WITH_ERRORS",),
    reason="Cluster.Status.StateChangeReason.Message",
)
STEPS = Status(
    "aws-sdk:emr:listSteps",
    {"ClusterId": "job_flow_id", "StepIds": "$.StepIds"},
    "Steps.Status.State",
    ("COMPLETED",),
    ("CANCELLED", "FAILED", "INTERRUPTED"),
    is_list=True,
)


def _step(cluster: str, step: str) -> Watch:
    """How a machine asks for the one step that it has added."""
    words = ("COMPLETED",), ("CANCELLED", "FAILED"), ("PENDING", "CANCEL_PENDING", "RUNNING")
    ask = {"ClusterId": f"@{cluster}", "StepId": step}
    status = Status("aws-sdk:emr:describeStep", ask, "Step.Status.State", *words)
    return Watch(
        status,
        sets={"wait_for_completion": True},
        overlooks=("INTERRUPTED",),
        keeps={step.removeprefix("$."): (0,)},
    )


def _is_list(value: Any) -> bool:
    return isinstance(value, Items) or (isinstance(value, Literal) and isinstance(value.value, list))


def _steps(value: Value) -> Any:
    """A list as it is, or JSON text of one."""
    return value if _is_list(value) else json_text.node(value)


def _create(status: Status, *, waits: bool) -> Integration:
    return table(
        OPERATORS + "EmrCreateJobFlowOperator",
        "aws-sdk:emr:runJobFlow",
        waits=polls(
            status,
            default=waits,
            every=("waiter_delay", 60),
            times=("waiter_max_attempts", 60),
            needs_both=True,
            kills=True,
            cleans="terminates the cluster",
        ),
        spread="job_flow_overrides",
        result="$states.result.JobFlowId",
        dropped={
            "terminate_job_flow_on_failure": "a cluster that does not come up stays",
            "wait_policy": "it says what is waited for",
        },
        undecided={"emr_conn_id": "put the configuration in this connection's extra into the state"},
        harmless={"emr_conn_id": None},
        notes={"emr_conn_id": "the configuration in the extra of the EMR connection, if any, is not known"},
        also=("elasticmapreduce:createCluster", "elasticmapreduce:createCluster.sync"),
        aliases=(
            AMAZON + "emr_create_job_flow.EmrCreateJobFlowOperator",
            CONTRIB + "emr_create_job_flow_operator.EmrCreateJobFlowOperator",
        ),
    )


def _told_of_instances(integration: Integration) -> Integration:
    """The API needs ``Instances``: where the overrides have none, they are in the connection's extra."""

    def to_asl(task: Task, report: Report) -> Fragment:
        fragment = integration.to_asl(task, report)
        arguments = fragment.states[MAIN]["Arguments"]
        if isinstance(arguments, Mapping) and "Instances" not in arguments and _is_known(task):
            said = "the overrides have no `Instances`: add what the EMR connection's extra says"
            report.row("emr_conn_id", task.span, f"task:{task.id}", Disposition.DECISION, said, task=task.id)
        return fragment

    return replace(integration, to_asl=to_asl)


def _is_known(task: Task) -> bool:
    """Whether the overrides are written out; otherwise there is a row for them."""
    given = task.argument("job_flow_overrides") or Literal({})
    return isinstance(given, Entries) or (isinstance(given, Literal) and isinstance(given.value, dict))


def _one_step(integration: Integration) -> Integration:
    """One step that is known and waited for has a state of its own; back, each such state is one step."""

    def to_asl(task: Task, report: Report) -> Fragment:
        fragment = integration.to_asl(task, report)
        arguments = fragment.states[MAIN].get("Arguments", {})
        given_steps = arguments.get("Steps")
        steps = items(given_steps) if _is_list(given_steps) else []
        outputs = {**fragment.outputs, "job_flow_id": _given(task)}
        if "poll" not in fragment.states or len(steps) != 1:
            return replace(fragment, outputs=outputs)
        given = {"ClusterId": arguments.get("JobFlowId"), "Step": steps[0]}
        role = {"ExecutionRoleArn": arguments["ExecutionRoleArn"]} if "ExecutionRoleArn" in arguments else {}
        state = {"Type": "Task", "Resource": f"{PREFIX}{ADD_STEP}.sync", "Arguments": {**given, **role}}
        step = Projection(MAIN, Expression.of("[$states.result.Step.Id]"))
        return Fragment({MAIN: state}, {**outputs, "return_value": step})

    def to_airflow(resource: str, parameters: Mapping[str, Value], span: Span, report: Report) -> Call:
        assert integration.to_airflow is not None
        renamed = {"JobFlowId" if name == "ClusterId" else name: v for name, v in parameters.items()}
        if "Step" in renamed:
            renamed["Steps"] = sequence([renamed.pop("Step")])
        return integration.to_airflow(resource, renamed, span, report)

    return replace(integration, to_asl=to_asl, to_airflow=to_airflow)


def _given(task: Task) -> Projection:
    return Projection(MAIN, Expression.of(task.argument("job_flow_id") or Literal(None)))


create_job_flow = _told_of_instances(
    either(
        "wait_policy",
        "",
        {
            "": _create(UNTIL_UP, waits=False),
            "wait_for_completion": _create(UNTIL_UP, waits=True),
            "wait_for_steps_completion": _create(replace(UNTIL_UP, done=("TERMINATED",)), waits=True),
        },
    )
)
add_steps = _one_step(
    table(
        OPERATORS + "EmrAddStepsOperator",
        "aws-sdk:emr:addJobFlowSteps",
        Field("job_flow_id", "JobFlowId"),
        Field("steps", "Steps", Codec(_steps)),
        Field("execution_role_arn", "ExecutionRoleArn"),
        waits=replace(
            polls(STEPS, default=False),
            by_hand=(_step("JobFlowId", "$.StepIds[0]"), _step("ClusterId", "$.StepId")),
        ),
        result="[$states.result.StepIds]",
        undecided={
            **OPENLINEAGE,
            "job_flow_name": "the operator looks the cluster up by its name: give its id",
            "cluster_states": "the operator looks the cluster up by its name: give its id",
        },
        harmless={**NO_OPENLINEAGE, "job_flow_name": None, "cluster_states": None},
        required={"job_flow_id": None},
        also=(ADD_STEP, ADD_STEP + ".sync"),
        aliases=(
            AMAZON + "emr_add_steps.EmrAddStepsOperator",
            CONTRIB + "emr_add_steps_operator.EmrAddStepsOperator",
        ),
    )
)
modify_cluster = table(
    OPERATORS + "EmrModifyClusterOperator",
    "aws-sdk:emr:modifyCluster",
    Field("cluster_id", "ClusterId"),
    Field("step_concurrency_level", "StepConcurrencyLevel"),
    result="$states.result.StepConcurrencyLevel",
    required={"cluster_id": None, "step_concurrency_level": None},
    aliases=(AMAZON + "emr_modify_cluster.EmrModifyClusterOperator",),
)
terminate = table(
    OPERATORS + "EmrTerminateJobFlowOperator",
    "elasticmapreduce:terminateCluster",
    Field("job_flow_id", "ClusterId"),
    waits=Waits("deferrable", False, patience=("waiter_max_attempts", 60)),
    dropped={"waiter_delay": WAITING, "waiter_max_attempts": WAITING},
    required={"job_flow_id": None},
    aliases=(
        AMAZON + "emr_terminate_job_flow.EmrTerminateJobFlowOperator",
        CONTRIB + "emr_terminate_job_flow_operator.EmrTerminateJobFlowOperator",
    ),
)
NOTEBOOK = Status(
    "aws-sdk:emr:describeNotebookExecution",
    {"NotebookExecutionId": "notebook_execution_id"},
    "NotebookExecution.Status",
    ("FINISHED",),
    ("FAILED",),
    reason="NotebookExecution.LastStateChangeReason",
)
start_notebook = table(
    OPERATORS + "EmrStartNotebookExecutionOperator",
    "aws-sdk:emr:startNotebookExecution",
    Field("editor_id", "EditorId"),
    Field("relative_path", "RelativePath"),
    Field("cluster_id", "ExecutionEngine.Id"),
    Field("master_instance_security_group_id", "ExecutionEngine.MasterInstanceSecurityGroupId"),
    Field("service_role", "ServiceRole"),
    Field("notebook_execution_name", "NotebookExecutionName"),
    Field("notebook_params", "NotebookParams"),
    Field("notebook_instance_security_group_id", "NotebookInstanceSecurityGroupId"),
    Field("tags", "Tags"),
    sends={"ExecutionEngine.Type": "EMR"},
    waits=polls(
        replace(NOTEBOOK, ask={"NotebookExecutionId": "$.NotebookExecutionId"}, done=("RUNNING", "FINISHED")),
        default=False,
        every=("waiter_delay", 60),
        times=("waiter_max_attempts", 25),
    ),
    result="$states.result.NotebookExecutionId",
    required=dict.fromkeys(("editor_id", "relative_path", "cluster_id", "service_role")),
)
stop_notebook = table(
    OPERATORS + "EmrStopNotebookExecutionOperator",
    "aws-sdk:emr:stopNotebookExecution",
    Field("notebook_execution_id", "NotebookExecutionId"),
    waits=polls(
        replace(NOTEBOOK, done=("STOPPED", "FINISHED")),
        default=False,
        every=("waiter_delay", 60),
        times=("waiter_max_attempts", 25),
    ),
    required={"notebook_execution_id": None},
)
job_flow_sensor = sensor(
    SENSORS + "EmrJobFlowSensor",
    replace(UNTIL_UP, ask={"ClusterId": "job_flow_id"}, done=("TERMINATED",)),
    targets="target_states",
    fails="failed_states",
    times=("max_attempts", 60),
    aliases=(
        SENSORS.replace("emr.", "emr_job_flow.") + "EmrJobFlowSensor",
        "airflow.contrib.sensors.emr_job_flow_sensor.EmrJobFlowSensor",
    ),
)
step_sensor = sensor(
    SENSORS + "EmrStepSensor",
    Status(
        "aws-sdk:emr:describeStep",
        {"ClusterId": "job_flow_id", "StepId": "step_id"},
        "Step.Status.State",
        ("COMPLETED",),
        ("CANCELLED", "FAILED", "INTERRUPTED"),
        reason="Step.Status.FailureDetails.Message",
    ),
    targets="target_states",
    fails="failed_states",
    times=("max_attempts", 60),
    aliases=(
        SENSORS.replace("emr.", "emr_step.") + "EmrStepSensor",
        "airflow.contrib.sensors.emr_step_sensor.EmrStepSensor",
    ),
)
notebook_sensor = sensor(
    SENSORS + "EmrNotebookExecutionSensor", NOTEBOOK, targets="target_states", fails="failed_states"
)
