"""Databases of Amazon RDS: instances and clusters, snapshots, exports, event subscriptions, sensors.

https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/; ``operators/rds.py``, ``RdsHook`` and botocore's
waiters, which say when the work has ended.
"""

from __future__ import annotations

from dagmig.integrations import Integration
from dagmig.integrations.aws import AMAZON
from dagmig.integrations.either import either
from dagmig.integrations.parameters import Field
from dagmig.integrations.spelling import TAGS, sdk_names
from dagmig.integrations.status import Status
from dagmig.integrations.status_sensor import sensor
from dagmig.integrations.table import table
from dagmig.integrations.waits import Waits, polls

OPERATORS, SENSORS = AMAZON + "rds.", "airflow.providers.amazon.aws.sensors.rds."
TIMES = ("waiter_max_attempts", 40)
JSON_OF = "the operator returns the answer as JSON text, with the answer's metadata"
RESULT = "$string($states.result)"
ARGUMENTS = sdk_names(
    "DBName",
    "DBSecurityGroups",
    "DBSubnetGroupName",
    "DBParameterGroupName",
    "DBClusterIdentifier",
    "DBSystemId",
    "EnableIAMDatabaseAuthentication",
    "DomainIAMRoleName",
    "FinalDBSnapshotIdentifier",
)
KIND = {"db_type": "it says which call is made"}
BROKEN = ("deleted", "deleting", "failed", "incompatible-restore", "incompatible-parameters")
BUSY = ("creating", "modifying", "rebooting", "resetting-master-credentials")
STUCK = (
    "inaccessible-encryption-credentials",
    "inaccessible-encryption-credentials-recoverable",
)
NOT_STOPPED = {
    "instance": (
        "available", "delete-precheck", "deleting", "failed", *STUCK, "incompatible-network",
        "incompatible-option-group", "incompatible-parameters", "incompatible-restore",
        "insufficient-capacity", "restore-error", "storage-full",
    ),
    "cluster": (),
}  # fmt: skip
HOOK = {"hook_params": "the state machine's role replaces the Airflow connection"}


def _state(kind: str, argument: str, *done: str, failed: tuple[str, ...] = (), missing: str = "") -> Status:
    """How an instance or a cluster, or a snapshot of one, stands: ``kind`` is its part of the API's names."""
    at = f"{kind}s[0].{'DbInstanceStatus' if kind == 'DbInstance' else 'Status'}"
    gone = (f"Rds.{kind}NotFoundException",) if missing else ()
    asked = {f"{kind}Identifier": argument}
    return Status(f"aws-sdk:rds:describe{_api(kind)}s", asked, at, done, failed, (), missing, gone)


def _api(kind: str) -> str:
    """The word in the names of actions, which keep the API's letters."""
    return kind.replace("Db", "DB")


def _until(status: Status, **pace: tuple[str, int]) -> Waits:
    found = {"every": ("", 30), "times": ("", 40), **pace}
    return polls(status, every=found["every"], times=found["times"])


def _snapshot(kind: str) -> str:
    return "DbSnapshot" if kind == "DbInstance" else "DbClusterSnapshot"


def _create_snapshot(kind: str) -> Integration:
    name = _snapshot(kind)
    return table(
        OPERATORS + "RdsCreateDbSnapshotOperator",
        f"aws-sdk:rds:create{_api(name)}",
        Field("db_identifier", f"{kind}Identifier"),
        Field("db_snapshot_identifier", f"{name}Identifier"),
        Field("tags", "Tags", TAGS),
        waits=_until(_state(name, "db_snapshot_identifier", "available", failed=BROKEN)),
        result=RESULT,
        returns=JSON_OF,
        dropped=KIND,
        required={"db_identifier": None, "db_snapshot_identifier": None},
    )


