"""Where the values of a JSON text stand: one walk over its tokens, whatever the length of its lines."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator

from dagmig.asl.model import escape
from dagmig.diagnostics import Span

TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')
OPENS, CLOSES = "{[", "}]"


def json_places(text: str, file: str) -> Iterator[tuple[str, tuple[Span, Span]]]:
    """Yield (pointer, (span of the value, span of its key)) of a valid JSON text, inner values first.

    An element of a list, and the whole document, have their own span for that of a key.
    """
    span = spans(text, file)
    stack: list[_Open] = []
    key: tuple[str, Span] | None = None
    for token in TOKEN.finditer(text):
        word, start, end = token[0], token.start(), token.end()
        if word in OPENS:
            stack.append(_Open(_pointer(stack, key), start, key[1] if key else None, word == "{"))
            key = None
        elif word in CLOSES:
            ended = stack.pop()
            here = span(ended.start, end)
            yield ended.pointer, (here, ended.key or here)
        elif word == ",":
            stack[-1].index += 1
        elif word == ":":
            continue
        elif stack and stack[-1].is_object and key is None:
            key = (json.loads(word), span(start, end))
        else:
            here = span(start, end)
            yield _pointer(stack, key), (here, key[1] if key else here)
            key = None


def spans(text: str, file: str) -> Callable[[int, int], Span]:
    """What makes a span of two offsets into the text."""
    starts = [0, *(found.end() for found in re.finditer("\n", text))]

    def place(offset: int) -> tuple[int, int]:
        line = bisect_right(starts, offset)
        return line, offset - starts[line - 1] + 1

    return lambda start, end: Span(file, *place(start), *place(end))


class _Open:
    """An object or list that is not closed yet."""

    __slots__ = ("index", "is_object", "key", "pointer", "start")

    def __init__(self, pointer: str, start: int, key: Span | None, is_object: bool) -> None:
        self.pointer, self.start, self.key, self.is_object = pointer, start, key, is_object
        self.index = 0


def _pointer(stack: list[_Open], key: tuple[str, Span] | None) -> str:
    if not stack:
        return ""
    name = escape(key[0]) if key else str(stack[-1].index)
    return f"{stack[-1].pointer}/{name}"
