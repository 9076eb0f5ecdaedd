"""Where a key or a value stands in a TOML file: ``tomllib`` does not say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

NAME = r"""(?:[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*')"""
KEY = re.compile(rf"\s*({NAME}(?:\s*\.\s*{NAME})*)\s*=")
HEADER = re.compile(rf"\s*\[\[?\s*({NAME}(?:\s*\.\s*{NAME})*)\s*\]\]?")


def place(text: str, path: Sequence[str], value: str | None = None) -> tuple[int, int]:
    """Line and column (from 1) of the key at ``path``, or of the string ``value`` in what it holds; of the
    nearest table above it where it is not written as a line of its own.
    """
    best, length = (1, 1), 0
    for keys, line, column in _keys(text):
        shared = len(keys) if tuple(keys) == tuple(path[: len(keys)]) else 0
        if shared > length:
            best, length = (line, column), shared
    wanted = path[length] if length < len(path) else value
    return best if wanted is None else _quoted(text, best, wanted)


def _keys(text: str) -> Iterator[tuple[list[str], int, int]]:
    table: list[str] = []
    for number, line in enumerate(text.split("\n"), 1):
        if header := HEADER.match(line):
            table = _names(header[1])
            yield table, number, header.start(1) + 1
        elif key := KEY.match(line):
            yield [*table, *_names(key[1])], number, key.start(1) + 1


def _names(dotted: str) -> list[str]:
    return [name.strip("\"'") for name in re.findall(NAME, dotted)]


def _quoted(text: str, start: tuple[int, int], wanted: str) -> tuple[int, int]:
    """The first mention of a text from a place on; the place itself where there is none."""
    lines = text.split("\n")
    at = sum(len(line) + 1 for line in lines[: start[0] - 1]) + start[1] - 1
    found = re.compile(rf"(?<![\w-]){re.escape(wanted)}(?![\w-])").search(text, at)
    if found is None:
        return start
    before = text[: found.start()]
    return before.count("\n") + 1, len(before) - before.rfind("\n")
