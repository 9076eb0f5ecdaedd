"""Clusters and task definitions of Amazon ECS, and the sensors for them.

https://docs.aws.amazon.com/AmazonECS/latest/APIReference/; ``operators/ecs.py``, ``sensors/ecs.py`` and the
provider's waiters.
"""

from __future__ import annotations

from dagmig.integrations.aws import AMAZON
from dagmig.integrations.parameters import Field
from dagmig.integrations.spelling import PASCAL
from dagmig.integrations.status import Status
from dagmig.integrations.status_sensor import sensor
from dagmig.integrations.table import table
from dagmig.integrations.waits import polls

SENSORS = "airflow.providers.amazon.aws.sensors.ecs."
DETAILS = "the names in the answer begin with capital letters"
ARN = "$states.result.TaskDefinition.TaskDefinitionArn"


def _cluster(done: str, failed: tuple[str, ...], missing: str, asked: list[str]) -> Status:
    action = "aws-sdk:ecs:describeClusters"
    return Status(action, {"Clusters": asked}, "Clusters[0].Status", (done,), failed, missing=missing)


create_cluster = table(
    AMAZON + "ecs.EcsCreateClusterOperator",
    "aws-sdk:ecs:createCluster",
    Field("cluster_name", "ClusterName"),
    waits=polls(
        _cluster("ACTIVE", ("FAILED", "INACTIVE", "MISSING"), "MISSING", ["$.Cluster.ClusterArn"]),
        every=("waiter_delay", 15),
    ),
    spread="create_cluster_kwargs",
    spread_codec=PASCAL,
    result="$states.result.Cluster",
    returns=DETAILS,
    required={"cluster_name": None},
)
delete_cluster = table(
    AMAZON + "ecs.EcsDeleteClusterOperator",
    "aws-sdk:ecs:deleteCluster",
    Field("cluster_name", "Cluster"),
    waits=polls(_cluster("INACTIVE", (), "INACTIVE", ["$.Cluster.ClusterArn"]), every=("waiter_delay", 15)),
    result="$states.result.Cluster",
    returns=DETAILS,
    required={"cluster_name": None},
)
register = table(
    AMAZON + "ecs.EcsRegisterTaskDefinitionOperator",
    "aws-sdk:ecs:registerTaskDefinition",
    Field("family", "Family"),
    Field("container_definitions", "ContainerDefinitions", PASCAL),
    spread="register_task_kwargs",
    spread_codec=PASCAL,
    result=ARN,
    outputs={"task_definition_arn": ARN},
    required={"family": None, "container_definitions": None},
)
deregister = table(
    AMAZON + "ecs.EcsDeregisterTaskDefinitionOperator",
    "aws-sdk:ecs:deregisterTaskDefinition",
    Field("task_definition", "TaskDefinition"),
    result=ARN,
    required={"task_definition": None},
)
cluster_sensor = sensor(
    SENSORS + "EcsClusterStateSensor",
    _cluster("ACTIVE", ("FAILED", "INACTIVE"), "", ["cluster_name"]),
    targets="target_state",
    fails="failure_states",
)
definition_sensor = sensor(
    SENSORS + "EcsTaskDefinitionStateSensor",
    Status(
        "aws-sdk:ecs:describeTaskDefinition",
        {"TaskDefinition": "task_definition"},
        "TaskDefinition.Status",
        ("ACTIVE",),
    ),
    targets="target_state",
)
task_sensor = sensor(
    SENSORS + "EcsTaskStateSensor",
    Status(
        "aws-sdk:ecs:describeTasks",
        {"Cluster": "cluster", "Tasks": ["task"]},
        "Tasks[0].LastStatus",
        ("RUNNING",),
        ("STOPPED",),
    ),
    targets="target_state",
    fails="failure_states",
)
