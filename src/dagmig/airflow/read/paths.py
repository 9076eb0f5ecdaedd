"""Paths a DAG file computes from its own place: names are known, the folders of the machine are not."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

PATH_TYPES = ("pathlib.Path", "pathlib.PurePath", "pathlib.PosixPath", "pathlib.PurePosixPath")
SAME_FILE = ("os.path.abspath", "os.path.realpath", "os.path.normpath", "os.fspath")
KEEPING = ("resolve", "absolute", "expanduser")


@dataclass(frozen=True)
class FilePath:
    """A path whose last parts are known: ``known`` is relative to a folder nobody knows.

    ``is_text``: it is a ``str``, as ``__file__`` is, and no ``pathlib.Path``.
    """

    known: PurePosixPath
    is_text: bool = False

    def below(self, *parts: str) -> FilePath:
        """The path joined with others; an absolute one takes its place, as with ``os.path.join``."""
        return FilePath(self.known.joinpath(*parts), self.is_text)

    @property
    def parent(self) -> FilePath | None:
        """The folder; None where not even its name is known."""
        return FilePath(self.known.parent, self.is_text) if len(self.known.parts) > 1 else None


def as_texts(found: Any) -> Any:
    """A path, or those of a list, as the names of this run's files."""
    if isinstance(found, FilePath):
        return str(found.known)
    if isinstance(found, (list, tuple)):
        return [as_texts(one) for one in found]
    return found


def attribute(path: FilePath, name: str) -> Any:
    """An attribute of a ``Path``; ``NotImplemented`` where it is not known or no attribute."""
    if not path.is_text and name in ("stem", "name", "suffix"):
        return getattr(path.known, name)
    if not path.is_text and name == "parent" and path.parent is not None:
        return path.parent
    return NotImplemented


def method(path: FilePath, name: str, args: list[Any]) -> Any:
    """A method of a ``Path``; ``NotImplemented`` where its result is not known."""
    if name in KEEPING and not path.is_text:
        return path
    if name in ("joinpath", "with_suffix", "with_name") and _texts(args) and not path.is_text:
        return FilePath(getattr(path.known, name)(*args))
    return NotImplemented


def call(name: str, args: list[Any]) -> Any:
    """A function over the file's path or over known text; ``NotImplemented`` where it is neither."""
    if len(args) == 1 and isinstance(args[0], FilePath):
        return _of_file(name, args[0])
    if name == "os.path.join" and args and isinstance(args[0], FilePath) and _texts(args[1:]):
        return FilePath(args[0].known.joinpath(*args[1:]), is_text=True)
    if name.startswith("os.path.") and args and _texts(args):
        match name.removeprefix("os.path."), args:
            case "basename", [path]:
                return posixpath.basename(path)
            case "splitext", [path]:
                return posixpath.splitext(path)
            case "join", [first, *others]:
                return posixpath.join(first, *others)
    return NotImplemented


def _of_file(name: str, path: FilePath) -> Any:
    if name in PATH_TYPES:
        return FilePath(path.known)
    if name in SAME_FILE or name == "builtins.str":
        return FilePath(path.known, is_text=True)
    match name.removeprefix("os.path."):
        case "basename":
            return path.known.name
        case "dirname" if path.parent is not None:
            return FilePath(path.parent.known, is_text=True)
    return NotImplemented


def _texts(args: list[Any]) -> bool:
    return all(isinstance(arg, str) for arg in args)
