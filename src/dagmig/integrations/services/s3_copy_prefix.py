"""All objects under a prefix in Amazon S3, copied one after the other: S3CopyPrefixOperator.

``execute`` of ``operators/s3.py`` of the amazon provider: the first copy that fails ends it, or all are tried
and it fails then.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dagmig.diagnostics import Report
from dagmig.graph.model import Task
from dagmig.graph.values import Literal
from dagmig.integrations import Integration
from dagmig.integrations.aws import AMAZON
from dagmig.integrations.fragment import AFTER, MAIN, Expression, Fragment, Part, Ref
from dagmig.integrations.rows import noted, opened
from dagmig.integrations.s3 import PAGE, SDK, copy_source, given, listing, located, turning
from dagmig.integrations.services.s3 import COPY
from dagmig.integrations.table import AWS_BASE, account

KNOWN = {
    *("source_bucket_prefix", "dest_bucket_prefix", "source_bucket_name", "dest_bucket_name"),
    *("continue_on_failure", *COPY),
}
KEY, COUNTED = "$:keys[$:n]", {":n": Expression.of("$:n + 1")}
MANY = "of more than some 3,000 objects an execution's history is full (25,000 events), and it fails"


def _to_asl(task: Task, report: Report) -> Fragment:
    account(task, KNOWN, AWS_BASE, "aws-sdk:s3:copyObject", report)
    noted(task, "source_bucket_prefix", MANY, report)
    source, prefix = located(task, "source_bucket_prefix", "source_bucket_name", report)
    bucket, base = located(task, "dest_bucket_prefix", "dest_bucket_name", report)
    goes_on = task.argument("continue_on_failure") or Literal(False)
    if not isinstance(goes_on, Literal):
        said = "it is known only when the DAG runs: the first copy that fails ends the state"
        opened(task, "continue_on_failure", said, report)
    is_lenient = goes_on == Literal(True)
    key = Expression.of(*_text(base), f" & $substring({KEY}, $length(", *_text(prefix), "))")
    arguments = {
        "Bucket": bucket,
        "Key": key,
        "CopySource": copy_source((source, Expression.of(KEY)), None),
        **given(task, COPY),
    }
    copy: dict[str, Any] = {"Type": "Task", "Resource": SDK + "copyObject", "Arguments": arguments}
    copy |= {"Assign": COUNTED, "Output": {}, "Next": Ref("any?")}
    end = Ref("failures?") if is_lenient else AFTER
    assign = {":keys": Expression.of(f"[{PAGE}.Contents.Key]"), ":n": 0, **turning()}
    page = {"Assign": assign, "Output": {}, "Next": Ref("any?")}
    any_left = {"Condition": Expression.of("$:n < $count($:keys)"), "Next": Ref(MAIN)}
    more = {"Condition": Expression.of("$:more"), "Next": Ref("next page")}
    states: dict[str, Mapping[str, Any]] = {
        "list": {**listing(source, prefix), **page},
        "any?": {"Type": "Choice", "Choices": [any_left], "Default": Ref("more?")},
        MAIN: copy,
        "more?": {"Type": "Choice", "Choices": [more], "Default": end},
        "next page": {**listing(source, prefix, None, "$:token"), **page},
    }
    if is_lenient:
        failed = {**COUNTED, ":failures": Expression.of("$:failures + 1")}
        caught = {"ErrorEquals": ["States.ALL"], "Assign": failed, "Output": {}, "Next": Ref("any?")}
        cause = Expression.of("'Failed to copy ' & $string($:failures) & ' object(s)'")
        any_failed = {"Condition": Expression.of("$:failures > 0"), "Next": Ref("failed")}
        states["list"] = {**states["list"], "Assign": {**assign, ":failures": 0}}
        states[MAIN] = {**copy, "Catch": [caught]}
        states["failures?"] = {"Type": "Choice", "Choices": [any_failed], "Default": AFTER}
        states["failed"] = {"Type": "Fail", "Error": "RuntimeError", "Cause": cause}
    return Fragment(states, entry="list")


def _text(node: Any) -> tuple[Part, ...]:
    return ("(", *node.parts, ")") if isinstance(node, Expression) else ("$string(", node, ")")


copy_prefix = Integration(
    AMAZON + "s3.S3CopyPrefixOperator",
    (),
    _to_asl,
    form="`aws-sdk:s3:listObjectsV2`, page by page, `aws-sdk:s3:copyObject` for each object",
)
