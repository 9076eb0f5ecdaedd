"""Instances of Amazon EC2: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/.

``operators/ec2.py``, ``EC2Hook`` and botocore's waiters, which say when an instance is in its state.
"""

from __future__ import annotations

from dataclasses import replace

from dagmig.graph.values import Value
from dagmig.integrations import Integration
from dagmig.integrations.aws import AMAZON, CONTRIB
from dagmig.integrations.parameters import Field
from dagmig.integrations.spelling import LIST, Codec, items
from dagmig.integrations.status import Status
from dagmig.integrations.status_sensor import sensor
from dagmig.integrations.table import table
from dagmig.integrations.waits import Waits, polls

OPERATORS = AMAZON + "ec2."
INSTANCES = Field("instance_ids", "InstanceIds", LIST)


def _state(*done: str, failed: tuple[str, ...] = (), asked: object = "@InstanceIds") -> Status:
    return Status(
        "aws-sdk:ec2:describeInstances",
        {"InstanceIds": asked},
        "Reservations.Instances.State.Name",
        done,
        failed,
        is_list=True,
    )


def _until(status: Status) -> Waits:
    return polls(status, default=False, every=("poll_interval", 20), times=("max_attempts", 20))


def _alone(value: Value) -> Value:
    found = items(value)
    if len(found) != 1:
        raise ValueError("more than one instance")
    return found[0]


def _one(operator: str, action: str, word: str, old: str) -> Integration:
    """The operator asks without an end."""
    return table(
        OPERATORS + operator,
        f"aws-sdk:ec2:{action}",
        Field("instance_id", "InstanceIds", Codec(lambda value: [value], _alone)),
        waits=polls(_state(word), "", every=("check_interval", 15), times=("", None)),
        required={"instance_id": None},
        aliases=(AMAZON + f"{old}.{operator}", CONTRIB + f"{old}_operator.{operator}"),
    )


start = _one("EC2StartInstanceOperator", "startInstances", "running", "ec2_start_instance")
stop = _one("EC2StopInstanceOperator", "stopInstances", "stopped", "ec2_stop_instance")
create = table(
    OPERATORS + "EC2CreateInstanceOperator",
    "aws-sdk:ec2:runInstances",
    Field("image_id", "ImageId"),
    Field("min_count", "MinCount", default=1),
    Field("max_count", "MaxCount", default=1),
    waits=polls(
        _state(
            "running", failed=("shutting-down", "terminated", "stopping"), asked="[$.Instances.InstanceId]"
        ),
        default=False,
        every=("poll_interval", 20),
        times=("max_attempts", 20),
        kills=True,
        cleans="terminates the instances",
    ),
    spread="config",
    result="[$states.result.Instances.InstanceId]",
    dropped={"terminate_instance_on_failure": "an instance that does not come up stays"},
    required={"image_id": None},
)
terminate = table(
    OPERATORS + "EC2TerminateInstanceOperator",
    "aws-sdk:ec2:terminateInstances",
    INSTANCES,
    waits=_until(_state("terminated", failed=("pending", "stopping"))),
    required={"instance_ids": None},
)
reboot = table(
    OPERATORS + "EC2RebootInstanceOperator",
    "aws-sdk:ec2:rebootInstances",
    INSTANCES,
    waits=_until(_state("running", failed=("shutting-down", "terminated", "stopping"))),
    required={"instance_ids": None},
)
hibernate = replace(
    table(
        OPERATORS + "EC2HibernateInstanceOperator",
        "aws-sdk:ec2:stopInstances",
        INSTANCES,
        sends={"Hibernate": True},
        waits=_until(_state("stopped", failed=("pending", "terminated"))),
        notes={"hibernate": "the operator asks first whether the instances can; EC2 refuses otherwise"},
    ),
    resources=(),
    to_airflow=None,
    form="`aws-sdk:ec2:stopInstances`",
)
state_sensor = sensor(
    "airflow.providers.amazon.aws.sensors.ec2.EC2InstanceStateSensor",
    _state("running", asked=["instance_id"]),
    targets="target_state",
    aliases=(
        "airflow.providers.amazon.aws.sensors.ec2_instance_state.EC2InstanceStateSensor",
        "airflow.contrib.sensors.ec2_instance_state_sensor.EC2InstanceStateSensor",
    ),
)
