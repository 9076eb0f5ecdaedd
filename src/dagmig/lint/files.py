"""Which files a run looks at."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from dagmig.diagnostics import Report, Severity, Span
from dagmig.lint.globs import Patterns, is_named
from dagmig.lint.installation import is_plain
from dagmig.source import missing

SKIPPED = frozenset({"node_modules", "__pycache__", "venv", "env", "site-packages", "cdk.out"})
PYTHON_SUFFIXES = (".py",)
MACHINE_SUFFIXES = (".json", ".yaml", ".yml", ".tf")
EXCLUDING = frozenset({"dagmig.toml", "pyproject.toml"})
Excluded = Callable[[Path], Patterns | None]  # what the configuration for the files of a folder leaves out


class Target(NamedTuple):
    """A file to lint; ``is_explicit`` where the user named it, not the folder it is in."""

    path: str
    is_explicit: bool

    @property
    def is_python(self) -> bool:
        return self.path.endswith(PYTHON_SUFFIXES)

    @property
    def has_documents(self) -> bool:
        """Whether it is of a format in which machines are written."""
        return self.path.endswith(MACHINE_SUFFIXES)


def targets(
    paths: Iterable[str | os.PathLike[str]], report: Report, excluded: Excluded = lambda _: None
) -> list[Target]:
    """The files below the paths, each once, in order of their names within what the user named.

    A link to a file that the run looks at anyway is left out, and in folders what git ignores or the
    configuration excludes.
    """
    found: dict[str, Target] = {}
    for path in map(Path, paths):
        for target in _below(path, report, excluded):
            found.setdefault(os.path.normpath(target.path), target)
    links = {name for name in found if os.path.islink(name)}  # noqa: PTH114 - ten thousand Paths are slow
    if not links:
        return list(found.values())
    real = {os.path.realpath(name) for name in found.keys() - links}
    return [one for name, one in found.items() if name not in links or os.path.realpath(name) not in real]


def _below(path: Path, report: Report, excluded: Excluded) -> Iterator[Target]:
    if path.is_dir():
        yield from (Target(os.path.normpath(file), False) for file in _walk(path, report, excluded))
    elif is_known(path.name.lstrip(".")) or is_known(path.name):
        yield Target(str(path), True)
    else:
        message = (
            missing(path)
            if not path.exists()
            else "not a .py, .json, .yaml, .yml or .tf file, nor settings of Airflow"
        )
        report.add("unparsable-file", f"cannot be read: {message}", Span(str(path)), Severity.ERROR)


def _walk(folder: Path, report: Report, excluded: Excluded) -> Iterator[str]:
    """Every file of a known suffix, sorted; links to folders are not followed, so there are no loops."""

    def unreadable(error: OSError) -> None:
        message = f"cannot be read: {error.strerror}"
        report.add("unparsable-file", message, Span(str(error.filename)), Severity.ERROR)

    top = str(folder.absolute())
    first = excluded(Path(top))
    ignoring = {str(folder): (_ignored_above(top), (first,) if first else ())}
    for place, folders, files in os.walk(folder, onerror=unreadable):
        git, own = ignoring.pop(place)
        where = os.path.normpath(os.path.join(top, os.path.relpath(place, folder)))  # noqa: PTH118
        if ".gitignore" in files and place != str(folder):
            git = (*git, *_lines(where, ".gitignore"))
        if place != str(folder) and not EXCLUDING.isdisjoint(files):
            nearest = excluded(Path(where))
            own = (nearest,) if nearest else ()

        def is_out(
            name: str, is_folder: bool, where: str = where, git: Places = git, own: Places = own
        ) -> bool:
            path = f"{where}/{name}"
            return is_named(path, is_folder, git) or is_named(path, is_folder, own)

        folders[:] = sorted(n for n in folders if not _is_skipped(n) and not is_out(n, True))
        for name in folders:
            ignoring[os.path.join(place, name)] = (git, own)  # noqa: PTH118
        for name in sorted(files):
            if is_known(name) and not is_out(name, False):
                yield os.path.join(place, name)  # noqa: PTH118 - ten thousand Paths are slow


Places = tuple[Patterns, ...]


def is_known(name: str) -> bool:
    """Whether a file in a folder may be looked at, by its name alone."""
    if name.endswith((*PYTHON_SUFFIXES, *MACHINE_SUFFIXES)):
        return name[0] != "."
    return is_plain(name)


def _is_skipped(name: str) -> bool:
    return name in SKIPPED or name.startswith(".")


def _ignored_above(folder: str) -> Places:
    """The patterns of git from the root of the repository down to the folder, and the folder's own."""
    chain = [Path(folder), *Path(folder).parents]
    root = next((index for index, place in enumerate(chain) if (place / ".git").exists()), 0)
    places = [place for one in reversed(chain[: root + 1]) for place in _lines(str(one), ".gitignore")]
    return (*_lines(str(chain[root]), ".git/info/exclude"), *places)


def _lines(folder: str, name: str) -> Places:
    """The patterns of one file; none where it cannot be read."""
    try:
        text = Path(folder, name).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ()
    return (Patterns.of(f"{folder}/", text.split("\n")),)
