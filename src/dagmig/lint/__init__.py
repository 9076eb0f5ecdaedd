"""The linter: the rules, and the loop that runs them over files and folders."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dagmig.diagnostics import Diagnostic, Report

if TYPE_CHECKING:
    from dagmig.lint.fix import Change

Tracked = Callable[[Iterable[Any], int], Iterator[Any]]
MAX_ROUNDS = 10  # of fixes that make way for others


def untracked(items: Iterable[Any], total: int) -> Iterator[Any]:
    """The items, and nothing shown."""
    return iter(items)


@dataclass(frozen=True, slots=True)
class Options:
    """How to lint. Names are rule ids or categories; what is given stands before a configuration file's.

    ``presets`` or ``select`` take the place of what a file says of ``preset``, ``select``, ``extend-select``
    and ``ignore``; the others add to it. ``role`` is an IAM policy document for every machine; ``fix``
    applies safe fixes, ``unsafe_fixes`` all. ``project_root`` is the folder whose modules DAG files may
    import, found from each file where it is None. ``texts`` are contents of files that stand for what is on
    disk. ``baseline`` is a file of findings that are known.
    """

    presets: Collection[str] = ()
    select: Collection[str] = ()
    extend_select: Collection[str] = ()
    ignore: Collection[str] = ()
    per_file_ignores: Collection[tuple[str, tuple[str, ...]]] = ()
    target_airflow: str = ""
    rule_dirs: Collection[str] = ()
    role: Path | None = None
    fix: bool = False
    unsafe_fixes: bool = False
    use_cache: bool = False
    use_config: bool = True
    use_baseline: bool = True
    with_ruff: bool = False
    jobs: int | None = None
    project_root: str | None = None
    baseline: Path | None = None
    texts: Mapping[str, str] = field(default_factory=dict)


def lint_paths(
    paths: Iterable[str | os.PathLike[str]],
    options: Options | None = None,
    notes: Report | None = None,
    tracked: Tracked = untracked,
) -> list[Diagnostic]:
    """The findings in files and folders, in reading order; with ``fix`` those that remain.

    What is worth saying and is no finding (there was nothing to look at) goes to ``notes``. ``tracked``
    sees each file's result pass by, and may show how far it is. Raises ``ConfigError``.
    """
    from dagmig.lint.fix import mend
    from dagmig.lint.run import run

    chosen = options or Options()
    paths = tuple(paths)
    notes = Report() if notes is None else notes
    report = Report()
    found = run(paths, chosen, report, notes, tracked)
    for _ in range(MAX_ROUNDS if chosen.fix else 0):
        if not mend(found.diagnostics, found.texts, notes, chosen.unsafe_fixes):
            break
        report = Report()
        found = run(paths, chosen, report, Report())
    report.diagnostics += found.diagnostics
    return list(report)


def changes_of(
    paths: Iterable[str | os.PathLike[str]], options: Options, notes: Report | None = None
) -> list[Change]:
    """What ``fix`` would write in its first round, and nothing written. Raises ``ConfigError``."""
    from dagmig.lint.fix import changes
    from dagmig.lint.run import run

    notes = Report() if notes is None else notes
    found = run(paths, options, Report(), notes)
    return list(changes(found.diagnostics, found.texts, notes, options.unsafe_fixes))
