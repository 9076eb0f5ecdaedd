"""Which definitions are not laid out as ``dagmig fmt`` does, and how they would be."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from dagmig.asl.layout import laid_out
from dagmig.asl.load import is_machine, load
from dagmig.diagnostics import Report, Severity, Span
from dagmig.lint import Options
from dagmig.lint.files import Target
from dagmig.lint.fix import Change
from dagmig.lint.run import files_of
from dagmig.source import read_text

SUFFIX = ".asl.json"
LEFT = "fmt-left-out"


def changes(paths: Iterable[str | os.PathLike[str]], report: Report) -> Iterator[Change]:
    """The definitions below the paths that would be written otherwise; what is left out is in ``report``.

    In folders the files called ``*.asl.json``, and of those that the user names every one.
    """
    for target in files_of(paths, Options(), report):
        if target.is_explicit or target.path.endswith(SUFFIX):
            yield from _change(target, report)


def _change(target: Target, report: Report) -> Iterator[Change]:
    path = target.path
    if not path.endswith(".json"):
        said = "is left as it is: only JSON is laid out, as comments of YAML would be lost"
        _leave(report, path, said)
    elif (text := read_text(Path(path), report)) is not None:
        machine = load(text, path, report)
        if machine is None:
            return
        if not is_machine(machine.document):
            _leave(report, path, "is left as it is: it is no state machine itself")
        elif machine.duplicate_keys:
            _leave(report, path, f"is left as it is: `{machine.duplicate_keys[0]}` is written twice")
        elif (new := laid_out(text, machine)) != text:
            yield Change(path, text, new)


def _leave(report: Report, path: str, said: str) -> None:
    report.add(LEFT, said, Span(path), Severity.WARNING)
