"""Buckets of Amazon S3: create, delete, tags.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html; ``operators/s3.py`` and ``S3Hook``: the
operators do nothing where the bucket is there already, or not there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dagmig.diagnostics import Disposition, Report, Span
from dagmig.graph.model import Call, Task
from dagmig.graph.values import Literal, Value
from dagmig.integrations import Integration
from dagmig.integrations.aws import AMAZON
from dagmig.integrations.fragment import MAIN, Expression, Fragment, Ref
from dagmig.integrations.parameters import Field
from dagmig.integrations.s3_deletion import listed_deletion
from dagmig.integrations.spelling import TAGS, Codec, mapping, members
from dagmig.integrations.table import table

OLD = AMAZON + "s3_bucket."
OLD_TAGGING = AMAZON + "s3_bucket_tagging."
IS_THERE = ("S3.BucketAlreadyOwnedByYouException",)
IS_GONE = ("S3.NoSuchBucketException",)
NAME = Field("bucket_name", "Bucket")
REGION = "$split($states.context.StateMachine.Id, ':')[3]"


def _in_region(integration: Integration) -> Integration:
    """A bucket outside of us-east-1 needs its region said, and one there must not have it."""

    def to_asl(task: Task, report: Report) -> Fragment:
        fragment = integration.to_asl(task, report)
        state = fragment.states[MAIN]
        place = task.argument("region_name")
        if isinstance(place, Literal) and isinstance(place.value, str) and "{{" not in place.value:
            constraint = {"CreateBucketConfiguration": {"LocationConstraint": place}}
            whole: Any = {**state.get("Arguments", {}), **(constraint if place.value != "us-east-1" else {})}
        else:
            fields = [(f"'{name}': ", value) for name, value in state.get("Arguments", {}).items()]
            given = [part for name, value in fields for part in (", ", name, value)][1:]
            elsewhere = "{'CreateBucketConfiguration': {'LocationConstraint': $region}}"
            chosen = f"}}, $region = 'us-east-1' ? {{}} : {elsewhere}]))"
            whole = Expression.of(f"($region := {REGION}; $merge([{{", *given, chosen)
        return replace(fragment, states={**fragment.states, MAIN: {**state, "Arguments": whole}})

    def to_airflow(resource: str, parameters: Mapping[str, Value], span: Span, report: Report) -> Call:
        assert integration.to_airflow is not None
        given = {name: v for name, v in parameters.items() if name != "CreateBucketConfiguration"}
        if (place := parameters.get("CreateBucketConfiguration")) is not None:
            call = integration.to_airflow(resource, given, span, report)
            return replace(call, arguments={**call.arguments, **_region(place, span, report)})
        return integration.to_airflow(resource, given, span, report)

    return replace(integration, to_asl=to_asl, to_airflow=to_airflow)


def _region(place: Value, span: Span, report: Report) -> dict[str, Value]:
    try:
        found = dict(members(place))
    except ValueError:
        found = {}
    if found.keys() != {"LocationConstraint"}:
        said = "`CreateBucketConfiguration` is more than the region, or not known"
        report.row("parameter-not-translated", span, "", Disposition.DECISION, said)
    return {"region_name": found["LocationConstraint"]} if "LocationConstraint" in found else {}


def _emptying(integration: Integration) -> Integration:
    """``force_delete`` deletes the objects first."""

    def to_asl(task: Task, report: Report) -> Fragment:
        fragment = integration.to_asl(task, report)
        force = task.argument("force_delete")
        if force in (None, Literal(None), Literal(False)):
            return fragment
        if not isinstance(force, Literal):
            said = "`force_delete` is known only when the DAG runs: the objects are deleted"
            report.row("force_delete", task.span, f"task:{task.id}", Disposition.DECISION, said, task=task.id)
        bucket = task.argument("bucket_name") or Literal(None)
        states: dict[str, Mapping[str, Any]] = listed_deletion(bucket, None, (), "empty", Ref(MAIN))
        listed = {**states["list"], "Catch": fragment.states[MAIN]["Catch"]}
        return replace(fragment, states={**states, "list": listed, **fragment.states}, entry="list")

    return replace(integration, to_asl=to_asl)


def _tag_set(value: Value) -> Any:
    return mapping([("TagSet", TAGS.to_asl(value))])


def _from_tag_set(value: Value) -> Value:
    fields = dict(members(value))
    if fields.keys() != {"TagSet"}:
        raise ValueError("more than TagSet")
    return TAGS.to_airflow(fields["TagSet"])


def _one_tag(integration: Integration) -> Integration:
    """One tag may be given as ``key`` and ``value``, beside others."""

    def to_asl(task: Task, report: Report) -> Fragment:
        fragment = integration.to_asl(task, report)
        key, value = task.argument("key"), task.argument("value")
        if key in (None, Literal(None)) or value in (None, Literal(None)):
            return fragment
        state = fragment.states[MAIN]
        one = {"Key": key, "Value": value}
        if "Tagging" in state.get("Arguments", {}):
            said = "`key` and `value` beside `tag_set`: put the tag into `tag_set`"
            report.row("key", task.span, f"task:{task.id}", Disposition.DECISION, said, task=task.id)
            return fragment
        arguments = {**state.get("Arguments", {}), "Tagging": {"TagSet": [one]}}
        return replace(fragment, states={**fragment.states, MAIN: {**state, "Arguments": arguments}})

    return replace(integration, to_asl=to_asl)


create_bucket = _in_region(
    table(
        AMAZON + "s3.S3CreateBucketOperator",
        "aws-sdk:s3:createBucket",
        NAME,
        Field("bucket_namespace", "BucketNamespace"),
        tolerates=IS_THERE,
        required={"bucket_name": None},
        aliases=(OLD + "S3CreateBucketOperator",),
    )
)
delete_bucket = _emptying(
    table(
        AMAZON + "s3.S3DeleteBucketOperator",
        "aws-sdk:s3:deleteBucket",
        NAME,
        tolerates=IS_GONE,
        dropped={"force_delete": "states before it empty the bucket"},
        harmless={"force_delete": False},
        required={"bucket_name": None},
        aliases=(OLD + "S3DeleteBucketOperator",),
    )
)
get_tagging = table(
    AMAZON + "s3.S3GetBucketTaggingOperator",
    "aws-sdk:s3:getBucketTagging",
    NAME,
    result="$states.result.TagSet",
    required={"bucket_name": None},
    aliases=(OLD_TAGGING + "S3GetBucketTaggingOperator",),
)
put_tagging = _one_tag(
    table(
        AMAZON + "s3.S3PutBucketTaggingOperator",
        "aws-sdk:s3:putBucketTagging",
        NAME,
        Field("tag_set", "Tagging", Codec(_tag_set, _from_tag_set)),
        dropped={"key": "it is a member of TagSet", "value": "it is a member of TagSet"},
        required={"bucket_name": None},
        aliases=(OLD_TAGGING + "S3PutBucketTaggingOperator",),
    )
)
delete_tagging = table(
    AMAZON + "s3.S3DeleteBucketTaggingOperator",
    "aws-sdk:s3:deleteBucketTagging",
    NAME,
    tolerates=IS_GONE,
    required={"bucket_name": None},
    aliases=(OLD_TAGGING + "S3DeleteBucketTaggingOperator",),
)
