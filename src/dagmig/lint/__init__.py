"""The linter: the rules, and the loop that runs them over files and folders."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dagmig.diagnostics import Diagnostic, Report

Tracked = Callable[[Iterable[Any], int], Iterator[Any]]


def untracked(items: Iterable[Any], total: int) -> Iterator[Any]:
    """The items, and nothing shown."""
    return iter(items)


@dataclass(frozen=True, slots=True)
class Options:
    """How to lint. ``select`` and ``ignore`` hold rule ids or categories; an empty ``select`` is everything.

    ``role`` is an IAM policy document for every machine; ``fix`` applies safe fixes, ``unsafe_fixes`` all.
    ``project_root`` is the folder whose modules DAG files may import, found from each file where it is None.
    """

    select: Collection[str] = ()
    ignore: Collection[str] = ()
    role: Path | None = None
    fix: bool = False
    unsafe_fixes: bool = False
    use_cache: bool = False
    jobs: int | None = None
    project_root: str | None = None


def lint_paths(
    paths: Iterable[str | os.PathLike[str]],
    options: Options | None = None,
    notes: Report | None = None,
    tracked: Tracked = untracked,
) -> list[Diagnostic]:
    """The findings in files and folders, in reading order; with ``fix`` those that remain.

    What is worth saying and is no finding (there was nothing to look at) goes to ``notes``. ``tracked``
    sees each file's result pass by, and may show how far it is.
    """
    from dagmig.lint.fix import mend
    from dagmig.lint.run import run

    chosen = options or Options()
    report = Report()
    paths = tuple(paths)
    found = run(paths, chosen, report, notes, tracked)
    if chosen.fix and mend(found, chosen.unsafe_fixes):
        report = Report()
        found = run(paths, chosen, report)
    report.diagnostics += found
    return list(report)
