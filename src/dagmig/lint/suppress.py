"""``# dagmig: ignore[rule-id] reason`` on a line, or the same without ``#`` in a machine's ``Comment``."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from dagmig.diagnostics import Diagnostic, Edit, Fix, Span
from dagmig.lint.source import Source

MARK = r"dagmig:\s*ignore\[([\w, -]+)\]"
IN_LINE = re.compile(rf"#\s*{MARK}")
IN_COMMENT = re.compile(MARK)


@dataclass
class Mark:
    """A place that silences rules: ``scope`` is the number of the line that it is about, or the pointer of a
    state or machine.

    ``used`` are those of the names that a finding had.
    """

    names: tuple[str, ...]
    scope: int | str
    span: Span
    used: set[str] = field(default_factory=set)

    def is_around(self, span: Span) -> bool:
        return span.file == self.span.file and f"{span.pointer}/".startswith(f"{self.scope}/")


@dataclass
class Marks:
    """Those of one file."""

    source: Source

    @cached_property
    def members(self) -> list[Mark]:
        beside = [Source(text, file, "machine") for file, text in self.source.beside.items()]
        sources = [one for one in (self.source, *beside) if "dagmig:" in one.text]
        in_lines = [mark for one in sources for mark in _in_lines(one)]
        return [*in_lines, *(_in_comments(self.source) if sources else ())]

    @cached_property
    def on_lines(self) -> Mapping[tuple[str, int], list[Mark]]:
        found: dict[tuple[str, int], list[Mark]] = {}
        for mark in self.members:
            if isinstance(mark.scope, int):
                found.setdefault((mark.span.file, mark.scope), []).append(mark)
        return found

    def unsuppressed(self, found: list[Diagnostic]) -> Iterator[Diagnostic]:
        """The findings nobody silenced: on their first or last line, or at the state or machine around."""
        if not self.members:
            yield from found
            return
        around = [mark for mark in self.members if isinstance(mark.scope, str)]
        for diagnostic in found:
            span = diagnostic.span
            lines = {span.line, span.end_line}
            beside = [mark for line in lines for mark in self.on_lines.get((span.file, line), ())]
            at = [mark for mark in beside if diagnostic.code in mark.names]
            at += [mark for mark in around if diagnostic.code in mark.names and mark.is_around(span)]
            for mark in at:
                mark.used.add(diagnostic.code)
            if not at:
                yield diagnostic

    def silenced(self, line: int) -> frozenset[str]:
        """The rules that a comment on a line of the file silences."""
        marks = self.on_lines.get((self.source.file, line), ())
        return frozenset(name for mark in marks for name in mark.names)

    def unused(self, ran: Collection[str]) -> Iterator[tuple[Mark, tuple[str, ...]]]:
        """The marks with names, of rules that ``ran`` or of none there is, that no finding had."""
        for mark in self.members:
            names = tuple(name for name in mark.names if name in ran and name not in mark.used)
            if names:
                yield mark, names


def without(source: Source, mark: Mark, names: Collection[str]) -> Fix | None:
    """Take names out of a comment, and all of it where none is left; None for one that is more than that."""
    if mark.span.file != source.file:
        return None
    if not isinstance(mark.scope, int):
        return _without_member(source, mark, names)
    starts = source.starts[mark.span.line - 1]
    line = source.lines[mark.span.line - 1]
    found = next((one for one in IN_LINE.finditer(line) if one.start() == mark.span.column - 1), None)
    if found is None:
        return None
    kept = [name for name in mark.names if name not in names]
    if kept:
        return Fix((Edit(starts + found.start(1), starts + found.end(1), ", ".join(kept)),))
    following = IN_LINE.search(line, found.end())
    end = following.start() if following else len(line)
    start = found.start() if following else len(line[: found.start()].rstrip())
    if not line[: found.start()].strip() and not following:  # a line of its own
        return Fix((Edit(max(0, starts - 1), starts + end, ""),))
    return Fix((Edit(starts + start, starts + end, ""),))


def _without_member(source: Source, mark: Mark, names: Collection[str]) -> Fix | None:
    """Take a ``Comment`` out of a JSON file that begins with the mark, which has no other names."""
    span = mark.span
    if not source.file.endswith(".json") or set(mark.names) - set(names):
        return None
    start = source.starts[span.line - 1] + span.column - 1
    end = source.starts[span.end_line - 1] + span.end_column - 1
    key = re.search(r'"Comment"\s*:\s*\Z', source.text[:start])
    if key is None or not re.match(rf'"{MARK}', source.text[start:end]):
        return None
    if following := re.compile(r"\s*,\s*").match(source.text, end):
        return Fix((Edit(key.start(), following.end(), ""),))
    before = re.search(r",\s*\Z", source.text[: key.start()])
    return None if before is None else Fix((Edit(before.start(), end, ""),))


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _in_lines(source: Source) -> Iterator[Mark]:
    """JSON has no comments; of Python only those that are no part of a text. In plain settings a comment is a
    line of its own, and is about the next one.
    """
    if source.file.endswith(".json"):
        return
    comments = (
        {source.span(node).line for node in source.tree.find_all(kind="comment")}
        if source.language == "python"
        else None
    )
    for number, line in enumerate(source.lines, 1):
        if "dagmig:" not in line or (comments is not None and number not in comments):
            continue
        scope = number + 1 if source.language == "text" else number
        for found in IN_LINE.finditer(line):
            span = Span(source.file, number, found.start() + 1, number, found.end() + 1)
            yield Mark(_names(found[1]), scope, span)


def _in_comments(source: Source) -> Iterator[Mark]:
    from dagmig.asl.model import escape

    for subject in source.subjects:
        machine = subject.machine
        prefix = machine.locate("").pointer
        stack: list[tuple[str, object]] = [("", machine.document)]
        while stack:
            pointer, value = stack.pop()
            if isinstance(value, list):
                stack += [(f"{pointer}/{index}", one) for index, one in enumerate(value)]
            if not isinstance(value, dict):
                continue
            stack += [(f"{pointer}/{escape(key)}", one) for key, one in value.items()]
            comment = value.get("Comment")
            for found in IN_COMMENT.finditer(comment) if isinstance(comment, str) else ():
                yield Mark(_names(found[1]), prefix + pointer, machine.locate(f"{pointer}/Comment"))
