"""The edits that fixes are made of."""

from __future__ import annotations

import ast

from dagmig.diagnostics import Edit, Fix, Span
from dagmig.lint.source import Source
from dagmig.lint.spelling import quoted, respelled


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
    """Write another name where a machine holds ``old``; None where it is not there."""
    return _respelled(source, value, old, new, is_safe=False)


def rewritten(source: Source, value: Span, expected: object, new: object) -> Fix | None:
    """Write another value where a machine holds ``expected``; None where it is not there. A safe fix."""
    return _respelled(source, value, expected, new, is_safe=True)


def _respelled(source: Source, value: Span, old: object, new: object, is_safe: bool) -> Fix | None:
    if value.file != source.file:
        return None
    start, end = offset(source, value.line, value.column), offset(source, value.end_line, value.end_column)
    written = source.text[start:end]
    if source.language == "hcl" and written == old and not str(new).isidentifier():
        spelled: str | None = quoted(new)  # a key that needs quotes
    else:
        spelled = respelled(written, old, new)
    return Fix((Edit(start, end, spelled),), is_safe) if spelled is not None else None


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
