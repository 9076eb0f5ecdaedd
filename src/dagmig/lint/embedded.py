"""A machine that is a text inside another file: in a JSON string, a YAML scalar, several of them joined.

Every character of the text keeps its place in the file, so that findings stand where the user edits.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache

from dagmig.asl.load import load
from dagmig.asl.model import JSON, Machine
from dagmig.asl.places import json_places
from dagmig.diagnostics import Report, Span

BARE = "="  # before the name of a ``${Name}`` that stands outside of strings: it is no text
VARIABLE = re.compile(r"\$\{([^{}\"]*)\}")
STRING_OR_VARIABLE = re.compile(r'"(?:[^"\\]|\\.)*"|\$\{[^{}"]*\}')
ESCAPE = re.compile(r"\\(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))", re.DOTALL)
SINGLE = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "0": "\0", "a": "\a", "v": "\v", "e": "\x1b"}
PROPERTIES = re.compile(r"(?:[!&]\S*\s+)*")  # a YAML tag or anchor before a scalar
HEADER = re.compile(r"[|>][+-]?\d?[+-]?[^\n]*\n?")
SINGLE_QUOTED = re.compile(r"''|.", re.DOTALL)
SURROGATES = range(0xD800, 0xDC00)


@dataclass(frozen=True, slots=True)
class Written:
    """A text, and for each of its characters and its end the offset in the file."""

    text: str
    at: tuple[int, ...]

    @classmethod
    def slice(cls, text: str, start: int, end: int) -> Written:
        """A stretch of a file as it is."""
        return cls(text[start:end], tuple(range(start, end + 1)))

    def __add__(self, other: Written) -> Written:
        return Written(self.text + other.text, (*self.at[:-1], *other.at))


def scalar(value: str, text: str, start: int, end: int) -> Written:
    """The value of a JSON or YAML scalar that stands from ``start`` to ``end`` in the file's text.

    Where its characters are not found one after the other, all stand where the scalar begins.
    """
    units = _units(text, start, end)
    places: list[int] = []
    unit = next(units, None)
    for character in value:
        while unit is not None and unit[0].isspace() and not character.isspace():
            unit = next(units, None)
        places.append(end if unit is None else unit[1])
        if unit is None or character.isspace():
            if unit is not None and unit[0].isspace():
                unit = next(units, None)
            continue
        if unit[0] != character:
            return Written(value, (start,) * (len(value) + 1))
        unit = next(units, None)
    return Written(value, (*places, end if not places else _behind(places[-1], text, end)))


def _behind(last: int, text: str, end: int) -> int:
    return min(end, last + (len(found[0]) if (found := ESCAPE.match(text, last)) else 1))


def _units(text: str, start: int, end: int) -> Iterator[tuple[str, int]]:
    """The characters a scalar spells, each with its place; white space may be more than its value has."""
    start = PROPERTIES.match(text, start, end).end()  # type: ignore[union-attr]
    quote = text[start : start + 1]
    if quote == '"':
        yield from _escaped(text, start + 1, end - 1)
    elif quote == "'":
        yield from (
            (found[0][:1], found.start()) for found in SINGLE_QUOTED.finditer(text, start + 1, end - 1)
        )
    else:
        header = HEADER.match(text, start, end) if quote in "|>" else None
        first = header.end() if header else start
        yield from ((text[place], place) for place in range(first, end))


def _escaped(text: str, start: int, end: int) -> Iterator[tuple[str, int]]:
    place = start
    while place < end:
        found = ESCAPE.match(text, place, end)
        if found is None:
            yield text[place], place
            place += 1
            continue
        number = found[1] or found[2] or found[3]
        code = int(number, 16) if number else 0
        behind = found.end()
        low = ESCAPE.match(text, behind, end) if code in SURROGATES else None
        if low is not None and low[2]:
            code, behind = 0x10000 + ((code - 0xD800) << 10) + int(low[2], 16) - 0xDC00, low.end()
        yield (chr(code) if number else SINGLE.get(found[4], found[4])), place
        place = behind


def substituted(written: Written, values: Mapping[str, JSON]) -> Written:
    """The text; a ``${Name}`` outside of strings is its literal value, or a string ``"${=Name}"``."""
    parts: list[Written] = []
    done = 0
    for found in STRING_OR_VARIABLE.finditer(written.text):
        if found[0].startswith('"'):
            continue
        name = found[0][2:-1].strip()
        said = json.dumps(_plain(values.get(name), f"${{{BARE}{name}}}"))
        parts.append(_part(written, done, found.start()))
        parts.append(Written(said, (written.at[found.start()],) * len(said) + (written.at[found.end()],)))
        done = found.end()
    parts.append(_part(written, done, len(written.text)))
    whole = parts[0]
    for part in parts[1:]:
        whole += part
    return whole


def _plain(value: JSON, name: str) -> JSON:
    """What is filled in where no text stands, a number or the like: a substitution is written as a text, one
    of digits is a number in the definition. Else the name.
    """
    if isinstance(value, str):
        with suppress(ValueError):
            value = json.loads(value)
    return value if isinstance(value, (bool, int, float)) else name


def _part(written: Written, start: int, end: int) -> Written:
    return Written(written.text[start:end], written.at[start : end + 1])


def machine(
    written: Written, values: Mapping[str, JSON], text: str, file: str, pointer: str, report: Report
) -> Machine | None:
    """The machine that a text inside of ``file`` defines; None, said in ``report``, where it is no JSON."""
    errors = Report()
    inner = load(written.text, "x.json", errors)
    if inner is None and VARIABLE.search(written.text):
        written = substituted(written, values)
        inner = load(written.text, "x.json", Report())
    outer = _outer(written, text, file, pointer)
    if inner is None:
        for one in errors:
            report.add(one.code, one.message, outer(one.span), one.severity)
        return None

    @cache
    def places() -> Mapping[str, tuple[Span, Span]]:
        return dict(json_places(written.text, file))

    def locate(at: str, key: bool = False) -> Span:
        known = at
        while known not in places() and known:
            known = known.rpartition("/")[0]
        return outer(places()[known][int(key)], at)

    return Machine(inner.document, file, locate, inner.duplicate_keys)


def _outer(written: Written, text: str, file: str, pointer: str) -> Callable[..., Span]:
    """What makes a span of the file of a span of the text inside it."""
    lines, inner_lines = _starts(text), _starts(written.text)

    def place(line: int, column: int) -> tuple[int, int]:
        inner = min(inner_lines[min(line, len(inner_lines)) - 1] + column - 1, len(written.at) - 1)
        offset = written.at[max(0, inner)]
        number = bisect_right(lines, offset)
        return number, offset - lines[number - 1] + 1

    def span(inner: Span, below: str = "") -> Span:
        start = place(inner.line, inner.column)
        end = place(inner.end_line, inner.end_column) if inner.end_line else start
        return Span(file, *start, *end, pointer + below)

    return span


def _starts(text: str) -> list[int]:
    return [0, *(found.end() for found in re.finditer("\n", text))]
