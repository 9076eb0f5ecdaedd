"""The project a DAG file belongs to: where its modules are looked for, and the folder nothing leaves.

Airflow puts the dags folder, ``plugins`` and ``config`` on ``sys.path``, behind the standard library and the
installed packages (https://airflow.apache.org/docs/apache-airflow/stable/administration-and-deployment/modules_management.html).
"""

from __future__ import annotations

import hashlib
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path

from dagmig.diagnostics import Report
from dagmig.source import read_text

MARKS = frozenset(
    {".git", "pyproject.toml", "setup.cfg", "setup.py", "airflow.cfg", "airflow_settings.yaml", ".hg"}
)
INSTALLED = frozenset({"site-packages", "dist-packages", "node_modules", ".venv", "venv", ".tox"})
NEVER = frozenset(sys.stdlib_module_names) | {"airflow"}
DAGS = "dags"
BESIDE = ("plugins", "config")
MAX_MODULES = 200
MAX_LEVELS = 12
SETTLED = 2_000_000_000  # nanoseconds after a change from which on another one gets another time


@dataclass
class Folders:
    """Where modules are: no file outside of ``root`` is read; ``paths`` are searched in order."""

    root: Path
    paths: tuple[Path, ...]
    found: dict[str, Path | None] = field(default_factory=dict)
    names: dict[Path, frozenset[str]] = field(default_factory=dict)
    inside: dict[str, bool] = field(default_factory=dict)
    homes: dict[str, tuple[Path, ...]] = field(default_factory=dict)

    @classmethod
    def around(cls, folder: Path, root: str | None) -> Folders:
        """Those of a file's folder; raises ``OSError`` and ``ValueError``."""
        folder = folder.absolute()
        top = Path(root).absolute() if root is not None else _root(folder)
        return cls(top, _paths(folder, top))

    def find(self, module: str) -> Path | None:
        """The file of an absolute module name; its ``__init__.py`` of a package, or its folder."""
        if module not in self.found:
            parts = module.split(".")
            places = (self.below(folder, parts) for folder in self._homes(parts[0]))
            self.found[module] = next((path for path in places if path is not None), None)
        return self.found[module]

    def _homes(self, name: str) -> tuple[Path, ...]:
        """The folders of ``paths`` that have a module or a package of this name."""
        if name not in self.homes:
            self.homes[name] = tuple(folder for folder in self.paths if self._has(folder, name))
        return self.homes[name]

    def below(self, folder: Path, parts: list[str]) -> Path | None:
        if parts and not self._has(folder, parts[0]):
            return None
        place = os.path.join(folder, *parts)  # noqa: PTH118
        for name in (f"{place}/__init__.py", f"{place}.py") if parts else (f"{place}/__init__.py",):
            if os.path.isfile(name) and self.holds(name):  # noqa: PTH113
                return Path(name)
        return Path(place) if os.path.isdir(place) and self.holds(place) else None  # noqa: PTH112

    def _has(self, folder: Path, name: str) -> bool:
        """Whether a folder has a module or a package of this name."""
        if folder not in self.names:
            self.names[folder] = _listed(str(folder))
        return name in self.names[folder] or f"{name}.py" in self.names[folder]

    def holds(self, path: str) -> bool:
        """Whether a path is inside of the root, links followed."""
        try:
            if os.path.islink(path) or ".." in path:  # noqa: PTH114
                return self._is_inside(path)
            folder = os.path.dirname(path)  # noqa: PTH120
            if folder not in self.inside:
                self.inside[folder] = self._is_inside(folder)
            return self.inside[folder]
        except (OSError, RuntimeError):
            return False

    def _is_inside(self, path: str) -> bool:
        real = os.path.realpath(path)
        return real == self.top or real.startswith(os.path.join(self.top, ""))  # noqa: PTH118

    @cached_property
    def top(self) -> str:
        """The root, links followed."""
        return os.path.realpath(self.root)


