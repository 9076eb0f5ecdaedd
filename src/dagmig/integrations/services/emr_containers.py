"""Amazon EMR on EKS: https://docs.aws.amazon.com/step-functions/latest/dg/connect-emr-eks.html.

``EmrContainerHook.submit_job`` and ``create_emr_on_eks_cluster`` say which argument is which parameter.
"""

from __future__ import annotations

from dagmig.integrations.aws import AMAZON, POLLING
from dagmig.integrations.parameters import Field
from dagmig.integrations.spelling import PASCAL
from dagmig.integrations.status import Status
from dagmig.integrations.status_sensor import sensor
from dagmig.integrations.table import WAITING, table
from dagmig.integrations.waits import Waits, Watch

OPENLINEAGE = ("openlineage_inject_parent_job_info", "openlineage_inject_transport_info")

create_cluster = table(
    AMAZON + "emr.EmrEksCreateClusterOperator",
    "emr-containers:createVirtualCluster",
    Field("virtual_cluster_name", "Name"),
    Field("eks_cluster_name", "ContainerProvider.Id"),
    Field("eks_namespace", "ContainerProvider.Info.EksInfo.Namespace"),
    Field("tags", "Tags"),
    sends={"ContainerProvider.Type": "EKS"},
    result="$states.result.Id",
    dropped={"virtual_cluster_id": "the operator replaces it by the id of the cluster it makes"},
    required=dict.fromkeys(("virtual_cluster_name", "eks_cluster_name", "eks_namespace")),
)
RUN = Status(
    "aws-sdk:emrcontainers:describeJobRun",
    {"VirtualClusterId": "@VirtualClusterId", "Id": "$.Id"},
    "JobRun.State",
    ("COMPLETED",),
    ("FAILED", "CANCELLED", "CANCEL_PENDING"),
    ("PENDING", "SUBMITTED", "RUNNING"),
)
job = table(
    AMAZON + "emr.EmrContainerOperator",
    "emr-containers:startJobRun",
    Field("name", "Name"),
    Field("virtual_cluster_id", "VirtualClusterId"),
    Field("execution_role_arn", "ExecutionRoleArn"),
    Field("release_label", "ReleaseLabel"),
    Field("job_driver", "JobDriver", PASCAL),
    Field("configuration_overrides", "ConfigurationOverrides", PASCAL),
    Field("client_request_token", "ClientToken"),
    Field("tags", "Tags"),
    Field("job_retry_max_attempts", "RetryPolicyConfiguration.MaxAttempts"),
    waits=Waits(by_hand=(Watch(RUN, "poll_interval", "max_polling_attempts"),)),
    result="$states.result.Id",
    dropped={
        **POLLING,
        "max_polling_attempts": WAITING,
        "cancel_on_kill": "a stopped execution stops the job",
    },
    undecided=dict.fromkeys(OPENLINEAGE, "nothing is added for OpenLineage"),
    harmless=dict.fromkeys(OPENLINEAGE, False),
    required=dict.fromkeys(
        ("name", "virtual_cluster_id", "execution_role_arn", "release_label", "job_driver")
    ),
    aliases=(AMAZON + "emr_containers.EmrContainerOperator", AMAZON + "emr_containers.EMRContainerOperator"),
)
job_sensor = sensor(
    "airflow.providers.amazon.aws.sensors.emr.EmrContainerSensor",
    Status(
        "aws-sdk:emrcontainers:describeJobRun",
        {"VirtualClusterId": "virtual_cluster_id", "Id": "job_id"},
        "JobRun.State",
        ("COMPLETED",),
        ("FAILED", "CANCELLED", "CANCEL_PENDING"),
        reason="JobRun.StateDetails",
    ),
    dropped=dict.fromkeys(
        ("max_retries", "poll_interval"), "the loop asks once and waits for `poke_interval`"
    ),
    aliases=(
        "airflow.providers.amazon.aws.sensors.emr_containers.EmrContainerSensor",
        "airflow.providers.amazon.aws.sensors.emr_containers.EMRContainerSensor",
    ),
)
