"""What a distributed Map needs: to run its items, to read them, and to write what they give.

https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dagmig.asl.fields import JSONATA
from dagmig.asl.model import JSON, State
from dagmig.asl.resource import parse
from dagmig.lint.machine import maps
from dagmig.lint.machine.iam.need import HERE, Allowed, Condition, of_kind
from dagmig.lint.machine.iam.texts import OPEN, known

_S3 = "arn:${AWS::Partition}:s3:::"
_WRITES = ("s3:PutObject", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:AbortMultipartUpload")


def of_map(state: State, machine: str) -> Iterator[Allowed]:
    """What a Map of a machine of that name needs, nothing where it is not distributed."""
    if not maps.is_distributed(state):
        return
    executions = HERE % "states" + f"execution:{machine}/{OPEN}"
    itself = HERE % "states" + f"stateMachine:{machine}"
    yield Allowed("states:StartExecution", (itself,), is_required=True)
    for action in ("states:DescribeExecution", "states:StopExecution", "states:RedriveExecution"):
        yield of_kind(action, executions, HERE % "states" + f"execution:{machine}:{OPEN}")
    yield from _of_reader(state)
    yield from _of_writer(state)


def _arguments(state: State, field: str) -> tuple[str, Mapping[str, JSON] | None]:
    """The action of a reader or writer, and its arguments; None where they are not written out."""
    found = state.fields.get(field)
    if not isinstance(found, dict):
        return "", None
    text = found.get("Resource")
    given = found.get("Arguments" if state.query_language == JSONATA else "Parameters")
    return parse(text).action if isinstance(text, str) else "", given if isinstance(given, dict) else None


def _text(given: Mapping[str, JSON] | None, name: str, absent: str = OPEN) -> str:
    if given is None or f"{name}.$" in given:
        return OPEN
    return known(given[name]) if name in given else absent


def _of_reader(state: State) -> Iterator[Allowed]:
    action, given = _arguments(state, "ItemReader")
    bucket = f"{_S3}{_text(given, 'Bucket')}"
    configuration = state.fields["ItemReader"].get("ReaderConfig") if action else None
    if action == "getObject":
        yield of_kind("s3:GetObject", f"{bucket}/{_text(given, 'Key')}", is_required=True)
        if isinstance(configuration, dict) and configuration.get("InputType") == "MANIFEST":
            yield of_kind("s3:GetObject", f"{bucket}/{OPEN}")  # the objects that the manifest lists
    elif action == "listObjectsV2":
        prefix = _text(given, "Prefix", "")
        begins: Condition = ("StringLike", "s3:prefix", (f"{prefix.rstrip(OPEN)}{OPEN}",))
        conditions = (begins,) if prefix.rstrip(OPEN) else ()
        yield Allowed("s3:ListBucket", (bucket,), of_kind("", bucket).why, conditions, is_required=True)
        if isinstance(configuration, dict) and "Transformation" in configuration:
            yield of_kind("s3:GetObject", f"{bucket}/{prefix.rstrip(OPEN)}{OPEN}")


def _of_writer(state: State) -> Iterator[Allowed]:
    action, given = _arguments(state, "ResultWriter")
    if action == "putObject":
        prefix = _text(given, "Prefix", "").strip("/").rstrip(OPEN)
        where = f"{_S3}{_text(given, 'Bucket')}/{prefix}{'/' if prefix else ''}{OPEN}"
        for one in _WRITES:
            yield of_kind(one, where, is_required=one == "s3:PutObject")
