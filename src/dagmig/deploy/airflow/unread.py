"""The machines of a template that cannot be converted, as their definition is somewhere else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dagmig.asl.model import Machine, escape
from dagmig.asl.places import spans
from dagmig.deploy.airflow import serverless
from dagmig.diagnostics import Severity, Span
from dagmig.lint import hcl
from dagmig.lint.source import Source, Subject
from dagmig.lint.template import MACHINE_TYPES
from dagmig.lint.terraform import KIND as TERRAFORM

JSON = Any


def say_others(subjects: Sequence[Subject], template: Machine | None, source: Source) -> None:
    """The machines of a template whose definition is somewhere else."""
    if template is None:
        read = {subject.pointer.split("/")[2] for subject in subjects if subject.pointer}
        span = spans(source.text, source.file)
        others = {
            name: span(place, place)
            for name, place in hcl.attributes(source.text, TERRAFORM, "definition")
            if f"{TERRAFORM}.{name}" not in read
        }
    else:
        others = dict(_others(subjects, template))
    for name, place in others.items():
        why = _why(name, template)
        said = f"the definition of `{name}` cannot be read here{why}: it is not converted"
        source.report.add("definition-not-read", said, place, Severity.WARNING)


def _why(name: str, template: Machine | None) -> str:
    """Why a definition cannot be read, where that is plain."""
    resource = resources(template.document).get(name) if template is not None else None
    properties = resource.get("Properties") if isinstance(resource, dict) else None
    if not isinstance(properties, dict):
        return ""
    for key in ("DefinitionS3Location", "DefinitionUri"):
        place = properties.get(key)
        if isinstance(place, dict) or (isinstance(place, str) and "://" in place):
            return " (it is in S3)"
    given = properties.get("DefinitionString", properties.get("Definition"))
    if isinstance(given, dict) and len(given) == 1 and (function := next(iter(given))).startswith("Fn::"):
        return f" (it is what `{function}` gives)"
    return ""


def _others(subjects: Sequence[Subject], template: Machine) -> Iterator[tuple[str, Span]]:
    read = {subject.pointer for subject in subjects}
    inner = "/resources" if isinstance(template.document.get("resources"), dict) else ""
    for name, resource in resources(template.document).items():
        kind = resource.get("Type") if isinstance(resource, dict) else None
        at = f"/Resources/{escape(name)}"
        if kind in MACHINE_TYPES and f"{at}/Properties" not in read:
            yield name, template.locate(inner + at, True)
    names = {of_framework(subject, template.document) for subject in subjects}
    for name in serverless.section(template.document):
        if name not in names:
            yield name, template.locate(f"{serverless.AT}/{escape(name)}", True)
    if serverless.is_elsewhere(template.document):
        yield "stateMachines", template.locate(serverless.AT, True)


def resources(document: Mapping[str, JSON]) -> Mapping[str, JSON]:
    """Those of a template, or of the part of CloudFormation in a file of the Serverless Framework."""
    inner = document.get("resources")
    found = (inner if isinstance(inner, dict) else document).get("Resources")
    return found if isinstance(found, dict) else {}


def of_framework(subject: Subject, document: Mapping[str, JSON]) -> str | None:
    """The machine of the Serverless Framework that it is."""
    parts = subject.pointer.split("/")
    name = parts[3].replace("~1", "/").replace("~0", "~") if len(parts) == 4 else ""
    return (
        name if subject.pointer.startswith(serverless.AT) and name in serverless.section(document) else None
    )
