"""Mending files: edits are applied to the text as it was read, last first, and the result is distrusted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from dagmig.diagnostics import Diagnostic, Edit, Report, Severity, Span
from dagmig.lint.sameness import difference
from dagmig.source import read_text, write_text

BOM = "\ufeff"


class Change(NamedTuple):
    """A file's text before and after its fixes."""

    file: str
    old: str
    new: str


def fixed(text: str, found: Iterable[Diagnostic], unsafe: bool = False) -> str:
    """The text with the fixes applied; of fixes that overlap, the first stands."""
    chosen: list[Edit] = []
    for diagnostic in sorted(found, key=lambda d: (d.span, d.code)):
        fix = diagnostic.fix
        if fix is None or not (fix.safe or unsafe):
            continue
        new = [edit for edit in fix.edits if edit not in chosen]
        if not any(one.start < other.end and other.start < one.end for one in new for other in chosen):
            chosen += new
    for edit in sorted(chosen, reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


def changes(
    found: Iterable[Diagnostic], texts: Mapping[str, str], notes: Report, unsafe: bool = False
) -> Iterator[Change]:
    """The files that have something to mend; what would change their graph is left out, and said."""
    by_file: dict[str, list[Diagnostic]] = defaultdict(list)
    for diagnostic in found:
        if diagnostic.fix is not None and (unsafe or diagnostic.fix.safe):
            by_file[diagnostic.span.file].append(diagnostic)
    for file, these in sorted(by_file.items()):
        old = texts.get(file)
        if old is not None and (new := _checked(old, these, file, notes, unsafe)) != old:
            yield Change(file, old, new)


def mend(found: Iterable[Diagnostic], texts: Mapping[str, str], notes: Report, unsafe: bool = False) -> bool:
    """Write the files that have something to mend; True where at least one was."""
    return sum(written(change, notes) for change in changes(found, texts, notes, unsafe)) > 0


def _checked(text: str, found: list[Diagnostic], file: str, notes: Report, unsafe: bool) -> str:
    """The text with all fixes, or with those that each alone leave the graph as it is."""
    new = fixed(text, found, unsafe)
    is_safe = all(one.fix is None or one.fix.safe for one in found)
    if not difference(text, new, file, is_safe):
        return new
    kept: list[Diagnostic] = []
    for one in found:
        changed = difference(text, fixed(text, [*kept, one], unsafe), file, is_safe)
        if changed:
            said = f"{one.span}: the fix of {one.code} is left out: it would change {changed}"
            notes.add("fix-left-out", said, one.span, Severity.WARNING)
        else:
            kept.append(one)
    return fixed(text, kept, unsafe)


def written(change: Change, notes: Report) -> bool:
    """Line ends and a byte order mark stay; a file that is not UTF-8, mixes line ends, or is not what was
    read any more is left alone.
    """
    path = Path(change.file)
    if read_text(path, Report()) != change.old:
        notes.add("fix-left-out", f"{path}: changed while it was read, nothing is mended", Span(str(path)))
        return False
    raw = path.read_bytes()
    for end in ("\n", "\r\n", "\r"):
        for mark in ("", BOM):
            if (mark + change.old.replace("\n", end)).encode() == raw:
                write_text(path.resolve(), mark + change.new.replace("\n", end))
                return True
    return False
