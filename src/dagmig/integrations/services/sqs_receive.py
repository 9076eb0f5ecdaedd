"""SqsSensor: a loop that receives messages, and deletes them.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html;
``sensors/sqs.py``.
"""

from __future__ import annotations

from typing import Any

from dagmig.diagnostics import Disposition, Report
from dagmig.graph.model import Task
from dagmig.graph.values import Literal
from dagmig.integrations import Integration
from dagmig.integrations.fragment import AFTER, MAIN, Expression, Fragment, Projection, Ref
from dagmig.integrations.sensor import OWN, sensed
from dagmig.integrations.status import PREFIX
from dagmig.integrations.table import AWS_BASE, account

SENSORS = "airflow.providers.amazon.aws.sensors."
KNOWN = {
    "sqs_queue",
    "max_messages",
    "wait_time_seconds",
    "visibility_timeout",
    "delete_message_on_reception",
}
UNDECIDED = {
    "num_batches": "one batch is received at a time",
    **dict.fromkeys(
        ("message_filtering", "message_filtering_match_values", "message_filtering_config"),
        "every message counts",
    ),
}
HARMLESS = {"num_batches": 1, "message_filtering": None}
ENTRIES = Expression.of("[$:messages.{'Id': MessageId, 'ReceiptHandle': ReceiptHandle}]")

KEPT = Expression.of("$count($states.result.Failed)")
NONE_DELETED = Expression.of("$:kept = $count($:messages)")  # the sensor fails only then


def _to_asl(task: Task, report: Report) -> Fragment:
    harmless = {name for name, value in HARMLESS.items() if task.argument(name) == Literal(value)}
    account(
        task,
        {*KNOWN, *OWN, *harmless, "delete_message_on_reception"},
        AWS_BASE,
        "aws-sdk:sqs:receiveMessage",
        report,
        UNDECIDED,
    )
    queue = task.argument("sqs_queue") or Literal(None)
    arguments = {
        "QueueUrl": queue,
        "MaxNumberOfMessages": task.argument("max_messages") or Literal(5),
        "WaitTimeSeconds": task.argument("wait_time_seconds") or Literal(1),
    }
    if (timeout := task.argument("visibility_timeout")) not in (None, Literal(None)):
        arguments["VisibilityTimeout"] = timeout
    receive = {
        **_call("receiveMessage", arguments),
        "Assign": {":messages": Expression.of("[$states.result.Messages]")},
        "Output": {},
        "Next": Ref("found?"),
    }
    deletes = task.argument("delete_message_on_reception") != Literal(False)
    said = "the messages must fit into a state's 256 KiB"
    report.row("messages", task.span, f"task:{task.id}", Disposition.NOTED, said, task=task.id)
    fragment = sensed(
        task,
        {MAIN: receive},
        Expression.of("$count($:messages) > 0"),
        report,
        outputs={"messages": Projection("received", Expression.of("$:messages"))},
        then=Ref("delete" if deletes else "received"),
    )
    entries = {"QueueUrl": queue, "Entries": ENTRIES}
    delete = {**_call("deleteMessageBatch", entries), "Assign": {":kept": KEPT}, "Output": {}}
    deleting = {
        "delete": {**delete, "Next": Ref("deleted?")},
        "deleted?": {
            "Type": "Choice",
            "Choices": [{"Condition": NONE_DELETED, "Next": Ref("not deleted")}],
            "Default": Ref("received"),
        },
        "not deleted": {"Type": "Fail", "Error": "AirflowException", "Cause": "no message was deleted"},
    }
    received = {"received": {"Type": "Pass", "Next": AFTER}}
    states = {**fragment.states, **(deleting if deletes else {}), **received}
    return Fragment(
        states,
        fragment.outputs,
        entry=fragment.entry,
        final=fragment.final,
        is_bounded=True,
        skips=fragment.skips,
    )


def _call(action: str, arguments: dict[str, Any]) -> dict[str, Any]:
    return {"Type": "Task", "Resource": f"{PREFIX}aws-sdk:sqs:{action}", "Arguments": arguments}


sqs_sensor = Integration(
    SENSORS + "sqs.SqsSensor",
    (),
    _to_asl,
    None,
    (
        SENSORS + "sqs.SQSSensor",
        "airflow.contrib.sensors.aws_sqs_sensor.SQSSensor",
    ),
    "`aws-sdk:sqs:receiveMessage` in a bounded loop",
)
