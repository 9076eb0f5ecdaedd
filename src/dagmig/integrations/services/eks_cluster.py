"""Clusters, node groups and Fargate profiles of Amazon EKS, and the sensors for their states.

https://docs.aws.amazon.com/step-functions/latest/dg/connect-eks.html; ``operators/eks.py``, ``EksHook`` and
``sensors/eks.py``, in which every terminal state but the one waited for is a failure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dagmig.diagnostics import Disposition, Report, Span
from dagmig.graph.model import Call, Task
from dagmig.graph.values import Literal, Value
from dagmig.integrations import Integration
from dagmig.integrations.aws import AMAZON, POLLING
from dagmig.integrations.fragment import MAIN, Fragment, Ref
from dagmig.integrations.parameters import Field
from dagmig.integrations.spelling import PASCAL, members
from dagmig.integrations.status import PREFIX, Status
from dagmig.integrations.status_sensor import sensor
from dagmig.integrations.table import table
from dagmig.integrations.waits import Waits

SENSORS = "airflow.providers.amazon.aws.sensors.eks."
CLUSTER = Field("cluster_name", "Name")
OF_CLUSTER = Field("cluster_name", "ClusterName")
KIND = {"target_state_type": "the words of each sensor are its own"}
NOT_FOUND = ("Eks.ResourceNotFoundException",)
COMPUTE = {
    "nodegroup": ("createNodegroup", "nodegroup_role_arn", "NodeRole", "create_nodegroup_kwargs"),
    "fargate": (
        "createFargateProfile",
        "fargate_pod_execution_role_arn",
        "PodExecutionRoleArn",
        "create_fargate_profile_kwargs",
    ),
}


def _tags(cluster: Value | None, given: Any) -> Any:
    """The tag that ``EksHook.create_nodegroup`` adds, where the cluster's name is known."""
    if not isinstance(cluster, Literal) or "{{" in str(cluster.value):
        return given
    own = {f"kubernetes.io/cluster/{cluster.value}": Literal("owned")}
    return {**own, **(dict(members(given)) if isinstance(given, Literal) else given or {})}


def _tagged(integration: Integration) -> Integration:
    def to_asl(task: Task, report: Report) -> Fragment:
        fragment = integration.to_asl(task, report)
        state = fragment.states[MAIN]
        cluster = task.argument("cluster_name")
        if not isinstance(cluster, Literal) or "{{" in str(cluster.value):
            said = "the operator tags the node group `kubernetes.io/cluster/NAME`; the name is not known yet"
            report.row("tags", task.span, f"task:{task.id}", Disposition.NOTED, said, task=task.id)
        arguments = dict(state.get("Arguments", {}))
        tags = _tags(cluster, arguments.get("Tags"))
        if tags is not None:
            arguments["Tags"] = tags
        return replace(fragment, states={MAIN: {**state, "Arguments": arguments}})

    def to_airflow(resource: str, parameters: Mapping[str, Value], span: Span, report: Report) -> Call:
        cluster, given = parameters.get("ClusterName"), parameters.get("Tags") or Literal({})
        wanted = _tags(cluster, None)
        try:
            is_tagged = wanted is not None and wanted.keys() <= dict(members(given)).keys()
        except ValueError:
            is_tagged = False
        if not is_tagged:
            said = "the operator tags the node group `kubernetes.io/cluster/NAME`; the state does not"
            report.row("tags", span, "", Disposition.NOTED, said)
        assert integration.to_airflow is not None
        return integration.to_airflow(resource, parameters, span, report)

    return replace(integration, to_asl=to_asl, to_airflow=to_airflow)


