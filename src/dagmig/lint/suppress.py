"""``# dagmig: ignore[rule-id] reason`` on a line, or the same without ``#`` in a machine's ``Comment``."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from dagmig.diagnostics import Diagnostic
from dagmig.lint.source import Source

MARK = r"dagmig:\s*ignore\[([\w, -]+)\]"
IN_LINE = re.compile(rf"#\s*{MARK}")
IN_COMMENT = re.compile(MARK)


def unsuppressed(source: Source, found: list[Diagnostic]) -> Iterator[Diagnostic]:
    """The findings nobody silenced: on their first or last line, or at the state or machine around them."""
    if "dagmig:" not in source.text:
        yield from found
        return
    tests = (_in_lines(source), _in_comments(source))
    for diagnostic in found:
        if not any(diagnostic.code in test(diagnostic) for test in tests):
            yield diagnostic


def is_silenced(source: Source, rule: str, line: int) -> bool:
    """Whether a comment on a line of the file silences a rule."""
    lines = source.text.split("\n")
    return "dagmig:" in source.text and rule in _names(IN_LINE, lines[line - 1])


def _names(pattern: re.Pattern[str], text: str) -> set[str]:
    return {name.strip() for found in pattern.findall(text) for name in found.split(",")}


def _in_lines(source: Source) -> Callable[[Diagnostic], set[str]]:
    lines = source.text.split("\n")

    def names(diagnostic: Diagnostic) -> set[str]:
        span = diagnostic.span
        numbers = {span.line, span.end_line or span.line}
        return {n for line in numbers if line <= len(lines) for n in _names(IN_LINE, lines[line - 1])}

    return names


def _in_comments(source: Source) -> Callable[[Diagnostic], set[str]]:
    machines = [(s.machine.locate("").pointer, s.machine) for s in source.subjects]

    def names(diagnostic: Diagnostic) -> set[str]:
        found: set[str] = set()
        for prefix, machine in machines:
            pointer = diagnostic.span.pointer
            if pointer.startswith(prefix):
                found |= _around(machine.document, pointer.removeprefix(prefix))
        return found

    return names


def _around(document: object, pointer: str) -> set[str]:
    """The rules named in the Comments of the objects from the root down to the pointer."""
    found: set[str] = set()
    value = document
    for token in pointer.split("/"):
        key = token.replace("~1", "/").replace("~0", "~")
        if token and isinstance(value, dict):
            value = value.get(key)
        elif token and isinstance(value, list):
            value = value[int(key)] if key.isdigit() and int(key) < len(value) else None
        comment = value.get("Comment") if isinstance(value, dict) else None
        if isinstance(comment, str):
            found |= _names(IN_COMMENT, comment)
    return found
