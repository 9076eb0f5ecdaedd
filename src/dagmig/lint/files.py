"""Which files a run looks at."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from dagmig.diagnostics import Report, Severity, Span
from dagmig.source import missing

SKIPPED = frozenset({"node_modules", "__pycache__", "venv", "env", "site-packages", "cdk.out"})
PYTHON_SUFFIXES = (".py",)
MACHINE_SUFFIXES = (".json", ".yaml", ".yml")


class Target(NamedTuple):
    """A file to lint; ``is_explicit`` where the user named it, not the folder it is in."""

    path: str
    is_explicit: bool

    @property
    def kind(self) -> str:
        return "dag" if self.path.endswith(PYTHON_SUFFIXES) else "machine"


def targets(paths: Iterable[str | os.PathLike[str]], report: Report) -> list[Target]:
    """The files below the paths, each once, in order of their names within what the user named.

    A link to a file that the run looks at anyway is left out.
    """
    found: dict[str, Target] = {}
    for path in map(Path, paths):
        for target in _below(path, report):
            found.setdefault(os.path.normpath(target.path), target)
    links = {name for name in found if os.path.islink(name)}  # noqa: PTH114 - ten thousand Paths are slow
    if not links:
        return list(found.values())
    real = {os.path.realpath(name) for name in found.keys() - links}
    return [one for name, one in found.items() if name not in links or os.path.realpath(name) not in real]


def _below(path: Path, report: Report) -> Iterator[Target]:
    if path.is_dir():
        yield from (Target(os.path.normpath(file), False) for file in _walk(path, report))
    elif path.name.endswith((*PYTHON_SUFFIXES, *MACHINE_SUFFIXES)):
        yield Target(str(path), True)
    else:
        message = missing(path) if not path.exists() else "not a .py, .json, .yaml or .yml file"
        report.add("unparsable-file", f"cannot be read: {message}", Span(str(path)), Severity.ERROR)


def _walk(folder: Path, report: Report) -> Iterator[str]:
    """Every file of a known suffix, sorted; links to folders are not followed, so there are no loops."""

    def unreadable(error: OSError) -> None:
        message = f"cannot be read: {error.strerror}"
        report.add("unparsable-file", message, Span(str(error.filename)), Severity.ERROR)

    for place, folders, files in os.walk(folder, onerror=unreadable):
        folders[:] = sorted(name for name in folders if name not in SKIPPED and not name.startswith("."))
        for name in sorted(files):
            if name.endswith((*PYTHON_SUFFIXES, *MACHINE_SUFFIXES)) and not name.startswith("."):
                yield os.path.join(place, name)  # noqa: PTH118 - ten thousand Paths are slow
