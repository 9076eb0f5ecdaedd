"""The place of a part of a text: columns inside an expression."""

from __future__ import annotations

import json
import re

from dagmig.diagnostics import Span
from dagmig.lint.source import Source, Subject

_PIECE = re.compile(r"\\u[0-9a-fA-F]{4}|\\.|.", re.DOTALL)


def inside(source: Source, subject: Subject, pointer: str, text: str, start: int, length: int = 1) -> Span:
    """The span of ``length`` characters of the text at ``pointer``, from its ``start``-th on (from 0).

    The whole text's span where its characters cannot be told apart in the file, as in a folded YAML text.
    """
    span = subject.machine.locate(pointer)
    lines = source.text.split("\n")
    if span.line != span.end_line or span.line > len(lines):
        return span
    raw = lines[span.line - 1][span.column - 1 : span.end_column - 1]
    quote = raw[:1]
    if quote == '"':
        try:
            if json.loads(raw) != text:
                return span
        except ValueError:
            return span
        pieces = [piece[0] for piece in _PIECE.finditer(raw[1:-1])]
    elif raw in (text, f"'{text}'"):
        pieces = list(text)
    else:
        return span
    first = min(start, max(len(pieces) - 1, 0))
    left = span.column + (quote in "\"'") + sum(map(len, pieces[:first]))
    width = sum(map(len, pieces[first : first + length]))
    return Span(span.file, span.line, left, span.line, left + max(1, width), pointer)
