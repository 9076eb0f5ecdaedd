"""Commands of AWS Systems Manager: https://docs.aws.amazon.com/systems-manager/latest/APIReference/.

``operators/ssm.py``, ``sensors/ssm.py`` and botocore's waiter ``command_executed``.
"""

from __future__ import annotations

from dagmig.integrations.aws import AMAZON
from dagmig.integrations.parameters import Field
from dagmig.integrations.status import Status
from dagmig.integrations.status_sensor import sensor
from dagmig.integrations.table import table
from dagmig.integrations.waits import polls

EXITS = {"fail_on_nonzero_exit": "a command that ends with an exit code other than 0 fails the state"}
INVOCATIONS = "aws-sdk:ssm:listCommandInvocations"
WORDS = "CommandInvocations.Status"

run_command = table(
    AMAZON + "ssm.SsmRunCommandOperator",
    "aws-sdk:ssm:sendCommand",
    Field("document_name", "DocumentName"),
    waits=polls(
        Status(
            INVOCATIONS,
            {"CommandId": "$.Command.CommandId"},
            WORDS,
            ("Success",),
            ("Cancelled", "TimedOut", "Failed", "Cancelling"),
            is_list=True,
        ),
        every=("waiter_delay", 120),
        times=("waiter_max_attempts", 75),
    ),
    spread="run_command_kwargs",
    result="$states.result.Command.CommandId",
    undecided=EXITS,
    harmless={"fail_on_nonzero_exit": True},
    required={"document_name": None},
)
completed_sensor = sensor(
    "airflow.providers.amazon.aws.sensors.ssm.SsmRunCommandCompletedSensor",
    Status(
        INVOCATIONS,
        {"CommandId": "command_id"},
        WORDS,
        ("Success",),
        ("Cancelled", "TimedOut", "Failed"),
        is_list=True,
    ),
    every=120,
    times=("max_retries", 75),
    undecided=EXITS,
    harmless={"fail_on_nonzero_exit": True},
)
