"""S3KeySensor: a loop over ListObjectsV2, which is no error where there is no such key.

``S3KeySensor._check_key``: a key as it is, a wildcard pattern, or a regular expression; all keys of a list.
"""

from __future__ import annotations

import re
from typing import Any

from dagmig.diagnostics import Disposition, Report
from dagmig.graph import jinja
from dagmig.graph.model import Task
from dagmig.graph.values import Items, Literal, RunContext, Template, Value
from dagmig.integrations import Integration
from dagmig.integrations.fragment import MAIN, Expression, Fragment, Part, Ref, failing
from dagmig.integrations.s3 import PAGE, listing, placed, prefix_of, turning, wildcard
from dagmig.integrations.sensor import OWN, sensed
from dagmig.integrations.spelling import items
from dagmig.integrations.table import AWS_BASE, account

KNOWN = {"bucket_key", "bucket_name", "wildcard_match", "use_regex", "check_fn", "metadata_keys", *OWN}
PYTHON_ONLY = re.compile(r"\(\?[^:=!]|\\[AZ]")


def _to_asl(task: Task, report: Report) -> Fragment:
    account(task, KNOWN, AWS_BASE, "aws-sdk:s3:listObjectsV2", report)
    is_wild, is_regex = (task.argument(n) == Literal(True) for n in ("wildcard_match", "use_regex"))
    value = task.argument("bucket_key") or Literal(None)
    is_list = isinstance(value, Items) or (isinstance(value, Literal) and isinstance(value.value, list))
    keys = items(value) if is_list else [value]
    if not keys:
        return Fragment({MAIN: {"Type": "Pass"}})
    if task.argument("check_fn") not in (None, Literal(None)):
        return _refused(task, "check_fn", "a function decides whether the key will do", report)
    if not (is_wild or is_regex):
        return _exact(task, keys, report)
    text = keys[0].value if len(keys) == 1 and isinstance(keys[0], Literal) else None
    if isinstance(text, str) and isinstance(jinja.parse(text), Literal):
        return _matching(task, Literal(text), is_wild, report)
    made = _beginning_with(task, keys[0], report) if len(keys) == 1 and is_wild else None
    return made or _refused(task, "bucket_key", "the pattern is not one known text", report)


def _exact(task: Task, keys: list[Value], report: Report) -> Fragment:
    """Of the keys that begin with a key, the key itself is the first."""
    asking: dict[str, dict[str, Any]] = {}
    names = [MAIN, *(f"ask {number}" for number in range(2, len(keys) + 1))]
    for number, (name, key) in enumerate(zip(names, keys, strict=True)):
        bucket, wanted = placed(task, key, task.argument("bucket_name"), report)
        parts = wanted.parts if isinstance(wanted, Expression) else (wanted,)
        asked = listing(bucket, wanted, size=1)
        found = Expression.of(f"{PAGE}.Contents[0].Key = ", *parts)
        after = names[number + 1] if number + 1 < len(names) else "found?"
        asking[name] = {**asked, "Assign": {f":found{number + 1}": found}, "Output": {}, "Next": Ref(after)}
    condition = " and ".join(f"$:found{number + 1}" for number in range(len(keys)))
    return sensed(task, asking, Expression.of(condition), report)


def _matching(task: Task, key: Literal, is_wild: bool, report: Report) -> Fragment:
    bucket, wanted = placed(task, key, task.argument("bucket_name"), report)
    pattern = str(wanted.value)
    if not is_wild and PYTHON_ONLY.search(pattern):
        return _refused(task, "use_regex", "the regular expression is one of Python's own", report)
    expression = wildcard(pattern) if is_wild else "/^(?:" + pattern.replace("/", "\\/") + ")/"
    prefix = Literal(prefix_of(pattern)) if is_wild else None
    return _listed(task, bucket, prefix, (f"$contains(Key, {expression})",), report)


def _beginning_with(task: Task, key: Value, report: Report) -> Fragment | None:
    """A wildcard pattern that begins with Jinja: what follows that is compared. None where it is not so."""
    bucket, wanted = placed(task, key, task.argument("bucket_name"), report)
    text = wanted.value if isinstance(wanted, Literal) else None
    pattern = jinja.parse(text) if isinstance(text, str) else wanted
    match pattern:
        case Template((*before, str() as last)) if not any(_has_wildcard(part) for part in before):
            prefix = prefix_of(last)
        case _:
            return None
    if prefix == last:
        return _exact(task, [key], report)
    if not all(isinstance(part, (str, RunContext)) for part in before):
        said = "a wildcard in what Jinja gives stands for itself"
        report.row("bucket_key", task.span, f"task:{task.id}", Disposition.DECISION, said, task=task.id)
    beginning = Template((*before, prefix) if prefix else tuple(before))
    rest = wildcard("/" + last.removeprefix(prefix))  # JSONata refuses to match an empty text
    test = ("$contains('/' & $substring(Key, $length(", beginning, f")), {rest})")
    return _listed(task, bucket, beginning, test, report)


def _has_wildcard(part: Any) -> bool:
    return isinstance(part, str) and prefix_of(part) != part


def _listed(task: Task, bucket: Any, prefix: Any, test: tuple[Part, ...], report: Report) -> Fragment:
    """A loop over all pages, until an object passes the test."""
    found = Expression.of(f"$count({PAGE}.Contents[", *test, "]) > 0")
    onward = {"Assign": {":found": found, **turning()}, "Output": {}, "Next": Ref("found?")}
    asking = {
        MAIN: {**listing(bucket, prefix), **onward},
        "next page": {**listing(bucket, prefix, None, "$:token"), **onward},
    }
    return sensed(task, asking, Expression.of("$:found"), report, onward="next page")


def _refused(task: Task, construct: str, reason: str, report: Report) -> Fragment:
    said = f"{reason}, which is not translated: the state fails when it is reached"
    report.row(construct, task.span, f"task:{task.id}", Disposition.DECISION, said, task=task.id)
    return failing(f"Task {task.id} was not translated: {reason}.")


key_sensor = Integration(
    "airflow.providers.amazon.aws.sensors.s3.S3KeySensor",
    (),
    _to_asl,
    None,
    (
        "airflow.providers.amazon.aws.sensors.s3_key.S3KeySensor",
        "airflow.sensors.s3_key_sensor.S3KeySensor",
        "airflow.sensors.s3_key.S3KeySensor",
        "airflow.operators.sensors.S3KeySensor",
    ),
    form="`aws-sdk:s3:listObjectsV2` in a bounded loop",
)
