"""The edits that fixes are made of."""

from __future__ import annotations

import json

from dagmig.diagnostics import Edit, Fix, Span
from dagmig.lint.source import Source


def with_argument(source: Source, call: Span, argument: str, *, among: str = "") -> Fix | None:
    """Give the call at ``call`` one more argument, after its last; unsafe, as it changes what the call does.

    None where no call stands there, or none that has the keyword argument ``among``.
    """
    for node in source.tree.find_all(kind="call"):
        given = node.field("arguments")
        if given is None or given.kind() != "argument_list" or source.span(node) != _bare(call):
            continue
        members = [child for child in given.children() if child.is_named() and child.kind() != "comment"]
        if not members or (among and not any(m.text().startswith(f"{among}=") for m in members)):
            return None
        last = members[-1].range()
        is_below = last.start.line > node.range().start.line
        gap = "\n" + " " * _indent(source, last.start.line) if is_below else " "
        return Fix((Edit(last.end.index, last.end.index, f",{gap}{argument}"),), safe=False)
    return None


def renamed(source: Source, value: Span, old: str, new: str) -> Fix | None:
    """Write another name where a JSON or YAML file holds ``old`` as a value; None where it is not there."""
    lines = source.text.split("\n")
    if value.end_line != value.line or value.line > len(lines):
        return None
    written = lines[value.line - 1][value.column - 1 : value.end_column - 1]
    spelled = {json.dumps(old): json.dumps(new), f'"{old}"': json.dumps(new, ensure_ascii=False), old: new}
    if written not in spelled or (written == old and not new.replace(" ", "_").isidentifier()):
        return None
    start = sum(len(line) + 1 for line in lines[: value.line - 1]) + value.column - 1
    return Fix((Edit(start, start + len(written), spelled[written]),), safe=False)


def _bare(span: Span) -> Span:
    return Span(span.file, span.line, span.column, span.end_line, span.end_column)


def _indent(source: Source, line: int) -> int:
    text = source.text.split("\n")[line]
    return len(text) - len(text.lstrip())
