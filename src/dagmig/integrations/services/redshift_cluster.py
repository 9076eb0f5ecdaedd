"""Clusters of Amazon Redshift: create, pause, resume, delete, snapshots.

https://docs.aws.amazon.com/redshift/latest/APIReference/; ``operators/redshift_cluster.py`` and the waiters
of the provider and of botocore, which say when the work has ended.
"""

from __future__ import annotations

from dataclasses import replace

from dagmig.diagnostics import Report
from dagmig.graph.model import Task
from dagmig.graph.values import Literal
from dagmig.integrations import Integration
from dagmig.integrations.aws import AMAZON
from dagmig.integrations.fragment import MAIN, Fragment
from dagmig.integrations.parameters import Field
from dagmig.integrations.status import Status
from dagmig.integrations.status_sensor import sensor
from dagmig.integrations.table import table
from dagmig.integrations.waits import Waits, polls

OPERATORS = AMAZON + "redshift_cluster."
CLUSTER = Field("cluster_identifier", "ClusterIdentifier")
NOT_FOUND = ("Redshift.ClusterNotFoundException",)
IS_BUSY = {
    "ErrorEquals": ["Redshift.InvalidClusterStateException"],
    "IntervalSeconds": 15,
    "MaxAttempts": 9,
    "BackoffRate": 1,
}  # the operators try ten times, 15 seconds apart


def _cluster(*done: str, failed: tuple[str, ...] = (), missing: str = "cluster_not_found") -> Status:
    return Status(
        "aws-sdk:redshift:describeClusters",
        {"ClusterIdentifier": "cluster_identifier"},
        "Clusters[0].ClusterStatus",
        done,
        failed,
        missing=missing,
        gone=NOT_FOUND,
    )


def _becomes(word: str) -> Waits:
    return polls(
        _cluster(word, failed=("deleting",)),
        default=False,
        every=("poll_interval", 30),
        times=("max_attempts", 30),
        needs_both=True,
    )


def _of_one_node(integration: Integration) -> Integration:
    """NumberOfNodes belongs to a cluster of several nodes only."""

    def to_asl(task: Task, report: Report) -> Fragment:
        fragment = integration.to_asl(task, report)
        if task.argument("cluster_type") != Literal("single-node"):
            return fragment
        state = fragment.states[MAIN]
        arguments = {k: v for k, v in state.get("Arguments", {}).items() if k != "NumberOfNodes"}
        return replace(fragment, states={**fragment.states, MAIN: {**state, "Arguments": arguments}})

    return replace(integration, to_asl=to_asl)


