"""What an installed ruff finds with its rules for Airflow, which know what moved and was removed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dagmig.diagnostics import Diagnostic, Report, Severity, Span
from dagmig.lint.rule import Category

CHECK = ("check", "--select", "AIR", "--preview", "--output-format", "json", "--quiet", "--force-exclude")
REMOVED = ("AIR301", "AIR302", "AIR303")  # what fails in Airflow 3; the others still work
ABOUT_3 = (*REMOVED, "AIR31", "AIR32")
OURS = {
    "AIR301": "removed-context-key-dynamic",
    "AIR304": "dynamic-value-in-ctor",
    "AIR311": "sla-silently-ignored",
}  # rules of dagmig that say what one of ruff's says, of a larger part of the line
MOST = 500  # files at once: a command line has an end


@dataclass(frozen=True, slots=True)
class RuffRule:
    """One of ruff's rules for a plan: in a run with ruff it is on by default."""

    id: str
    category: Category = Category.UPGRADE
    is_default: bool = True

    @property
    def airflow(self) -> str:
        return ">=3" if self.id.startswith(ABOUT_3) else ""


def findings(files: Sequence[str], notes: Report, texts: Mapping[str, str]) -> list[Diagnostic]:
    """Those in DAG files, ruff's own configuration and ``noqa`` heeded; none, and a note, without a ruff.

    ``texts`` are contents of files that stand for what is on disk.
    """
    program = shutil.which("ruff", path=str(Path(sys.executable).parent)) or shutil.which("ruff")
    if program is None:
        notes.add("no-ruff", "--with-ruff: no ruff is installed here", Span(""))
        return []
    on_disk = [file for file in files if file not in texts]
    parts = [on_disk[start : start + MOST] for start in range(0, len(on_disk), MOST)]
    found = [one for part in parts for one in _run([program, *CHECK, "--", *part], part, notes)]
    for file in files:
        if file in texts:
            command = [program, *CHECK, "--stdin-filename", file, "-"]
            found += _run(command, [file], notes, texts[file])
    return found


def _run(
    command: list[str], files: Sequence[str], notes: Report, text: str | None = None
) -> list[Diagnostic]:
    """What one run of ruff finds."""
    run = subprocess.run(command, input=text, capture_output=True, text=True, encoding="utf-8", check=False)
    try:
        return _read(json.loads(run.stdout), files)
    except (ValueError, KeyError, TypeError):
        said = (run.stderr.strip().splitlines() or [f"exit {run.returncode}"])[-1]
        notes.add("ruff-failed", f"--with-ruff: ruff failed: {said}", Span(""))
        return []


def besides(found: Iterable[Diagnostic], of_ruff: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Those of ruff at places where dagmig says nothing itself, nor the same around them."""
    places, same = set(), defaultdict(list)
    for one in found:
        places.add((one.span.file, one.span.line, one.span.column))
        same[one.span.file, one.code].append(one.span)
    return [
        one
        for one in of_ruff
        if (one.span.file, one.span.line, one.span.column) not in places
        and not any(_holds(span, one.span) for span in same.get((one.span.file, OURS.get(one.code, "")), ()))
    ]


def _holds(outer: Span, inner: Span) -> bool:
    start, end = (outer.line, outer.column), (outer.end_line, outer.end_column)
    return start <= (inner.line, inner.column) and (inner.end_line, inner.end_column) <= end


def _read(document: list[dict[str, Any]], files: Iterable[str]) -> list[Diagnostic]:
    names = {os.path.realpath(file): file for file in files}
    found = []
    for one in document:
        if not str(one["code"]).startswith("AIR"):
            continue  # a file that is no Python, which dagmig says itself
        file = names.get(os.path.realpath(one["filename"]), one["filename"])
        start, end = one["location"], one["end_location"]
        span = Span(file, start["row"], start["column"], end["row"], end["column"])
        severity = Severity.ERROR if one["code"].startswith(REMOVED) else Severity.WARNING
        hint = "`ruff check --fix` mends it" if one.get("fix") else ""
        found.append(Diagnostic(one["code"], one["message"], span, severity, hint))
    return found
