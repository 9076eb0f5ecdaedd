"""Writing the comments that silence findings: ``dagmig lint --add-ignores``."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from dagmig.diagnostics import Diagnostic, Edit, Report, Severity, Span
from dagmig.lint.check import ENGINE, kind_of
from dagmig.lint.files import Target
from dagmig.lint.fix import Change, written
from dagmig.lint.source import Source
from dagmig.lint.suppress import IN_LINE
from dagmig.source import read_text

Spans = tuple[Span, "Span | None"]  # of an object, and of its `Comment`

NOT_SILENCED = ENGINE | {"unused-suppression"}  # a comment more would be another that is unused


def add_ignores(found: Iterable[Diagnostic], notes: Report) -> int:
    """Write a comment beside each finding, into a machine's JSON a ``Comment``; how many findings there were.

    Where none can stand (inside a text, in a machine that is itself a text) it is said in ``notes``.
    """
    by_file: dict[str, list[Diagnostic]] = defaultdict(list)
    for one in found:
        by_file[one.span.file].append(one)
    for file, these in sorted(by_file.items()):
        text = read_text(Path(file), Report())
        if text is not None and (new := silenced(text, file, these, notes)) != text:
            written(Change(file, text, new), notes)
    return sum(map(len, by_file.values()))


def silenced(text: str, file: str, found: Iterable[Diagnostic], notes: Report) -> str:
    """The text of one file with the comments."""
    source = Source(text, file, kind_of(Target(file, True), text) or "machine")
    wanted: dict[int | Spans, set[str]] = defaultdict(set)
    for one in found:
        place = _place(source, one) if one.code not in NOT_SILENCED else None
        if place is None:
            notes.add(
                "not-silenced", f"{one.span}: {one.code} cannot be silenced here", one.span, Severity.WARNING
            )
        else:
            wanted[place].add(one.code)
    edits = []
    for at, names in wanted.items():
        edits.append(_on_line(source, at, names) if isinstance(at, int) else _in_object(source, at, names))
    for edit in sorted((edit for edit in edits if edit), reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


def _place(source: Source, found: Diagnostic) -> int | Spans | None:
    """The line of the comment, or the object that gets one; None where there is no place."""
    if source.language == "json":
        return _object(source, found.span.pointer)
    if source.language == "text":
        return found.span.line or None
    for line in (found.span.line, found.span.end_line):
        if line and _may_end_with_a_comment(source, line):
            return line
    return None


def _may_end_with_a_comment(source: Source, line: int) -> bool:
    text = source.lines[line - 1]
    if text.endswith("\\"):
        return False
    end = source.starts[line - 1] + len(text.rstrip())
    kinds = (
        ("string",)
        if source.language == "python"
        else ("block_scalar", "double_quote_scalar", "single_quote_scalar")
    )
    return not any(
        node.range().start.index < end < node.range().end.index
        for kind in kinds
        for node in source.tree.find_all(kind=kind)
    )


def _on_line(source: Source, line: int, names: set[str]) -> Edit:
    """At the end of the line; in plain settings above it."""
    is_above = source.language == "text"
    at = line - 1 if is_above and line > 1 else line
    start, text = source.starts[at - 1], source.lines[at - 1]
    if (at != line or not is_above) and (known := IN_LINE.search(text)):
        both = [*(name.strip() for name in known[1].split(",")), *sorted(names)]
        return Edit(start + known.start(1), start + known.end(1), ", ".join(dict.fromkeys(both)))
    said = f"# dagmig: ignore[{', '.join(sorted(names))}]"
    if is_above:
        return Edit(source.starts[line - 1], source.starts[line - 1], f"{said}\n")
    return Edit(start + len(text.rstrip()), start + len(text), f"  {said}")


def _object(source: Source, pointer: str) -> Spans | None:
    """The state around a place, or the machine where it is in none; None where that is elsewhere."""
    for subject in source.subjects:
        machine = subject.machine
        top = machine.locate("")
        if top.file != source.file or not f"{pointer}/".startswith(f"{top.pointer}/"):
            continue
        inner = f"{pointer.removeprefix(top.pointer)}/"
        states = machine.root.all_states()
        at = max(
            (state.pointer for state in states if inner.startswith(f"{state.pointer}/")),
            key=len,
            default="",
        )
        comment = machine.locate(f"{at}/Comment")
        is_there = comment != replace(machine.locate(at), pointer=comment.pointer)
        return (machine.locate(at), comment if is_there else None)
    return None


def _in_object(source: Source, spans: Spans, names: set[str]) -> Edit | None:
    """One more name in the object's ``Comment``, or a ``Comment`` as its first member."""
    said = f"dagmig: ignore[{', '.join(sorted(names))}]"
    start, text = _written(source, spans[0])
    if not text.startswith("{"):
        return None
    if spans[1] is not None:
        at, comment = _written(source, spans[1])
        end = at + len(comment) - 1
        return Edit(end, end, f" {said}") if comment.startswith('"') else None
    gap = re.match(r"\{(\s*)(\}?)", text)
    lead, is_empty = (gap[1], bool(gap[2])) if gap else ("", True)
    tail = "" if is_empty else "," if lead else ", "
    return Edit(start + 1, start + 1, f"{lead}{json.dumps('Comment')}: {json.dumps(said)}{tail}")


def _written(source: Source, span: Span) -> tuple[int, str]:
    """Where a value begins in the text, and what is written there."""
    start = source.starts[span.line - 1] + span.column - 1
    return start, source.text[start : source.starts[span.end_line - 1] + span.end_column - 1]