create_cluster = _of_one_node(
    table(
        OPERATORS + "RedshiftCreateClusterOperator",
        "aws-sdk:redshift:createCluster",
        CLUSTER,
        Field("node_type", "NodeType"),
        Field("master_username", "MasterUsername"),
        Field("master_user_password", "MasterUserPassword"),
        Field("cluster_type", "ClusterType"),
        Field("db_name", "DbName"),
        Field("number_of_nodes", "NumberOfNodes", default=1),
        Field("cluster_security_groups", "ClusterSecurityGroups"),
        Field("vpc_security_group_ids", "VpcSecurityGroupIds"),
        Field("cluster_subnet_group_name", "ClusterSubnetGroupName"),
        Field("availability_zone", "AvailabilityZone"),
        Field("preferred_maintenance_window", "PreferredMaintenanceWindow"),
        Field("cluster_parameter_group_name", "ClusterParameterGroupName"),
        Field("automated_snapshot_retention_period", "AutomatedSnapshotRetentionPeriod"),
        Field("manual_snapshot_retention_period", "ManualSnapshotRetentionPeriod"),
        Field("port", "Port"),
        Field("cluster_version", "ClusterVersion"),
        Field("allow_version_upgrade", "AllowVersionUpgrade"),
        Field(
            "publicly_accessible",
            "PubliclyAccessible",
            default=True,
            absent="the operator makes a cluster that the internet can reach where nothing is said",
        ),
        Field("encrypted", "Encrypted"),
        Field("hsm_client_certificate_identifier", "HsmClientCertificateIdentifier"),
        Field("hsm_configuration_identifier", "HsmConfigurationIdentifier"),
        Field("elastic_ip", "ElasticIp"),
        Field("tags", "Tags"),
        Field("kms_key_id", "KmsKeyId"),
        Field("enhanced_vpc_routing", "EnhancedVpcRouting"),
        Field("additional_info", "AdditionalInfo"),
        Field("iam_roles", "IamRoles"),
        Field("maintenance_track_name", "MaintenanceTrackName"),
        Field("snapshot_schedule_identifier", "SnapshotScheduleIdentifier"),
        Field("availability_zone_relocation", "AvailabilityZoneRelocation"),
        Field("aqua_configuration_status", "AquaConfigurationStatus"),
        Field("default_iam_role_arn", "DefaultIamRoleArn"),
        waits=polls(
            _cluster("available", failed=("deleting",)),
            default=False,
            every=("poll_interval", 60),
            times=("max_attempt", 5),
            cleans="deletes the cluster",
        ),
        dropped={
            "delete_cluster_on_failure": "a cluster that does not come up stays",
            "cleanup_timeout_seconds": "a cluster that does not come up stays",
        },
        required={
            "cluster_identifier": None,
            "node_type": None,
            "master_username": None,
            "master_user_password": None,
        },
    )
)
create_snapshot = table(
    OPERATORS + "RedshiftCreateClusterSnapshotOperator",
    "aws-sdk:redshift:createClusterSnapshot",
    Field("snapshot_identifier", "SnapshotIdentifier"),
    CLUSTER,
    Field("retention_period", "ManualSnapshotRetentionPeriod"),
    Field("tags", "Tags"),
    waits=polls(
        Status(
            "aws-sdk:redshift:describeClusterSnapshots",
            {"ClusterIdentifier": "cluster_identifier"},
            "Snapshots.Status",
            ("available",),
            ("failed", "deleted"),
            is_list=True,
        ),
        default=False,
        every=("poll_interval", 15),
        times=("max_attempt", 20),
    ),
    required={"snapshot_identifier": None, "cluster_identifier": None},
)
delete_snapshot = table(
    OPERATORS + "RedshiftDeleteClusterSnapshotOperator",
    "aws-sdk:redshift:deleteClusterSnapshot",
    Field("cluster_identifier", "SnapshotClusterIdentifier"),
    Field("snapshot_identifier", "SnapshotIdentifier"),
    waits=polls(
        Status(
            "aws-sdk:redshift:describeClusterSnapshots",
            {"SnapshotIdentifier": "snapshot_identifier"},
            "Snapshots[0].Status",
            ("not found",),
            missing="not found",
            gone=("Redshift.ClusterSnapshotNotFoundException",),
        ),
        every=("poll_interval", 10),
        times=("", None),
    ),
    required={"snapshot_identifier": None, "cluster_identifier": None},
)
pause_cluster = table(
    OPERATORS + "RedshiftPauseClusterOperator",
    "aws-sdk:redshift:pauseCluster",
    CLUSTER,
    waits=_becomes("paused"),
    transport=(IS_BUSY,),
    required={"cluster_identifier": None},
)
resume_cluster = table(
    OPERATORS + "RedshiftResumeClusterOperator",
    "aws-sdk:redshift:resumeCluster",
    CLUSTER,
    waits=_becomes("available"),
    transport=(IS_BUSY,),
    required={"cluster_identifier": None},
)
delete_cluster = table(
    OPERATORS + "RedshiftDeleteClusterOperator",
    "aws-sdk:redshift:deleteCluster",
    CLUSTER,
    Field("skip_final_cluster_snapshot", "SkipFinalClusterSnapshot", default=True),
    Field("final_cluster_snapshot_identifier", "FinalClusterSnapshotIdentifier"),
    waits=polls(
        _cluster("cluster_not_found", failed=("creating", "modifying")),
        every=("poll_interval", 30),
        times=("max_attempts", 30),
    ),
    transport=({**IS_BUSY, "IntervalSeconds": 30, "MaxAttempts": 29},),
    required={"cluster_identifier": None},
)
cluster_sensor = sensor(
    "airflow.providers.amazon.aws.sensors.redshift_cluster.RedshiftClusterSensor",
    _cluster("available"),
    targets="target_status",
    aliases=(
        "airflow.providers.amazon.aws.sensors.redshift.AwsRedshiftClusterSensor",
        "airflow.contrib.sensors.aws_redshift_cluster_sensor.AwsRedshiftClusterSensor",
    ),
)