def _with_compute(integration: Integration) -> Integration:
    """A cluster with its first node group or Fargate profile is two calls, the first waited for."""

    def to_asl(task: Task, report: Report) -> Fragment:
        fragment = integration.to_asl(task, report)
        compute = task.argument("compute") or Literal("nodegroup")
        if compute in (Literal(None), Literal("")):
            return fragment
        if not isinstance(compute, Literal) or compute not in [Literal(kind) for kind in COMPUTE]:
            said = "`compute` is neither nodegroup nor fargate, or known only when the DAG runs: none is made"
            report.row("compute", task.span, f"task:{task.id}", Disposition.DECISION, said, task=task.id)
            return fragment
        first = fragment.states[MAIN]
        is_waiting = first["Resource"].endswith(".sync")
        resource = first["Resource"].removesuffix(".sync") + ".sync"
        made = {**first, "Resource": resource, "Next": Ref("compute")}
        return replace(
            fragment, states={MAIN: made, "compute": _compute(task, str(compute.value), is_waiting, report)}
        )

    return replace(integration, to_asl=to_asl)


def _compute(task: Task, kind: str, is_waiting: bool, report: Report) -> dict[str, Any]:
    action, role, parameter, extra = COMPUTE[kind]
    arguments: dict[str, Any] = {"ClusterName": task.argument("cluster_name"), parameter: task.argument(role)}
    given = task.argument(extra)
    try:
        arguments |= dict(members(PASCAL.to_asl(given))) if given not in (None, Literal(None)) else {}
    except ValueError as problem:
        said = f"`{extra}` is {problem}"
        report.row(extra, task.span, f"task:{task.id}", Disposition.DECISION, said, task=task.id)
    if kind == "fargate":
        arguments["FargateProfileName"] = task.argument("fargate_profile_name") or Literal("profile")
        selectors = task.argument("fargate_selectors") or Literal([{"namespace": "default"}])
        arguments["Selectors"] = PASCAL.to_asl(selectors)
    else:
        arguments["NodegroupName"] = task.argument("nodegroup_name") or Literal("nodegroup")
        arguments["Subnets"] = _subnets(task, report)
        arguments["Tags"] = _tags(task.argument("cluster_name"), arguments.get("Tags"))
    known = {name: value for name, value in arguments.items() if value not in (None, Literal(None))}
    resource = f"{PREFIX}eks:{action}{'.sync' if is_waiting else ''}"
    return {"Type": "Task", "Resource": resource, "Arguments": known}


def _subnets(task: Task, report: Report) -> Any:
    try:
        return dict(members(task.argument("resources_vpc_config") or Literal({})))["subnetIds"]
    except (ValueError, KeyError):
        said = "the subnets of the node group are those of `resources_vpc_config`, which is not known"
        report.row("subnets", task.span, f"task:{task.id}", Disposition.DECISION, said, task=task.id)
        return []


def _state(action: str, at: str, ask: Mapping[str, str], *words: str) -> Status:
    return Status(f"aws-sdk:eks:{action}", ask, at, ("ACTIVE",), words, missing="NONEXISTENT", gone=NOT_FOUND)


