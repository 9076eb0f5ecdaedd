"""Prefixes and text in Amazon S3: S3ListPrefixesOperator and S3ReadObjectOperator.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html; ``S3Hook.list_prefixes`` and
``read_key``.
"""

from __future__ import annotations

from dagmig.diagnostics import Disposition, Report
from dagmig.graph.model import Task
from dagmig.graph.values import Literal
from dagmig.integrations import Integration
from dagmig.integrations.aws import AMAZON
from dagmig.integrations.fragment import MAIN, Expression, Fragment, Projection, Ref
from dagmig.integrations.s3 import PAGE, SDK, listing, located, turning
from dagmig.integrations.table import AWS_BASE, account

ACTION = "aws-sdk:s3:listObjectsV2"
SIZE = "it must fit into a state's 256 KiB"


def _prefixes(task: Task, report: Report) -> Fragment:
    account(task, {"bucket", "prefix", "delimiter"}, AWS_BASE, ACTION, report)
    report.row("return_value", task.span, f"task:{task.id}", Disposition.NOTED, SIZE, task=task.id)
    bucket, prefix, delimiter = (task.argument(name) for name in ("bucket", "prefix", "delimiter"))
    found = f"[{PAGE}.CommonPrefixes.Prefix]"
    first = {":prefixes": Expression.of(found), **turning()}
    added = {":prefixes": Expression.of(f"$append($:prefixes, {found})"), **turning()}
    more = [{"Condition": Expression.of("$:more"), "Next": Ref("next page")}]
    states = {
        MAIN: {**listing(bucket, prefix, delimiter), "Assign": first, "Output": {}, "Next": Ref("more?")},
        "more?": {"Type": "Choice", "Choices": more, "Default": Ref("listed")},
        "next page": {
            **listing(bucket, prefix, delimiter, "$:token"),
            "Assign": added,
            "Output": {},
            "Next": Ref("more?"),
        },
        "listed": {"Type": "Pass"},
    }
    return Fragment(states, {"return_value": Projection("listed", Expression.of("$:prefixes"))})


def _read(task: Task, report: Report) -> Fragment:
    account(task, {"s3_bucket", "s3_key"}, AWS_BASE, "aws-sdk:s3:getObject", report)
    report.row("return_value", task.span, f"task:{task.id}", Disposition.NOTED, SIZE, task=task.id)
    bucket, key = located(task, "s3_key", "s3_bucket", report)
    arguments = {"Bucket": bucket or Literal(None), "Key": key}
    state = {"Type": "Task", "Resource": SDK + "getObject", "Arguments": arguments}
    return Fragment({MAIN: state}, {"return_value": Projection(MAIN, Expression.of(f"{PAGE}.Body"))})


list_prefixes = Integration(
    AMAZON + "s3.S3ListPrefixesOperator",
    (),
    _prefixes,
    None,
    (AMAZON + "s3_list_prefixes.S3ListPrefixesOperator",),
    f"`{ACTION}`, page by page",
)
read_object = Integration(AMAZON + "s3.S3ReadObjectOperator", (), _read, form="`aws-sdk:s3:getObject`")