def _copy_snapshot(kind: str) -> Integration:
    name = _snapshot(kind)
    of_instance = (
        Field("option_group_name", "OptionGroupName"),
        Field("target_custom_availability_zone", "TargetCustomAvailabilityZone"),
    )
    return table(
        OPERATORS + "RdsCopyDbSnapshotOperator",
        f"aws-sdk:rds:copy{_api(name)}",
        Field("source_db_snapshot_identifier", f"Source{name}Identifier"),
        Field("target_db_snapshot_identifier", f"Target{name}Identifier"),
        Field("kms_key_id", "KmsKeyId"),
        Field("tags", "Tags", TAGS),
        Field("copy_tags", "CopyTags"),
        *(of_instance if kind == "DbInstance" else ()),
        waits=_until(_state(name, "target_db_snapshot_identifier", "available", failed=BROKEN)),
        result=RESULT,
        returns=JSON_OF,
        dropped={
            **KIND,
            "option_group_name": "a cluster's snapshot has none",
            "target_custom_availability_zone": "a cluster's snapshot has none",
        },
        undecided={
            "pre_signed_url": "only the AWS client can sign a copy from another region",
            "source_region": "only the AWS client can sign a copy from another region",
        },
        harmless={"pre_signed_url": "", "source_region": ""},
        required={"source_db_snapshot_identifier": None, "target_db_snapshot_identifier": None},
    )


def _delete_snapshot(kind: str) -> Integration:
    name = _snapshot(kind)
    return table(
        OPERATORS + "RdsDeleteDbSnapshotOperator",
        f"aws-sdk:rds:delete{_api(name)}",
        Field("db_snapshot_identifier", f"{name}Identifier"),
        waits=_until(_state(name, "db_snapshot_identifier", "deleted", failed=BUSY, missing="deleted")),
        result=RESULT,
        returns=JSON_OF,
        dropped=KIND,
        required={"db_snapshot_identifier": None},
    )


def _start(kind: str) -> Integration:
    return table(
        OPERATORS + "RdsStartDbOperator",
        f"aws-sdk:rds:start{_api(kind)}",
        Field("db_identifier", f"{kind}Identifier"),
        waits=polls(
            _state(kind, "db_identifier", "available", failed=BROKEN), times=("waiter_max_attempts", 40)
        ),
        result=RESULT,
        returns=JSON_OF,
        dropped=KIND,
        required={"db_identifier": None},
    )


def _stop(kind: str) -> Integration:
    failed = NOT_STOPPED["instance" if kind == "DbInstance" else "cluster"]
    snapshot = (Field("db_snapshot_identifier", "DbSnapshotIdentifier"),) if kind == "DbInstance" else ()
    return table(
        OPERATORS + "RdsStopDbOperator",
        f"aws-sdk:rds:stop{_api(kind)}",
        Field("db_identifier", f"{kind}Identifier"),
        *snapshot,
        waits=polls(
            _state(kind, "db_identifier", "stopped", failed=failed), times=("waiter_max_attempts", 40)
        ),
        result=RESULT,
        returns=JSON_OF,
        dropped={**KIND, "db_snapshot_identifier": "stopping a cluster makes no snapshot"},
        required={"db_identifier": None},
    )


def _db_sensor(name: str, argument: str, targets: str, make: str) -> Integration:
    def one(kind: str) -> Integration:
        found = _snapshot(kind) if make == "snapshot" else kind
        status = _state(found, argument, "available", missing="not found")
        return sensor(SENSORS + name, status, targets=targets, dropped={**KIND, **HOOK})

    default = None if make == "snapshot" else "instance"
    return either("db_type", default, {"instance": one("DbInstance"), "cluster": one("DbCluster")})