create_cluster = _with_compute(
    table(
        AMAZON + "eks.EksCreateClusterOperator",
        "eks:createCluster",
        CLUSTER,
        Field("cluster_role_arn", "RoleArn"),
        Field("resources_vpc_config", "ResourcesVpcConfig", PASCAL),
        waits=Waits(default=False, cleans="deletes what it made", patience=("waiter_max_attempts", 30)),
        spread="create_cluster_kwargs",
        spread_codec=PASCAL,
        dropped={
            **POLLING,
            **dict.fromkeys(
                (
                    "compute",
                    "nodegroup_name",
                    "nodegroup_role_arn",
                    "create_nodegroup_kwargs",
                    "fargate_profile_name",
                    "fargate_pod_execution_role_arn",
                    "fargate_selectors",
                    "create_fargate_profile_kwargs",
                ),
                "a state of its own makes the compute",
            ),
            "delete_nodegroup_on_failure": "what does not come up stays",
        },
        required={
            "cluster_name": None,
            "cluster_role_arn": None,
            "resources_vpc_config": None,
            "compute": "",
        },
    )
)
create_nodegroup = _tagged(
    table(
        AMAZON + "eks.EksCreateNodegroupOperator",
        "eks:createNodegroup",
        OF_CLUSTER,
        Field("nodegroup_subnets", "Subnets"),
        Field("nodegroup_role_arn", "NodeRole"),
        Field("nodegroup_name", "NodegroupName", default="nodegroup"),
        waits=Waits(
            default=False,
            cleans="deletes the node group",
            patience=("waiter_max_attempts", 30),
        ),
        spread="create_nodegroup_kwargs",
        spread_codec=PASCAL,
        dropped={**POLLING, "delete_nodegroup_on_failure": "what does not come up stays"},
        required={"cluster_name": None, "nodegroup_subnets": None, "nodegroup_role_arn": None},
    )
)
create_profile = table(
    AMAZON + "eks.EksCreateFargateProfileOperator",
    "eks:createFargateProfile",
    OF_CLUSTER,
    Field("pod_execution_role_arn", "PodExecutionRoleArn"),
    Field("selectors", "Selectors", PASCAL),
    Field("fargate_profile_name", "FargateProfileName", default="profile"),
    waits=Waits(default=False, patience=("waiter_max_attempts", 10)),
    spread="create_fargate_profile_kwargs",
    spread_codec=PASCAL,
    dropped=POLLING,
    required={"cluster_name": None, "pod_execution_role_arn": None, "selectors": None},
)
delete_cluster = table(
    AMAZON + "eks.EksDeleteClusterOperator",
    "eks:deleteCluster",
    CLUSTER,
    waits=Waits(default=False, patience=("waiter_max_attempts", 30)),
    dropped=POLLING,
    undecided={
        "force_delete_compute": "the operator deletes node groups and Fargate profiles first: delete them in "
        "states before this one"
    },
    harmless={"force_delete_compute": False},
    required={"cluster_name": None},
)
delete_nodegroup = table(
    AMAZON + "eks.EksDeleteNodegroupOperator",
    "eks:deleteNodegroup",
    OF_CLUSTER,
    Field("nodegroup_name", "NodegroupName"),
    waits=Waits(default=False, patience=("waiter_max_attempts", 30)),
    dropped=POLLING,
    required={"cluster_name": None, "nodegroup_name": None},
)
delete_profile = table(
    AMAZON + "eks.EksDeleteFargateProfileOperator",
    "eks:deleteFargateProfile",
    OF_CLUSTER,
    Field("fargate_profile_name", "FargateProfileName"),
    waits=Waits(default=False, patience=("waiter_max_attempts", 30)),
    dropped=POLLING,
    required={"cluster_name": None, "fargate_profile_name": None},
)
cluster_sensor = sensor(
    SENSORS + "EksClusterStateSensor",
    _state("describeCluster", "Cluster.Status", {"Name": "cluster_name"}, "ACTIVE", "FAILED", "NONEXISTENT"),
    targets="target_state",
    dropped=KIND,
)
profile_sensor = sensor(
    SENSORS + "EksFargateProfileStateSensor",
    _state(
        "describeFargateProfile",
        "FargateProfile.Status",
        {"ClusterName": "cluster_name", "FargateProfileName": "fargate_profile_name"},
        "ACTIVE",
        "CREATE_FAILED",
        "DELETE_FAILED",
        "NONEXISTENT",
    ),
    targets="target_state",
    dropped=KIND,
)
nodegroup_sensor = sensor(
    SENSORS + "EksNodegroupStateSensor",
    _state(
        "describeNodegroup",
        "Nodegroup.Status",
        {"ClusterName": "cluster_name", "NodegroupName": "nodegroup_name"},
        "ACTIVE",
        "CREATE_FAILED",
        "DELETE_FAILED",
        "NONEXISTENT",
    ),
    targets="target_state",
    dropped=KIND,
)
