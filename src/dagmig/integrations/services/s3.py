"""Objects in Amazon S3: copy, write, list, delete.

https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html; ``operators/s3.py`` and
``S3Hook`` of the amazon provider.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from urllib.parse import unquote

from dagmig.diagnostics import Disposition, Report, Span
from dagmig.graph import jinja
from dagmig.graph.model import Call, Task
from dagmig.graph.values import Items, Literal, Template, Value
from dagmig.integrations import Integration, contents
from dagmig.integrations.aws import AMAZON
from dagmig.integrations.fragment import AFTER, MAIN, Expression, Fragment, Projection, Ref
from dagmig.integrations.s3 import (
    PAGE,
    SDK,
    copy_source,
    given,
    listing,
    located,
    prefix_of,
    turning,
    wildcard,
)
from dagmig.integrations.s3_deletion import KEYS, any_key, deletion, listed_deletion
from dagmig.integrations.spelling import items, mapping, members, sequence
from dagmig.integrations.table import AWS_BASE, account

NOTED, DECISION = Disposition.NOTED, Disposition.DECISION
OPERATORS = AMAZON + "s3."
OLD = "airflow.providers.amazon.aws.operators."
COPY = {
    "acl_policy": "Acl",
    "meta_data_directive": "MetadataDirective",
    "kms_key_id": "SsekmsKeyId",
    "kms_encryption_type": "ServerSideEncryption",
}
COPY_PLACES = {"source_bucket_key", "source_bucket_name", "dest_bucket_key", "dest_bucket_name"}
BATCH = 1000  # keys in one DeleteObjects
NEVER = Literal("*")  # IfNoneMatch: only where there is no such object


def _copy(task: Task, report: Report) -> Fragment:
    account(task, {*COPY, *COPY_PLACES, "source_version_id"}, AWS_BASE, "aws-sdk:s3:copyObject", report)
    source = located(task, "source_bucket_key", "source_bucket_name", report)
    bucket, key = located(task, "dest_bucket_key", "dest_bucket_name", report)
    version = task.argument("source_version_id")
    arguments = {"Bucket": bucket, "Key": key, "CopySource": copy_source(source, version)}
    return _task("copyObject", {**arguments, **given(task, COPY)})


def _copy_back(resource: str, parameters: Mapping[str, Value], span: Span, report: Report) -> Call:
    back = {"Bucket": "dest_bucket_name", "Key": "dest_bucket_key", **{v: k for k, v in COPY.items()}}
    found = {} if "CopySource" not in parameters else _source_back(parameters["CopySource"], span, report)
    rest = {name: value for name, value in parameters.items() if name != "CopySource"}
    return Call(OPERATORS + "S3CopyObjectOperator", {**found, **_back(rest, back, span, report)})


def _source_back(value: Value, span: Span, report: Report) -> dict[str, Value]:
    text = value.value if isinstance(value, Literal) else None
    if not isinstance(text, str) or "/" not in text.lstrip("/"):
        said = "`CopySource` is known only when the machine runs: give its bucket and its key"
        report.row("parameter-not-translated", span, "", DECISION, said)
        return {"source_bucket_key": value}
    place, _, version = text.lstrip("/").partition("?versionId=")
    bucket, _, key = place.partition("/")
    found: dict[str, Value] = {
        "source_bucket_name": Literal(bucket),
        "source_bucket_key": Literal(unquote(key)),
    }
    return {**found, "source_version_id": Literal(version)} if version else found


def _create(task: Task, report: Report) -> Fragment:
    known = {"s3_bucket", "s3_key", "data", "replace", "encrypt", "acl_policy", "encoding", "compression"}
    account(task, known, AWS_BASE, "aws-sdk:s3:putObject", report)
    bucket, key = located(task, "s3_key", "s3_bucket", report)
    arguments = {"Bucket": bucket, "Key": key, **given(task, {"acl_policy": "Acl"})}
    try:
        body = contents.node(task, "data", report)
    except ValueError:
        return contents.untranslated(task, "data", report)
    if body is not None:
        arguments["Body"] = body
    if task.argument("replace") != Literal(True):
        arguments["IfNoneMatch"] = NEVER
    if task.argument("encrypt") == Literal(True):
        arguments["ServerSideEncryption"] = Literal("AES256")
    for name, harmless in (("encoding", (None, "utf-8", "utf8", "UTF-8")), ("compression", (None,))):
        value = task.argument(name)
        if value is not None and value not in [Literal(one) for one in harmless]:
            _open(task, name, "the state writes plain text in UTF-8", report)
    return _task("putObject", arguments)


def _create_back(resource: str, parameters: Mapping[str, Value], span: Span, report: Report) -> Call:
    back = {"Bucket": "s3_bucket", "Key": "s3_key", "Body": "data", "Acl": "acl_policy"}
    rest = {name: value for name, value in parameters.items() if (name, value) != ("IfNoneMatch", NEVER)}
    encrypts = rest.get("ServerSideEncryption") == Literal("AES256")
    if encrypts:
        del rest["ServerSideEncryption"]
    found = {"s3_key": Literal(None), "data": Literal(""), **_back(rest, back, span, report)}
    flags = {"replace": len(rest) + encrypts == len(parameters), "encrypt": encrypts}
    return Call(
        OPERATORS + "S3CreateObjectOperator", {**found, **{k: Literal(v) for k, v in flags.items() if v}}
    )


def _list(task: Task, report: Report) -> Fragment:
    known = {"bucket", "prefix", "delimiter", "apply_wildcard"}
    account(task, known, AWS_BASE, "aws-sdk:s3:listObjectsV2", report)
    bucket, prefix = task.argument("bucket"), task.argument("prefix")
    keys = f"{PAGE}.Contents.Key"
    if task.argument("apply_wildcard") == Literal(True):
        text = prefix.value if isinstance(prefix, Literal) else None
        if isinstance(text, str) and isinstance(jinja.parse(text), Literal):
            prefix, keys = Literal(prefix_of(text)), f"{PAGE}.Contents[$contains(Key, {wildcard(text)})].Key"
        else:
            _open(task, "apply_wildcard", "the pattern is known only when the DAG runs", report)
    said = "the keys must fit into a state's 256 KiB"
    report.row("return_value", task.span, f"task:{task.id}", NOTED, said, task=task.id)
    delimiter = task.argument("delimiter")
    first = {
        **listing(bucket, prefix, delimiter),
        "Assign": {":keys": Expression.of(f"[{keys}]"), **turning()},
    }
    added = {":keys": Expression.of(f"$append($:keys, [{keys}])"), **turning()}
    following = {**listing(bucket, prefix, delimiter, "$:token"), "Assign": added}
    more = [{"Condition": Expression.of("$:more"), "Next": Ref("next page")}]
    states = {
        MAIN: {**first, "Output": {}, "Next": Ref("more?")},
        "more?": {"Type": "Choice", "Choices": more, "Default": Ref("listed")},
        "next page": {**following, "Output": {}, "Next": Ref("more?")},
        "listed": {"Type": "Pass"},
    }
    return Fragment(states, {"return_value": Projection("listed", Expression.of("$:keys"))})


def _list_back(resource: str, parameters: Mapping[str, Value], span: Span, report: Report) -> Call:
    back = {"Bucket": "bucket", "Prefix": "prefix", "Delimiter": "delimiter"}
    return Call(OPERATORS + "S3ListOperator", _back(parameters, back, span, report))


def _delete(task: Task, report: Report) -> Fragment:
    known = {"bucket", "keys", "prefix", "from_datetime", "to_datetime"}
    account(task, known, AWS_BASE, "aws-sdk:s3:deleteObjects", report)
    keys, bucket = task.argument("keys"), task.argument("bucket")
    match keys:
        case None | Literal(None):
            return _delete_listed(task, bucket)
        case Literal(str()) | Template():
            return _task("deleteObject", {"Bucket": bucket, "Key": keys})
        case Literal([str()]):
            return _task("deleteObject", {"Bucket": bucket, "Key": Literal(keys.value[0])})
        case Literal([]) | Literal(()):
            return Fragment({MAIN: {"Type": "Pass"}})
        case Literal(list() | tuple()) | Items():
            named = items(keys)
            if len(named) > BATCH:
                _open(task, "keys", f"one call deletes at most {BATCH} keys", report)
            objects = sequence(mapping([("Key", key)]) for key in named)
            return Fragment(deletion(MAIN, bucket, objects, AFTER))
    array = ("$type(", keys, ") = 'array' ? ", keys, " : [", keys, "]")
    start = {"Type": "Pass", "Assign": {":keys": Expression.of(*array)}, "Output": {}, "Next": Ref("any?")}
    return Fragment(
        {"keys": start, "any?": any_key(MAIN, AFTER), **deletion(MAIN, bucket, KEYS, AFTER)}, entry="keys"
    )


def _delete_listed(task: Task, bucket: Value | None) -> Fragment:
    """All objects with a prefix; those last changed after one date and up to another."""
    conditions: list[str | Value] = []
    for name, sign in (("from_datetime", ">"), ("to_datetime", "<=")):
        value = task.argument(name)
        if value is not None and value != Literal(None):
            conditions += [" and " if conditions else "", f"$toMillis(LastModified) {sign} ", *_millis(value)]
    filtered = ("[", *conditions, "]") if conditions else ()
    return Fragment(listed_deletion(bucket, task.argument("prefix"), filtered, MAIN, AFTER), entry="list")


def _millis(value: Value) -> tuple[str | Value, ...]:
    """A date as JSONata milliseconds; the operator takes a text without a zone as UTC."""
    match value:
        case Literal(datetime() | date() as moment):
            return (f"$toMillis('{moment.isoformat()}')",)
    return ("$toMillis(", value, ")")


def _delete_back(resource: str, parameters: Mapping[str, Value], span: Span, report: Report) -> Call:
    rest, back = dict(parameters), {"Bucket": "bucket", "Key": "keys"}
    if "Delete" in rest:
        try:
            objects = [dict(members(one)) for one in items(dict(members(rest["Delete"]))["Objects"])]
            if any(one.keys() != {"Key"} for one in objects):
                raise ValueError("versions of objects")
            rest["Key"] = sequence(one["Key"] for one in objects)
            del rest["Delete"]
        except (ValueError, KeyError):
            said = "`Delete` is not a list of keys that is known"
            report.row("parameter-not-translated", span, "", DECISION, said)
    return Call(OPERATORS + "S3DeleteObjectsOperator", _back(rest, back, span, report))


def _task(action: str, arguments: Mapping[str, Any]) -> Fragment:
    return Fragment({MAIN: {"Type": "Task", "Resource": SDK + action, "Arguments": arguments}})


def _back(
    parameters: Mapping[str, Value], names: Mapping[str, str], span: Span, report: Report
) -> dict[str, Value]:
    for name in sorted(parameters.keys() - names.keys()):
        said = f"`{name}` is not an argument of the operator"
        report.row("parameter-not-translated", span, "", DECISION, said)
    return {names[name]: value for name, value in parameters.items() if name in names}


def _open(task: Task, construct: str, said: str, report: Report) -> None:
    report.row(construct, task.span, f"task:{task.id}", DECISION, said, task=task.id)


copy_object = Integration(
    OPERATORS + "S3CopyObjectOperator",
    (SDK + "copyObject",),
    _copy,
    _copy_back,
    (
        OLD + "s3_copy_object.S3CopyObjectOperator",
        "airflow.contrib.operators.s3_copy_object_operator.S3CopyObjectOperator",
    ),
)
create_object = Integration(OPERATORS + "S3CreateObjectOperator", (SDK + "putObject",), _create, _create_back)
list_objects = Integration(
    OPERATORS + "S3ListOperator",
    (SDK + "listObjectsV2",),
    _list,
    _list_back,
    (OLD + "s3_list.S3ListOperator", "airflow.contrib.operators.s3_list_operator.S3ListOperator"),
)
delete_objects = Integration(
    OPERATORS + "S3DeleteObjectsOperator",
    (SDK + "deleteObject", SDK + "deleteObjects"),
    _delete,
    _delete_back,
    (
        OLD + "s3_delete_objects.S3DeleteObjectsOperator",
        "airflow.contrib.operators.s3_delete_objects_operator.S3DeleteObjectsOperator",
    ),
)