@dataclass
class Project:
    """What one file asks for."""

    folders: Folders
    read: dict[Path, str] = field(default_factory=dict)
    asked: dict[str, Path | None] = field(default_factory=dict)

    @classmethod
    def of(cls, file: str, root: str | None = None) -> Project | None:
        """The project of a file; None where the file is not on disk (text from elsewhere)."""
        try:
            if not os.path.isfile(file):  # noqa: PTH113
                return None
            return cls(_folders(os.path.dirname(file), root))  # noqa: PTH120
        except (OSError, ValueError):
            return None

    @property
    def root(self) -> Path:
        """The folder no file is read outside of."""
        return self.folders.root

    def find(self, module: str) -> Path | None:
        """The file of an absolute module name; its ``__init__.py`` of a package, or its folder."""
        if module in self.asked:
            return self.asked[module]
        if module.partition(".")[0] in NEVER or not all(part.isidentifier() for part in module.split(".")):
            return None
        found = self.asked[module] = self.folders.find(module)
        return found

    def leans(self) -> dict[str, str]:
        """Fingerprints of the modules that were asked for by name, and of all files that were read."""
        modules = {name: self._fingerprint(path) for name, path in self.asked.items()}
        return modules | {f"/{self._fingerprint(path)}": _digest(text) for path, text in self.read.items()}

    def holds(self, leans: dict[str, str]) -> bool:
        """Whether the same would be found again."""
        for name, before in leans.items():
            is_file = name.startswith("/")
            now = (
                _digest(self.text(self.root / name[1:]) or "")
                if is_file
                else self._fingerprint(self.find(name))
            )
            if now != before:
                return False
        return True

    def _fingerprint(self, path: Path | None) -> str:
        return "" if path is None else _relative(path, self.root)

    def sibling(self, folder: Path, parts: list[str]) -> Path | None:
        """The file of a module named relative to a package's folder."""
        return self.folders.below(folder, parts) if all(part.isidentifier() for part in parts) else None

    def data(self, path: Path) -> str | None:
        """The text of a data file, as ``text``; None outside of the root."""
        place = path.absolute()
        if not self.folders.holds(str(place)) or not place.is_file():
            return None
        return self.text(place.resolve() if ".." in place.parts else place)

    def text(self, path: Path) -> str | None:
        """The text of a module of the project; None where it cannot be read or is one too many."""
        if path not in self.read:
            if len(self.read) >= MAX_MODULES:
                return None
            try:
                stat = path.stat()
            except (OSError, ValueError):
                return None
            is_settled = time.time_ns() - stat.st_mtime_ns > SETTLED
            found = _read(path, stat.st_mtime_ns, stat.st_size) if is_settled else read_text(path, Report())
            if found is None:
                return None
            self.read[path] = found
        return self.read[path]


class _Looked:
    """What ``looked_at_once`` keeps; None outside of it."""

    kept: dict[tuple[str, str | None], Folders] | None = None


@contextmanager
def looked_at_once() -> Iterator[None]:
    """Look at each folder once, for all files of a run: what comes into one meanwhile is not seen."""
    before, _Looked.kept = _Looked.kept, {} if _Looked.kept is None else _Looked.kept
    try:
        yield
    finally:
        _Looked.kept = before


def _folders(folder: str, root: str | None) -> Folders:
    kept = {} if _Looked.kept is None else _Looked.kept
    if (folder, root) not in kept:
        kept[folder, root] = Folders.around(Path(folder), root)
    return kept[folder, root]


@lru_cache(maxsize=256)
def _names(folder: str, changed: int) -> frozenset[str]:
    """What a folder holds, as long as it was not changed since."""
    return frozenset(entry.name for entry in os.scandir(folder))


@lru_cache(maxsize=128)
def _read(path: Path, changed: int, size: int) -> str | None:
    """The text of a file that many others import, as long as it was not changed since."""
    return read_text(path, Report())


@lru_cache(maxsize=1024)
def _relative(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix()


@lru_cache(maxsize=128)
def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _listed(folder: str) -> frozenset[str]:
    """What a folder holds; nothing where that cannot be known."""
    try:
        return _names(folder, os.stat(folder).st_mtime_ns)  # noqa: PTH116 - asked for each file
    except OSError:
        return frozenset()


def _root(folder: Path) -> Path:
    """The nearest folder above that is marked as a project's; else the one that holds the dags folder."""
    above = _above(folder)
    marked = next((one for one in above if not MARKS.isdisjoint(_listed(str(one)))), None)
    if marked is not None:
        return marked
    return next((one.parent for one in above if one.name == DAGS), folder)


@lru_cache(maxsize=256)
def _paths(folder: Path, root: Path) -> tuple[Path, ...]:
    """The dags folder first, then the folders around it; the file's own folder last."""
    inside = [one for one in _above(folder) if one.is_relative_to(root)]
    dags = next((index for index, one in enumerate(inside) if one.name == DAGS), 0)
    around = [*inside[dags:], *inside[:dags][::-1]]
    beside = [one / name for one in around for name in BESIDE]
    return (*around, *beside)


def _above(folder: Path) -> list[Path]:
    """The folder and those above it, up to one of installed packages."""
    found = []
    for one in [folder, *folder.parents][:MAX_LEVELS]:
        if one.name in INSTALLED:
            break
        found.append(one)
    return found
