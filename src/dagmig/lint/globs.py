"""File patterns as ``.gitignore`` has them: of git's own files, of ``exclude`` and of ``per-file-ignores``.

https://git-scm.com/docs/gitignore#_pattern_format
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

TOKEN = re.compile(r"\*\*/|/\*\*\Z|\*+|\?|\[!?\]?[^]]*\]|\\.|.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Pattern:
    """One line; ``regex`` is tried on a path relative to the folder of the patterns, with slashes."""

    regex: re.Pattern[str]
    is_negated: bool
    only_folders: bool


@cache
def pattern(line: str) -> Pattern | None:
    """The pattern of a line; None for a comment, an empty line, and one that is no pattern."""
    text = re.sub(r"(?<!\\) +$", "", line.rstrip("\r\n"))
    if not text or text.startswith("#"):
        return None
    is_negated = text.startswith("!")
    text = text.removeprefix("!")
    only_folders = text.endswith("/")
    text = text.rstrip("/")
    anywhere, tokens = "" if "/" in text else "(?:.*/)?", TOKEN.findall(text.removeprefix("/"))
    if "[" in tokens:  # never closed
        return None
    try:
        regex = re.compile(anywhere + "".join(map(_translated, tokens)))
    except re.error:
        return None
    return Pattern(regex, is_negated, only_folders)


def _translated(token: str) -> str:
    if token == "**/":
        return "(?:.*/)?"
    if token == "/**":
        return "/.*"
    if token.startswith("*"):
        return "[^/]*"
    if token == "?":
        return "[^/]"
    if token.startswith("[") and len(token) > 2:
        return "(?!/)" + re.sub(r"^\[!", "[^", token).replace("\\", "\\\\")
    return re.escape(token[-1])


@dataclass(frozen=True, slots=True)
class Patterns:
    """The patterns of one place, for paths that start with ``prefix``; the last that matches decides."""

    prefix: str
    members: tuple[Pattern, ...]

    @classmethod
    def of(cls, prefix: str, lines: Iterable[str]) -> Patterns:
        return cls(prefix, tuple(found for line in lines if (found := pattern(line)) is not None))

    def decide(self, path: str, is_folder: bool) -> bool | None:
        """Whether they name the path; None where none of them does. False is a negated pattern."""
        if not path.startswith(self.prefix):
            return None
        inner = path[len(self.prefix) :]
        for one in reversed(self.members):
            if (is_folder or not one.only_folders) and one.regex.fullmatch(inner):
                return not one.is_negated
        return None


def is_named(path: str, is_folder: bool, places: Sequence[Patterns]) -> bool:
    """Whether the patterns name the path; those of the later places, which are nearer to it, come first."""
    for place in reversed(places):
        found = place.decide(path, is_folder)
        if found is not None:
            return found
    return False


def names_file(line: str, path: str) -> bool:
    """Whether one pattern names a file (a relative path) or a folder above it."""
    found = pattern(line)
    if found is None:
        return False
    parts = path.split("/")
    above = ("/".join(parts[: count + 1]) for count in range(len(parts)))
    return (
        any(found.regex.fullmatch(one) and (one != path or not found.only_folders) for one in above)
        is not found.is_negated
    )