EXPORT = {"ExportTaskIdentifier": "export_task_identifier"}
EXPORTS = "aws-sdk:rds:describeExportTasks"
create_snapshot, copy_snapshot, delete_snapshot = (
    either("db_type", None, {"instance": make("DbInstance"), "cluster": make("DbCluster")})
    for make in (_create_snapshot, _copy_snapshot, _delete_snapshot)
)
start, stop = (
    either("db_type", "instance", {"instance": make("DbInstance"), "cluster": make("DbCluster")})
    for make in (_start, _stop)
)
create_instance = table(
    OPERATORS + "RdsCreateDbInstanceOperator",
    "aws-sdk:rds:createDBInstance",
    Field("db_instance_identifier", "DbInstanceIdentifier"),
    Field("db_instance_class", "DbInstanceClass"),
    Field("engine", "Engine"),
    waits=polls(_state("DbInstance", "db_instance_identifier", "available", failed=BROKEN)),
    spread="rds_kwargs",
    spread_codec=ARGUMENTS,
    result=RESULT,
    returns=JSON_OF,
    required={"db_instance_identifier": None, "db_instance_class": None, "engine": None},
)
delete_instance = table(
    OPERATORS + "RdsDeleteDbInstanceOperator",
    "aws-sdk:rds:deleteDBInstance",
    Field("db_instance_identifier", "DbInstanceIdentifier"),
    waits=polls(_state("DbInstance", "db_instance_identifier", "deleted", failed=BUSY, missing="deleted")),
    spread="rds_kwargs",
    spread_codec=ARGUMENTS,
    result=RESULT,
    returns=JSON_OF,
    required={"db_instance_identifier": None},
)
start_export = table(
    OPERATORS + "RdsStartExportTaskOperator",
    "aws-sdk:rds:startExportTask",
    Field("export_task_identifier", "ExportTaskIdentifier"),
    Field("source_arn", "SourceArn"),
    Field("s3_bucket_name", "S3BucketName"),
    Field("iam_role_arn", "IamRoleArn"),
    Field("kms_key_id", "KmsKeyId"),
    Field("s3_prefix", "S3Prefix"),
    Field("export_only", "ExportOnly"),
    waits=_until(
        Status(EXPORTS, EXPORT, "ExportTasks[0].$lowercase(Status)", ("complete",)),
        every=("waiter_interval", 30),
        times=("waiter_max_attempts", 40),
    ),
    result=RESULT,
    returns=JSON_OF,
    required=dict.fromkeys(
        ("export_task_identifier", "source_arn", "s3_bucket_name", "iam_role_arn", "kms_key_id")
    ),
)
cancel_export = table(
    OPERATORS + "RdsCancelExportTaskOperator",
    "aws-sdk:rds:cancelExportTask",
    Field("export_task_identifier", "ExportTaskIdentifier"),
    waits=_until(
        Status(EXPORTS, EXPORT, "ExportTasks[0].$lowercase(Status)", ("canceled",)),
        every=("check_interval", 30),
        times=("max_attempts", 40),
    ),
    result=RESULT,
    returns=JSON_OF,
    required={"export_task_identifier": None},
)
create_subscription = table(
    OPERATORS + "RdsCreateEventSubscriptionOperator",
    "aws-sdk:rds:createEventSubscription",
    Field("subscription_name", "SubscriptionName"),
    Field("sns_topic_arn", "SnsTopicArn"),
    Field("source_type", "SourceType"),
    Field("event_categories", "EventCategories"),
    Field("source_ids", "SourceIds"),
    Field("enabled", "Enabled"),
    Field("tags", "Tags", TAGS),
    waits=_until(
        Status(
            "aws-sdk:rds:describeEventSubscriptions",
            {"SubscriptionName": "subscription_name"},
            "EventSubscriptionsList[0].$lowercase(Status)",
            ("active",),
        )
    ),
    result=RESULT,
    returns=JSON_OF,
    required={"subscription_name": None, "sns_topic_arn": None},
)
delete_subscription = table(
    OPERATORS + "RdsDeleteEventSubscriptionOperator",
    "aws-sdk:rds:deleteEventSubscription",
    Field("subscription_name", "SubscriptionName"),
    result=RESULT,
    returns=JSON_OF,
    required={"subscription_name": None},
)
snapshot_sensor = _db_sensor(
    "RdsSnapshotExistenceSensor", "db_snapshot_identifier", "target_statuses", "snapshot"
)
db_sensor = _db_sensor("RdsDbSensor", "db_identifier", "target_statuses", "database")
export_sensor = sensor(
    SENSORS + "RdsExportTaskExistenceSensor",
    Status(
        EXPORTS,
        EXPORT,
        "ExportTasks[0].$lowercase(Status)",
        ("starting", "in_progress", "complete", "canceling", "canceled"),
        ("failed",),
        missing="not found",
        gone=("Rds.ExportTaskNotFoundException",),
    ),
    targets="target_statuses",
    fails="error_statuses",
    dropped=HOOK,
)
