"""The machines of a Terraform file, where their definition is literal: a here-document, or ``jsonencode``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from dagmig.asl.load import is_machine
from dagmig.asl.model import Machine
from dagmig.asl.places import spans
from dagmig.diagnostics import Report, Span
from dagmig.lint import embedded, hcl
from dagmig.lint.embedded import Written

if TYPE_CHECKING:
    from dagmig.lint.source import Source

KIND = "aws_sfn_state_machine"
ENCODE = re.compile(r"jsonencode\s*\(")


def machines(source: Source) -> Iterator[Machine]:
    """Each with places in the file; a pointer starts with the number of the machine in it."""
    for number, place in enumerate(hcl.attributes(source.text, KIND, "definition")):
        found = _machine(source, place, f"/{KIND}/{number}")
        if found is not None and is_machine(found.document):
            yield found


def _machine(source: Source, place: int, pointer: str) -> Machine | None:
    text = source.text
    if here := hcl.heredoc(text, place):
        written = Written.slice(text, *here)
        report = Report() if "${" in written.text else source.report
        return embedded.machine(written, {}, text, source.file, pointer, report)
    encode = ENCODE.match(text, place)
    if encode is None:
        return None
    try:
        value = hcl.value(text, encode.end())
    except hcl.NotLiteral:
        return None
    span = spans(text, source.file)

    def locate(at: str, key: bool = False) -> Span:
        known = at
        while known not in value.places and known:
            known = known.rpartition("/")[0]
        places = value.places[known]
        found = span(*(places[2:] if key else places[:2]))
        return Span(found.file, found.line, found.column, found.end_line, found.end_column, pointer + at)

    return Machine(value.document, source.file, locate) if isinstance(value.document, dict) else None
