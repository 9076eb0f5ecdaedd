"""The machines of a Terraform file, where their definition is literal, and what the file says beside it.

A definition is a here-document, ``jsonencode``, or a file (``file``, ``templatefile``). Its resources are
seen as those of a template of CloudFormation, as far as rules ask for them.
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/sfn_state_machine
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from dagmig.asl.load import is_machine
from dagmig.asl.model import JSON, Machine, escape
from dagmig.asl.places import spans
from dagmig.diagnostics import Report, Span
from dagmig.lint import embedded, hcl
from dagmig.lint.definitions import of_file
from dagmig.lint.embedded import Written
from dagmig.lint.source import Subject
from dagmig.lint.terraform_roles import Roles

if TYPE_CHECKING:
    from dagmig.lint.source import Source

KIND = "aws_sfn_state_machine"
Spans = Callable[[int, int], Span]
ENCODE = re.compile(r"jsonencode\s*\(")
TEMPLATE_FILE = re.compile(r'\s*templatefile\s*\(\s*"[^"]*"\s*,\s*')
FILE = re.compile(r'(?:templatefile|file)\s*\(\s*"(?:\$\{path\.(?:module|root)\}/)?([^"$%\\]+)"')
_LOGGING = {
    "level": "Level",
    "include_execution_data": "IncludeExecutionData",
    "log_destination": "Destinations",
}
_TYPES: Mapping[str, tuple[str, Mapping[str, str]]] = {
    KIND: (
        "AWS::StepFunctions::StateMachine",
        {
            "type": "StateMachineType",
            "tags": "Tags",
            "logging_configuration": "LoggingConfiguration",
            "tracing_configuration": "TracingConfiguration",
            "encryption_configuration": "EncryptionConfiguration",
        },
    ),
    "aws_cloudwatch_log_group": ("AWS::Logs::LogGroup", {"name": "LogGroupName", "kms_key_id": "KmsKeyId"}),
    "aws_sns_topic": ("AWS::SNS::Topic", {}),
    "aws_sns_topic_subscription": (
        "AWS::SNS::Subscription",
        {"topic_arn": "TopicArn", "protocol": "Protocol"},
    ),
}
_NESTED = {
    "logging_configuration": _LOGGING,
    "tracing_configuration": {"enabled": "Enabled"},
    "encryption_configuration": {"type": "Type", "kms_key_id": "KmsKeyId"},
}
DEFAULT_TAGS = "${default_tags}"  # a provider may give tags to all that it makes, in another file


def subjects(source: Source) -> Iterator[Subject]:
    """Each machine with what the file says of it; places are those of the file."""
    span = spans(source.text, source.file)
    template = _template(source, span)
    arns = {one.name: (one.body or {}).get("role_arn") for one in hcl.blocks(source.text, (KIND,))}
    roles = Roles(source, span)
    for number, (name, place) in enumerate(hcl.attributes(source.text, KIND, "definition")):
        found = _machine(source, span, place, f"/{KIND}/{number}")
        if found is not None and is_machine(found.document):
            known = template.document["Resources"].get(f"{KIND}.{name}", {})
            at = f"/Resources/{escape(f'{KIND}.{name}')}/Properties"
            properties = known.get("Properties")
            role = source.role or roles.of(arns.get(name))
            yield Subject(found, role, properties, at if known else "", template if known else None)


def _template(source: Source, span: Spans) -> Machine:
    """The file as a template; every part of a resource stands at the head of it."""
    heads: dict[str, tuple[int, int]] = {}
    resources: dict[str, JSON] = {}
    for block in hcl.blocks(source.text, _TYPES):
        if block.body is not None:
            name, (kind, names) = f"{block.kind}.{block.name}", _TYPES[block.kind]
            resources[name] = {"Type": kind, "Properties": _properties(block.body, names)}
            heads[escape(name)] = block.head

    def locate(pointer: str, _: bool = False) -> Span:
        parts = pointer.split("/")
        return span(*heads.get(parts[2] if len(parts) > 2 else "", (0, 0)))

    return Machine({"Resources": resources}, source.file, locate)


def _properties(body: Mapping[str, JSON], names: Mapping[str, str]) -> dict[str, JSON]:
    """The arguments of a resource as CloudFormation calls them."""
    found: dict[str, JSON] = {"Tags": DEFAULT_TAGS}
    for own, name in names.items():
        value = body.get(own)
        if isinstance(value, list) and own in _NESTED:  # a block twice: one of them is dynamic
            value = {"dynamic": {}}
        if isinstance(value, dict) and own in _NESTED:
            inner = {key: value[old] for old, key in _NESTED[own].items() if old in value}
            value = {"Fn::dynamic": {}} if "dynamic" in value else inner
        if value is not None:
            found[name] = value
    return found


def filled_in(text: str, place: int) -> dict[str, JSON]:
    """What ``templatefile``, called at a place, fills in, by name; what is no literal is ``${...}``."""
    called = TEMPLATE_FILE.match(text, place)
    try:
        given = hcl.value(text, called.end()).document if called is not None else {}
    except hcl.NotLiteral:
        return {}
    return given if isinstance(given, dict) else {}


def _machine(source: Source, span: Spans, place: int, pointer: str) -> Machine | None:
    text = source.text
    if here := hcl.heredoc(text, place):
        written = Written.slice(text, *here)
        report = Report() if "${" in written.text else source.report
        return embedded.machine(written, {}, text, source.file, pointer, report)
    if (file := FILE.match(text, place)) is not None:
        named = span(file.start(1), file.end(1))
        return of_file(file[1], named, filled_in(text, place), source, is_here="path.module" in file[0])
    encode = ENCODE.match(text, place)
    if encode is None:
        return None
    try:
        value = hcl.value(text, encode.end())
    except hcl.NotLiteral:
        return None

    def locate(at: str, key: bool = False) -> Span:
        known = at
        while known not in value.places and known:
            known = known.rpartition("/")[0]
        places = value.places[known]
        found = span(*(places[2:] if key else places[:2]))
        return Span(found.file, found.line, found.column, found.end_line, found.end_column, pointer + at)

    return Machine(value.document, source.file, locate) if isinstance(value.document, dict) else None
