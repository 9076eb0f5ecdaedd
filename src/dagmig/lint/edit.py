"""The edits that fixes are made of."""

from __future__ import annotations

import ast
import json
from collections.abc import Sequence

from dagmig.diagnostics import Edit, Fix, Span
from dagmig.lint.source import Source


def with_argument(source: Source, call: Span, argument: str, *, among: str = "") -> Fix | None:
    """Give the call at ``call`` one more argument, after its last; unsafe, as it changes what the call does.

    None where no call stands there, or none that has the keyword argument ``among``.
    """
    node = source.syntax.call_at(call)
    if node is None or source.syntax.span(node) != _bare(call):
        return None
    members = [*node.args, *node.keywords]
    if not members or (among and not any(one.arg == among for one in node.keywords)):
        return None
    last = max(
        (source.syntax.span(one) for one in members), key=lambda span: (span.end_line, span.end_column)
    )
    is_below = last.line > call.line
    gap = "\n" + " " * _indent(source, last.line - 1) if is_below else " "
    end = offset(source, last.end_line, last.end_column)
    return Fix((Edit(end, end, f",{gap}{argument}"),), safe=False)


def without_argument(source: Source, call: ast.Call, given: ast.keyword) -> Fix | None:
    """Take an argument away, with the comma before it, or after it where it is the first; None for the only
    one.
    """
    syntax = source.syntax
    members = [*call.args, *call.keywords]
    place = members.index(given)
    if place:
        return Fix((Edit(syntax.offset(members[place - 1], end=True), syntax.offset(given, end=True), ""),))
    if len(members) > 1:
        return Fix((Edit(syntax.offset(given), syntax.offset(members[1]), ""),))
    return None


def renamed(source: Source, value: Span, old: str, new: str) -> Fix | None:
    """Write another name where a JSON or YAML file holds ``old`` as a value; None where it is not there."""
    start, end = offset(source, value.line, value.column), offset(source, value.end_line, value.end_column)
    written = source.text[start:end]
    spelled = {json.dumps(old): json.dumps(new), f'"{old}"': json.dumps(new, ensure_ascii=False), old: new}
    if written not in spelled or (written == old and not new.replace(" ", "_").isidentifier()):
        return None
    return Fix((Edit(start, end, spelled[written]),), safe=False)


def rewritten(source: Source, value: Span, expected: object, new: object) -> Fix | None:
    """Write another value where a JSON file holds ``expected``; None where it is not there. A safe fix."""
    start, end = offset(source, value.line, value.column), offset(source, value.end_line, value.end_column)
    try:
        is_there = json.loads(source.text[start:end]) == expected
    except ValueError:
        return None
    return Fix((Edit(start, end, json.dumps(new, ensure_ascii=False)),)) if is_there else None


def after(source: Source, value: Span, expected: object, lines: Sequence[str], lead: str = "") -> Fix | None:
    """Write something after a value of a JSON file, as the next member; None where ``expected`` is not there.

    The first line follows ``lead`` on a new line; all are indented like the line of the value, and by two.
    """
    start, end = offset(source, value.line, value.column), offset(source, value.end_line, value.end_column)
    try:
        if json.loads(source.text[start:end]) != expected:
            return None
    except ValueError:
        return None
    gap = "\n" + " " * (_indent(source, value.line - 1) + (0 if lead else 2))
    return Fix((Edit(end, end, f",{gap}{lead}{gap.join(lines)}"),), safe=False)


def replaced(source: Source, span: Span, text: str, *, safe: bool = False) -> Fix:
    """Write something else where ``span`` is."""
    start, end = offset(source, span.line, span.column), offset(source, span.end_line, span.end_column)
    return Fix((Edit(start, end, text),), safe)


def timedelta_name(source: Source) -> str | None:
    """How the file writes ``datetime.timedelta``; None where it does not import it."""
    for name, qualified in source.syntax.imports.items():
        if qualified == "datetime.timedelta":
            return name
        if qualified == "datetime":
            return f"{name}.timedelta"
    return None


def offset(source: Source, line: int, column: int) -> int:
    """The place in the text (from 0) of a line and column (from 1)."""
    return source.starts[line - 1] + column - 1


def _bare(span: Span) -> Span:
    return Span(span.file, span.line, span.column, span.end_line, span.end_column)


def _indent(source: Source, line: int) -> int:
    text = source.lines[line]
    return len(text) - len(text.lstrip())
