"""Tasks and replications of AWS DMS: https://docs.aws.amazon.com/dms/latest/APIReference/.

``operators/dms.py``, ``DmsHook`` and botocore's waiters, which ask every 15 seconds, 60 times.
"""

from __future__ import annotations

from dagmig.graph.values import Literal
from dagmig.integrations import Integration
from dagmig.integrations.aws import AMAZON
from dagmig.integrations.parameters import Field
from dagmig.integrations.spelling import JSON_DUMP
from dagmig.integrations.status import Status
from dagmig.integrations.status_sensor import sensor
from dagmig.integrations.table import table
from dagmig.integrations.waits import Waits, polls

OPERATORS, SENSORS = AMAZON + "dms.", "airflow.providers.amazon.aws.sensors."
SDK = "aws-sdk:databasemigration:"
TASK = Field("replication_task_arn", "ReplicationTaskArn")
NOT_FOUND = ("DatabaseMigration.ResourceNotFoundException",)
READY_NOT = ("starting", "running", "stopping", "stopped", "failed", "modifying", "testing", "deleting")
UNFINISHED = ("creating", "deleting", "failed", "failed-move", "modifying", "moving", "ready", "testing")
PAIR = "the operator returns a marker and a list; the names in the list are those of the API"


def _task(asked: str, *done: str, failed: tuple[str, ...] = (), missing: str = "") -> Status:
    name = Literal("replication-task-arn")
    return Status(
        SDK + "describeReplicationTasks",
        {"Filters": [{"Name": name, "Values": [asked]}], "WithoutSettings": Literal(True)},
        "ReplicationTasks[0].Status",
        done,
        failed,
        missing=missing,
        gone=NOT_FOUND if missing else (),
        reason="ReplicationTasks[0].LastFailureMessage",
    )


def _always(status: Status) -> Waits:
    return polls(status, "", every=("", 15), times=("", 60))


def _describe(operator: str, action: str, field: str) -> Integration:
    return table(
        OPERATORS + operator,
        SDK + action,
        Field("filter", "Filters"),
        result=f"$states.result.{field}",
    )


create_task = table(
    OPERATORS + "DmsCreateTaskOperator",
    SDK + "createReplicationTask",
    Field("replication_task_id", "ReplicationTaskIdentifier"),
    Field("source_endpoint_arn", "SourceEndpointArn"),
    Field("target_endpoint_arn", "TargetEndpointArn"),
    Field("replication_instance_arn", "ReplicationInstanceArn"),
    Field("migration_type", "MigrationType", default="full-load"),
    Field("table_mappings", "TableMappings", JSON_DUMP),
    waits=_always(_task("$.ReplicationTask.ReplicationTaskArn", "ready", failed=READY_NOT)),
    spread="create_task_kwargs",
    result="$states.result.ReplicationTask.ReplicationTaskArn",
    required=dict.fromkeys(
        (
            "replication_task_id",
            "source_endpoint_arn",
            "target_endpoint_arn",
            "replication_instance_arn",
            "table_mappings",
        )
    ),
)
delete_task = table(
    OPERATORS + "DmsDeleteTaskOperator",
    SDK + "deleteReplicationTask",
    TASK,
    waits=_always(
        _task(
            "replication_task_arn",
            "not found",
            failed=("ready", "creating", "stopped", "running", "failed"),
            missing="not found",
        )
    ),
    required={"replication_task_arn": None},
)
start_task = table(
    OPERATORS + "DmsStartTaskOperator",
    SDK + "startReplicationTask",
    TASK,
    Field("start_replication_task_type", "StartReplicationTaskType", default="start-replication"),
    spread="start_task_kwargs",
    required={"replication_task_arn": None},
)
stop_task = table(
    OPERATORS + "DmsStopTaskOperator",
    SDK + "stopReplicationTask",
    TASK,
    required={"replication_task_arn": None},
)
describe_tasks = table(
    OPERATORS + "DmsDescribeTasksOperator",
    SDK + "describeReplicationTasks",
    spread="describe_tasks_kwargs",
    result="[$states.result.Marker, [$states.result.ReplicationTasks]]",
    returns=PAIR,
)
create_config = table(
    OPERATORS + "DmsCreateReplicationConfigOperator",
    SDK + "createReplicationConfig",
    Field("replication_config_id", "ReplicationConfigIdentifier"),
    Field("source_endpoint_arn", "SourceEndpointArn"),
    Field("target_endpoint_arn", "TargetEndpointArn"),
    Field("compute_config", "ComputeConfig"),
    Field("replication_type", "ReplicationType"),
    Field("table_mappings", "TableMappings"),
    spread="additional_config_kwargs",
    result="$states.result.ReplicationConfig.ReplicationConfigArn",
    required=dict.fromkeys(
        (
            "replication_config_id",
            "source_endpoint_arn",
            "target_endpoint_arn",
            "compute_config",
            "replication_type",
            "table_mappings",
        )
    ),
)
describe_configs = _describe(
    "DmsDescribeReplicationConfigsOperator", "describeReplicationConfigs", "ReplicationConfigs"
)
describe_replications = _describe("DmsDescribeReplicationsOperator", "describeReplications", "Replications")
status_sensor = sensor(
    SENSORS + "dms.DmsTaskBaseSensor",
    _task("replication_task_arn"),
    targets="target_statuses",
    fails="termination_statuses",
    aliases=(SENSORS + "dms_task.DmsTaskBaseSensor",),
)
completed_sensor = sensor(
    SENSORS + "dms.DmsTaskCompletedSensor",
    _task("replication_task_arn", "stopped", failed=UNFINISHED),
    dropped=dict.fromkeys(("target_statuses", "termination_statuses"), "the sensor's words are its own"),
    aliases=(SENSORS + "dms_task.DmsTaskCompletedSensor",),
)
