"""DynamoDBValueSensor: a loop that reads an item.

https://docs.aws.amazon.com/step-functions/latest/dg/connect-ddb.html; ``sensors/dynamodb.py``: what is not
there, or cannot be read, is not yet there.
"""

from __future__ import annotations

from typing import Any

from dagmig.diagnostics import Disposition, Report
from dagmig.graph.model import Task
from dagmig.graph.values import Literal, Value
from dagmig.integrations import Integration
from dagmig.integrations.fragment import MAIN, Fragment, Ref, failing
from dagmig.integrations.sensor import OWN, sensed
from dagmig.integrations.status import Status, word
from dagmig.integrations.table import AWS_BASE, account

KNOWN = {
    "table_name",
    "partition_key_name",
    "partition_key_value",
    "attribute_name",
    "attribute_value",
    "sort_key_name",
    "sort_key_value",
}
NAMES = ("partition_key_name", "sort_key_name", "attribute_name")


def _to_asl(task: Task, report: Report) -> Fragment:
    account(task, {*KNOWN, *OWN}, AWS_BASE, "dynamodb:getItem", report)
    partition, sort, attribute = (word(task.argument(name)) for name in NAMES)
    if partition is None or attribute is None or "`" in attribute:
        said = "the names of the key and of the attribute are not known: the state fails when it is reached"
        report.row("attribute_name", task.span, f"task:{task.id}", Disposition.DECISION, said, task=task.id)
        return failing(f"Task {task.id} was not translated: a name is not known.")
    key = {partition: _typed(task.argument("partition_key_value"))}
    if sort is not None:
        key[sort] = _typed(task.argument("sort_key_value"))
    value = task.argument("attribute_value")
    kind = next(iter(_typed(value)))
    status = Status(
        "dynamodb:getItem",
        {"TableName": "table_name", "Key": Literal(None)},
        f"Item.`{attribute}`.{kind}",
        (),
        missing="not there",
        gone=("States.TaskFailed",),
    )
    asked = status.of(done=value)
    state = asked.call(task, Ref("found?"))
    return sensed(
        task,
        {MAIN: {**state, "Arguments": {**state["Arguments"], "Key": key}}},
        asked.is_done,
        report,
    )


def _typed(value: Value | None) -> dict[str, Any]:
    """A value as DynamoDB types it."""
    is_number = isinstance(value, Literal) and isinstance(value.value, (int, float))
    return {"N": Literal(str(value.value))} if is_number and isinstance(value, Literal) else {"S": value}


value_sensor = Integration(
    "airflow.providers.amazon.aws.sensors.dynamodb.DynamoDBValueSensor",
    (),
    _to_asl,
    form="`dynamodb:getItem` in a bounded loop",
)
