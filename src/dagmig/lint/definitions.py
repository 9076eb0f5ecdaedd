"""Where a template's resource has its machine: an object, a text, or a file of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from dagmig.asl.load import YAML_SUFFIXES, is_machine, load
from dagmig.asl.model import JSON, Machine
from dagmig.diagnostics import Report, Severity, Span
from dagmig.lint import embedded, framework
from dagmig.lint.embedded import Written
from dagmig.lint.files import MACHINE_SUFFIXES
from dagmig.source import read_text

if TYPE_CHECKING:
    from dagmig.lint.source import Source

OF_FILE = ("DefinitionUri", "DefinitionS3Location")
"""SAM's, and CloudFormation's before ``aws cloudformation package`` uploads the file."""
NAMES = re.compile(r"\$\{([^${}]+)\}")
OF_SERVERLESS = re.compile(r"\$\{file\(([^()${}:]+)\)\}")
"""https://www.serverless.com/framework/docs/guides/variables/file"""


def definition(template: Machine, properties: Mapping[str, JSON], at: str, source: Source) -> Machine | None:
    """The machine of the resource whose properties stand at ``at``; None where it is not literal."""
    inline = properties.get("Definition", properties.get("definition"))
    if isinstance(inline, str) and (named := OF_SERVERLESS.fullmatch(inline)) is not None:
        return of_file(named[1], template.locate(f"{at}/definition"), {}, source)
    if (held := framework.place(inline, template.document)) and is_machine(
        known := framework.resolved(inline, template.document)
    ):
        return inside(template, known, held)
    if is_machine(inline):
        key = "Definition" if "Definition" in properties else "definition"
        return inside(template, inline, f"{at}/{key}")
    given = properties.get("DefinitionSubstitutions")
    values: Mapping[str, JSON] = given if isinstance(given, dict) else {}
    text = properties.get("DefinitionString")
    if text is not None:
        return _of_text(template, text, f"{at}/DefinitionString", values, source)
    for name in OF_FILE:
        uri = properties.get(name)
        if isinstance(uri, str):
            return of_file(uri, template.locate(f"{at}/{name}"), values, source)
    return None


def inside(template: Machine, document: Mapping[str, JSON], place: str) -> Machine:
    """A machine that is an object in the file."""

    def locate(pointer: str, key: bool = False) -> Span:
        return template.locate(place + pointer, key)

    return Machine(document, template.file, locate)


def _of_text(
    template: Machine, value: JSON, at: str, values: Mapping[str, JSON], source: Source
) -> Machine | None:
    """A text, ``Fn::Sub`` of one, or ``Fn::Join`` of some with references between; what is no machine is
    said only where the text is without variables.
    """
    written = _written(template, value, at, source.text)
    if written is None or not ("StartAt" in written.text and "States" in written.text):
        return None
    sub = value.get("Fn::Sub") if isinstance(value, dict) else value
    if isinstance(sub, list) and len(sub) > 1 and isinstance(sub[1], dict):
        values = {**values, **sub[1]}
    report = source.report if isinstance(value, str) and "${" not in written.text else Report()
    pointer = template.locate(at).pointer
    found = embedded.machine(written, values, source.text, source.file, pointer, report)
    return found if found is not None and is_machine(found.document) else None


def _written(template: Machine, value: JSON, at: str, text: str) -> Written | None:
    if isinstance(value, str):
        span = template.locate(at)
        return embedded.scalar(value, text, *_offsets(span, text))
    if isinstance(value, dict) and len(value) == 1:
        ((name, inner),) = value.items()
        if name == "Fn::Sub":
            return _written(template, inner, f"{at}/Fn::Sub", text)
        return _joined(template, inner, f"{at}/Fn::Join", text) if name == "Fn::Join" else None
    if isinstance(value, list) and len(value) == 2:  # the short forms !Sub and !Join
        if isinstance(value[1], list):
            return _joined(template, value, at, text)
        return _written(template, value[0], f"{at}/0", text)
    return None


def _joined(template: Machine, value: JSON, at: str, text: str) -> Written | None:
    """The parts of ``Fn::Join``; a reference between them is ``${Name}``."""
    if not isinstance(value, list) or len(value) != 2 or not isinstance(value[1], list):
        return None
    whole: Written | None = None
    for index, part in enumerate(value[1]):
        start, end = _offsets(template.locate(f"{at}/1/{index}"), text)
        said = value[0] if index and isinstance(value[0], str) else ""
        between = Written(said, (start,) * (len(said) + 1))
        name = reference(_long(part, text[start:end]))
        one = (
            Written(name, (start,) * len(name) + (end,)) if name else embedded.scalar(part, text, start, end)
        )
        whole = one if whole is None else whole + between + one
    return whole


_TAG = re.compile(r"!(\w+)\s")


def _long(part: JSON, written: str) -> JSON:
    """A part of ``Fn::Join`` with the function that a tag of YAML is short for."""
    tag = _TAG.match(written)
    if tag is None:
        return part
    return {tag[1] if tag[1] == "Ref" else f"Fn::{tag[1]}": part}


def reference(part: JSON) -> str:
    """A function of CloudFormation as a text with ``${Name}``; empty for anything else."""
    if not isinstance(part, dict) or len(part) != 1:
        return "" if isinstance(part, str) else "${?}"
    ((function, given),) = part.items()
    parts = given if isinstance(given, list) else [given]
    match function, parts:
        case "Fn::Sub", [str() as text, *_]:
            return text
        case (("Ref" | "Fn::GetAtt"), _):
            return "${" + ".".join(map(str, parts)) + "}"
    return f"${{{function.removeprefix('Fn::')} {re.sub(r'[^A-Za-z0-9:-]+', ' ', str(given)).strip()}}}"


def references(value: JSON) -> Iterator[str]:
    """The names of the ``${Name}`` that functions of CloudFormation between texts become."""
    parts = value.get("Fn::Join") if isinstance(value, dict) else value
    if isinstance(parts, list) and len(parts) == 2 and isinstance(parts[1], list):
        yield from (name for part in parts[1] for name in NAMES.findall(reference(part)))


def of_file(
    uri: str, span: Span, values: Mapping[str, JSON], source: Source, *, is_here: bool = True
) -> Machine | None:
    """A file beside the template or below it; none outside its folder is read.

    Where not ``is_here``, the name may be that of a file elsewhere.
    """
    folder = Path(source.file).absolute().parent
    path = Path(source.file).parent / uri
    if "://" in uri or not uri:
        return None
    if not path.resolve().is_relative_to(folder.resolve()):
        said = f"the definition `{uri}` is outside of the template's folder and is not read"
        source.report.add("definition-not-read", said, span, Severity.INFO)
        return None
    report = Report()
    text = read_text(path, report)
    if text is None:
        for one in report:
            source.report.add("definition-not-read", f"`{uri}` {one.message}", span, Severity.WARNING)
        if is_here and uri.endswith(MACHINE_SUFFIXES) and "$" not in uri and folder.is_dir():
            source.unread[uri] = span
        return None
    source.beside[str(path)] = text
    found = load(text, str(path), report)
    if found is None and not uri.endswith(YAML_SUFFIXES):
        found = embedded.machine(Written.slice(text, 0, len(text)), values, text, str(path), "", report)
    return found if found is not None and is_machine(found.document) else None


def _offsets(span: Span, text: str) -> tuple[int, int]:
    lines = text.split("\n")
    before = sum(len(line) + 1 for line in lines[: span.line - 1])
    until = before + sum(len(line) + 1 for line in lines[span.line - 1 : span.end_line - 1])
    return before + span.column - 1, until + span.end_column - 1
