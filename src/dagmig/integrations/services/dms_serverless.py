"""Serverless replications of AWS DMS: started, stopped and deleted, each from the states that allow it.

https://docs.aws.amazon.com/dms/latest/APIReference/API_StartReplication.html; ``operators/dms.py`` and
``waiters/dms.json``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dagmig.diagnostics import Report
from dagmig.graph.model import Task
from dagmig.graph.values import Literal
from dagmig.integrations import Integration
from dagmig.integrations.fragment import AFTER, MAIN, Expression, Fragment, Ref
from dagmig.integrations.parameters import Field
from dagmig.integrations.poller import FAILED, bound, known_number
from dagmig.integrations.rows import noted
from dagmig.integrations.services.dms import NOT_FOUND, OPERATORS, SDK
from dagmig.integrations.status import PREFIX, Status
from dagmig.integrations.table import table
from dagmig.integrations.waits import polls

ARN = Field("replication_config_arn", "ReplicationConfigArn")
REPLICATIONS = SDK + "describeReplications"
FILTERS = {"Filters": [{"Name": Literal("replication-config-arn"), "Values": ["replication_config_arn"]}]}
FIRST = "$states.result.Replications[0]"
AT = "Replications[0].Status"
PROVISION = f"{FIRST}.ProvisionData.ProvisionState"
DEPROVISIONED = "$:provision in ['deprovisioned', '']"
TERMINAL = "($:status in ['failed', 'stopped', 'created'] or $:provision = 'deprovisioned')"


def _asked(made: Integration, waits: str, onward: str, every: int, said: str = "") -> Integration:
    """With the replication asked for first: while ``waits`` holds it is asked again, and the work is done
    where ``onward`` holds, else nothing. ``said`` is the row about that.
    """

    def to_asl(task: Task, report: Report) -> Fragment:
        fragment = made.to_asl(task, report)
        if said:
            noted(task, "replication_config_arn", said, report)
        interval = known_number(task, "waiter_delay", every, report)
        times = known_number(task, "waiter_max_attempts", 60, report)
        limit, late = bound(task, interval * times, FAILED)
        asked = {**_look(task, waits, onward, interval, limit, late), **fragment.states}
        return replace(fragment, states=asked, entry="begin" if waits else "look")

    return Integration(
        made.operator, (), to_asl, form=f"`{REPLICATIONS}`, then `{made.resources[0][len(PREFIX) :]}`"
    )


def _look(
    task: Task, waits: str, onward: str, interval: int, limit: int, late: str
) -> dict[str, Mapping[str, Any]]:
    value = task.argument("replication_config_arn") or Literal("")
    elapsed = f"$millis() - $:begun > {1000 * limit}"
    choices = [{"Condition": Expression.of(onward), "Next": Ref(MAIN)}]
    waiting: dict[str, Mapping[str, Any]] = {}
    if waits:
        choices = [
            {"Condition": Expression.of(f"({waits}) and {elapsed}"), "Next": Ref("never ready")},
            {"Condition": Expression.of(waits), "Next": Ref("not yet")},
            *choices,
        ]
        waiting = {
            "begin": {"Type": "Pass", "Assign": {":begun": Expression.of("$millis()")}, "Next": Ref("look")},
            "not yet": {"Type": "Wait", "Seconds": interval, "Next": Ref("look")},
            "never ready": {"Type": "Fail", "Error": late, "Cause": f"it is not ready after {limit} seconds"},
        }
    return {
        **waiting,
        "look": {
            "Type": "Task",
            "Resource": PREFIX + REPLICATIONS,
            "Arguments": {"Filters": [{"Name": "replication-config-arn", "Values": [value]}]},
            "Assign": {
                ":status": Expression.of(f"$lowercase({FIRST}.Status)"),
                ":provision": Expression.of(f"$exists({PROVISION}) ? {PROVISION} : ''"),
            },
            "Output": {},
            "Next": Ref("ready?"),
        },
        "ready?": {"Type": "Choice", "Choices": choices, "Default": AFTER},
    }


start = _asked(
    table(
        OPERATORS + "DmsStartReplicationOperator",
        SDK + "startReplication",
        ARN,
        Field("replication_start_type", "StartReplicationType"),
        Field("cdc_start_time", "CdcStartTime"),
        Field("cdc_start_pos", "CdcStartPosition"),
        Field("cdc_stop_pos", "CdcStopPosition"),
        waits=polls(Status(REPLICATIONS, FILTERS, AT, ("stopped",), ("failed",)), needs_both=True),
    ),
    "$:provision = 'deprovisioning'",
    f"$:status in ['stopped', 'failed', 'created'] and {DEPROVISIONED}",
    30,
    "a replication that cannot be started is left as it is, as by the operator",
)
stop = _asked(
    table(
        OPERATORS + "DmsStopReplicationOperator",
        SDK + "stopReplication",
        ARN,
        waits=polls(
            Status(REPLICATIONS, FILTERS, AT, ("stopped",)), every=("waiter_delay", 30), needs_both=True
        ),
    ),
    "",
    "$not($:status in ['stopped'])",
    30,
)
delete = _asked(
    table(
        OPERATORS + "DmsDeleteReplicationConfigOperator",
        SDK + "deleteReplicationConfig",
        ARN,
        waits=polls(
            Status(
                SDK + "describeReplicationConfigs",
                FILTERS,
                "ReplicationConfigs[0].ReplicationConfigArn",
                ("gone",),
                missing="gone",
                gone=NOT_FOUND,
            ),
            every=("waiter_delay", 60),
            needs_both=True,
        ),
    ),
    f"$:provision = 'deprovisioning' or $not{TERMINAL}",
    "true",
    60,
)
