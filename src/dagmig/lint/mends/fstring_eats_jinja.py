"""The fix of ``fstring-eats-jinja``."""

from __future__ import annotations

import re

from dagmig.diagnostics import Edit, Fix, Span
from dagmig.lint.edit import offset
from dagmig.lint.source import Source
from dagmig.lint.templated import CONTEXT

TEMPLATE = re.compile(r"(?<!\{)\{\{[ \t]+(\w+)[^{}]*[ \t]\}\}(?!\})")


def mend(source: Source, span: Span) -> Fix | None:
    """Four braces for two around each name of the context; unsafe, as the text is then rendered."""
    start, end = offset(source, span.line, span.column), offset(source, span.end_line, span.end_column)
    edits: list[Edit] = []
    for found in TEMPLATE.finditer(source.text, start, end):
        if found[1] in CONTEXT:
            edits.append(Edit(found.start(), found.end(), f"{{{{{found[0]}}}}}"))
    return Fix(tuple(edits), safe=False) if edits else None
