"""The other resources of a template that defines a machine: topics, alarms, log groups, roles.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/resources-section-structure.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from dagmig.asl.model import JSON, escape
from dagmig.diagnostics import Span
from dagmig.lint.source import Subject


class Resource(NamedTuple):
    """A resource of the template; ``pointer`` is the place of its properties."""

    name: str
    type: str
    properties: Mapping[str, JSON]
    pointer: str


def resources(subject: Subject, *types: str) -> Iterator[Resource]:
    """The resources of some types in the machine's template; none where no template defines it."""
    found = subject.template.document.get("Resources") if subject.template else None
    for name, resource in found.items() if isinstance(found, dict) else ():
        if not isinstance(resource, dict) or resource.get("Type") not in types:
            continue
        given = resource.get("Properties")
        properties = given if isinstance(given, dict) else {}
        yield Resource(name, resource["Type"], properties, f"/Resources/{escape(name)}/Properties")


def own(subject: Subject) -> str:
    """The name of the resource that is the machine itself; empty where no template defines it."""
    parts = subject.pointer.split("/")
    return parts[-2].replace("~1", "/").replace("~0", "~") if subject.template and len(parts) > 2 else ""


def is_whole(subject: Subject) -> bool:
    """Whether all resources of the stack are written in the template: no other stack or macro adds some, and
    it is no Terraform file, of which a module has several.
    """
    if subject.template is None or subject.template.file.endswith(".tf"):
        return False
    found = subject.template.document.get("Resources")
    elsewhere = (*resources(subject, "AWS::CloudFormation::Stack", "AWS::Serverless::Application"),)
    return isinstance(found, dict) and not elsewhere and not any(key.startswith("Fn::") for key in found)


def place(subject: Subject, pointer: str, key: bool = False) -> Span:
    """The place of something in the machine's template; of the machine itself where there is none."""
    return (subject.template or subject.machine).locate(pointer, key)


def refers(value: JSON, name: str) -> bool:
    """Whether a value names a resource, by ``Ref``, ``Fn::GetAtt`` or inside of an ``Fn::Sub``."""
    return re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", json.dumps(value)) is not None
