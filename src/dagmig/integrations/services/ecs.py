"""Amazon ECS tasks: https://docs.aws.amazon.com/step-functions/latest/dg/connect-ecs.html.

``EcsRunTaskOperator._start_task`` says which argument is which parameter of RunTask.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from dagmig.diagnostics import Report, Span
from dagmig.graph.model import Call, Task
from dagmig.graph.values import Literal, Value
from dagmig.integrations import Integration
from dagmig.integrations.aws import AMAZON, CONTRIB, DURABLE, LOGS, POLLING
from dagmig.integrations.fragment import MAIN, Expression, Fragment, Projection
from dagmig.integrations.parameters import Field
from dagmig.integrations.spelling import PASCAL, TAGS
from dagmig.integrations.table import table
from dagmig.integrations.waits import Waits


def _with_strategy(integration: Integration) -> Integration:
    """A capacity provider strategy takes the launch type's place; a started task's ARN is in a list."""

    def to_asl(task: Task, report: Report) -> Fragment:
        fragment = integration.to_asl(task, report)
        state = dict(fragment.states[MAIN])
        has_strategy = "CapacityProviderStrategy" in state.get("Arguments", {})
        if has_strategy:
            state["Arguments"] = {k: v for k, v in state["Arguments"].items() if k != "LaunchType"}
        arn = "TaskArn" if state["Resource"].endswith(".sync") else "Tasks[0].TaskArn"
        outputs = {"ecs_task_arn": Projection(MAIN, Expression.of(f"$states.result.{arn}"))}
        return replace(fragment, states={MAIN: state}, outputs=outputs)

    def to_airflow(resource: str, parameters: Mapping[str, Value], span: Span, report: Report) -> Call:
        assert integration.to_airflow is not None
        call = integration.to_airflow(resource, parameters, span, report)
        if "capacity_provider_strategy" not in call.arguments:
            return call
        kept = {n: v for n, v in call.arguments.items() if (n, v) != ("launch_type", Literal(None))}
        return replace(call, arguments=kept)

    return replace(integration, to_asl=to_asl, to_airflow=to_airflow)


ecs_task = _with_strategy(
    table(
        AMAZON + "ecs.EcsRunTaskOperator",
        "ecs:runTask",
        Field("cluster", "Cluster"),
        Field("task_definition", "TaskDefinition"),
        Field("launch_type", "LaunchType", default="EC2"),
        Field("overrides", "Overrides", PASCAL),
        Field("capacity_provider_strategy", "CapacityProviderStrategy", PASCAL),
        Field("volume_configurations", "VolumeConfigurations", PASCAL),
        Field("network_configuration", "NetworkConfiguration", PASCAL),
        Field("placement_constraints", "PlacementConstraints", PASCAL),
        Field("placement_strategy", "PlacementStrategy", PASCAL),
        Field("platform_version", "PlatformVersion"),
        Field("group", "Group"),
        Field("tags", "Tags", TAGS),
        Field("propagate_tags", "PropagateTags"),
        waits=Waits(),
        dropped={
            **POLLING,
            **LOGS,
            **DURABLE,
            "container_name": "it only names the log to print",
            "stop_task_on_failure": "a stopped execution stops the task by itself",
        },
        undecided={
            "quota_retry": "put the errors to try again after into the state's Retry",
            "skip_on_exit_code": "this exit code fails the state; the operator skips what follows",
        },
        harmless={"quota_retry": None, "skip_on_exit_code": None},
        required={"task_definition": None, "cluster": None, "overrides": {}},
        aliases=(
            AMAZON + "ecs.EcsOperator",
            AMAZON + "ecs.ECSOperator",
            CONTRIB + "ecs_operator.ECSOperator",
        ),
    )
)
