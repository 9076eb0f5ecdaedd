"""Mending files: edits are applied to the text as it was read, last first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from dagmig.diagnostics import Diagnostic, Edit, Report
from dagmig.source import read_text, write_text

BOM = "\ufeff"


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


def mend(found: Iterable[Diagnostic], unsafe: bool = False) -> bool:
    """Write the files that have something to mend; True where at least one was."""
    by_file: dict[str, list[Diagnostic]] = defaultdict(list)
    for diagnostic in found:
        if diagnostic.fix is not None:
            by_file[diagnostic.span.file].append(diagnostic)
    mended = [_mend_file(Path(file), these, unsafe) for file, these in sorted(by_file.items())]
    return any(mended)


def _mend_file(path: Path, found: list[Diagnostic], unsafe: bool) -> bool:
    """Line ends and a byte order mark stay; a file that is not UTF-8 or mixes line ends is left alone."""
    text = read_text(path, Report())
    if text is None:
        return False
    new = fixed(text, found, unsafe)
    if new == text:
        return False
    raw = path.read_bytes()
    for end in ("\n", "\r\n", "\r"):
        for mark in ("", BOM):
            if (mark + text.replace("\n", end)).encode() == raw:
                write_text(path.resolve(), mark + new.replace("\n", end))
                return True
    return False
