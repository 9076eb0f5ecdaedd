"""S3KeysUnchangedSensor: a loop over ListObjectsV2 that ends when no object came or went for a while.

``S3KeysUnchangedSensor.is_keys_unchanged``: what the last look found is kept, and when
something last changed.
"""

from __future__ import annotations

from typing import Any

from dagmig.diagnostics import Report
from dagmig.graph.model import Task
from dagmig.graph.values import Literal
from dagmig.integrations import Integration
from dagmig.integrations.fragment import MAIN, Expression, Fragment, Ref
from dagmig.integrations.poller import FAILED, Ending
from dagmig.integrations.rows import noted, opened
from dagmig.integrations.s3 import PAGE, listing, turning
from dagmig.integrations.sensor import OWN, sensed
from dagmig.integrations.table import AWS_BASE, account

ACTION = "aws-sdk:s3:listObjectsV2"
KNOWN = {
    "bucket_name",
    "prefix",
    "inactivity_period",
    "min_objects",
    "previous_objects",
    "allow_delete",
    *OWN,
}
HOUR = 3600
KEYS = f"[{PAGE}.Contents.Key]"
NEW, GONE = "$:current[$not($ in $:previous)]", "$:previous[$not($ in $:current)]"
SAME = f"$count({NEW}) = 0 and $count({GONE}) = 0"


def _to_asl(task: Task, report: Report) -> Fragment:
    account(task, KNOWN, AWS_BASE, ACTION, report)
    noted(task, "prefix", "the names of the objects must fit into the 256 KiB of a state", report)
    period = _number(task, "inactivity_period", HOUR, report)
    least = _number(task, "min_objects", 1, report)
    bucket, prefix = task.argument("bucket_name"), task.argument("prefix")
    is_idle = f"$floor(($millis() - $:changed) / 1000) >= {period}"
    found = Expression.of(f"$:same and {is_idle} and $count($:current) >= {least}")
    asking: dict[str, dict[str, Any]] = {
        MAIN: {
            **listing(bucket, prefix),
            "Assign": {":current": Expression.of(KEYS), **turning()},
            "Output": {},
            "Next": Ref("more?"),
        },
        "more?": {
            "Type": "Choice",
            "Choices": [{"Condition": Expression.of("$:more"), "Next": Ref("next page")}],
            "Default": Ref("compare"),
        },
        "next page": {
            **listing(bucket, prefix, None, "$:token"),
            "Assign": {":current": Expression.of(f"$append($:current, {KEYS})"), **turning()},
            "Output": {},
            "Next": Ref("more?"),
        },
        "compare": {
            "Type": "Pass",
            "Assign": {
                ":same": Expression.of(SAME),
                ":gone": Expression.of(f"$count({GONE}) > 0"),
                ":changed": Expression.of(f"{SAME} ? $:changed : $millis()"),
                ":previous": Expression.of("$:current"),
            },
            "Next": Ref("found?"),
        },
    }
    fragment = sensed(task, asking, found, report, failed=_deleted(task, report))
    before = task.argument("previous_objects") or Literal(None)
    names = before.value if isinstance(before, Literal) else None
    listed = names if isinstance(names, (set, frozenset, list, tuple)) else ()
    known = sorted(listed) if all(isinstance(name, str) for name in listed) else []
    if not known and before != Literal(None):
        opened(task, "previous_objects", "it is known only when the DAG runs: none is known at first", report)
    start = dict(fragment.states["start"])
    start["Assign"] = {**start["Assign"], ":changed": Expression.of("$millis()"), ":previous": known}
    return Fragment(
        {**fragment.states, "start": start},
        fragment.outputs,
        entry=fragment.entry,
        final=fragment.final,
        is_bounded=True,
        skips=fragment.skips,
    )


def _number(task: Task, name: str, default: int, report: Report) -> float:
    """A number that is not negative; an open row where it is not known."""
    value = task.argument(name)
    if value is None:
        return default
    number = value.value if isinstance(value, Literal) else None
    if isinstance(number, (int, float)) and not isinstance(number, bool) and number >= 0:
        return number
    opened(task, name, f"`{name}` is not a known number: {default} is used", report)
    return default


def _deleted(task: Task, report: Report) -> Ending | None:
    """How the sensor fails where objects go, if that is not allowed."""
    value = task.argument("allow_delete") or Literal(True)
    if not isinstance(value, Literal):
        opened(task, "allow_delete", "it is known only when the DAG runs: objects may go", report)
    if value != Literal(False):
        return None
    return Ending(Expression.of("$:gone"), FAILED, Expression.of("'objects were deleted between two looks'"))


unchanged_sensor = Integration(
    "airflow.providers.amazon.aws.sensors.s3.S3KeysUnchangedSensor",
    (),
    _to_asl,
    None,
    ("airflow.providers.amazon.aws.sensors.s3_keys_unchanged.S3KeysUnchangedSensor",),
    form=f"`{ACTION}` in a bounded loop",
)
