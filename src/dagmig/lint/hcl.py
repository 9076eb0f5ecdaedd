"""The literal part of a Terraform file: resources, here-documents, and what ``jsonencode`` is given.

https://developer.hashicorp.com/terraform/language/syntax/configuration
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from dagmig.asl.model import JSON, escape

RESOURCE = re.compile(r'^\s*resource\s+"([^"]+)"\s+"([^"]+)"\s*\{', re.MULTILINE)
HEREDOC = re.compile(r"<<-?\s*(\w+)[ \t]*\n")
BLANK = re.compile(r"(?:\s+|#[^\n]*|//[^\n]*|/\*.*?\*/)+", re.DOTALL)
STRING = re.compile(
    r'"(?:[^"\\$%]|\\.|\$\$|%%|[$%](?!\{)|[$%]\{(?:[^{}"]|"[^"]*"|\{[^{}]*\})*\})*"', re.DOTALL
)
NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])")
NAME = re.compile(r"[A-Za-z_][\w-]*")
WORDS: dict[str, JSON] = {"true": True, "false": False, "null": None}
SINGLE = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\"}
MAX_DEPTH = 200


class NotLiteral(Exception):
    """What stands there cannot be read as a value."""


@dataclass
class Value:
    """A value with the offsets of its parts by pointer: start and end of the value, and of its key."""

    document: JSON = None
    places: dict[str, tuple[int, int, int, int]] = field(default_factory=dict)


def attributes(text: str, kind: str, name: str) -> Iterator[int]:
    """Where the value of an attribute starts, in each resource of a kind."""
    for resource in RESOURCE.finditer(text):
        if resource[1] != kind:
            continue
        place = resource.end()
        while place < len(text) and text[place] != "}":
            place = _skipped(text, place)
            found = NAME.match(text, place)
            if found is None:
                place += 1
                continue
            behind = _skipped(text, found.end())
            is_attribute = text[behind : behind + 1] == "=" and text[behind + 1 : behind + 2] != "="
            if is_attribute and found[0] == name:
                yield _skipped(text, behind + 1)
            place = _past(text, behind + 1 if is_attribute else behind)


def heredoc(text: str, place: int) -> tuple[int, int] | None:
    """Where the text of a here-document starts and ends, which opens at ``place``."""
    opened = HEREDOC.match(text, place)
    if opened is None:
        return None
    closed = re.compile(rf"^[ \t]*{opened[1]}[ \t]*$", re.MULTILINE).search(text, opened.end())
    return (opened.end(), closed.start()) if closed else None


def value(text: str, place: int) -> Value:
    """The value at ``place``; what is no literal is a text ``${...}``. Raises ``NotLiteral``."""
    found = Value()
    found.document = _Reader(text, found).read(_skipped(text, place), "", None, 0)[0]
    return found


@dataclass
class _Reader:
    text: str
    found: Value

    def read(self, place: int, pointer: str, key: tuple[int, int] | None, depth: int) -> tuple[JSON, int]:
        """A value and where it ends."""
        if depth > MAX_DEPTH:
            raise NotLiteral
        here = self.text[place : place + 1]
        if here == "{":
            document, end = self._object(place, pointer, depth)
        elif here == "[":
            document, end = self._list(place, pointer, depth)
        else:
            document, end = self._single(place)
        self.found.places[pointer] = (place, end, *(key or (place, end)))
        return document, end

    def _object(self, place: int, pointer: str, depth: int) -> tuple[JSON, int]:
        document: dict[str, JSON] = {}
        place = self._next(place + 1)
        while self.text[place : place + 1] != "}":
            name = STRING.match(self.text, place) or NAME.match(self.text, place)
            if name is None:
                raise NotLiteral
            word = _unquoted(name[0]) if name[0].startswith('"') else name[0]
            behind = _skipped(self.text, name.end())
            if self.text[behind : behind + 1] not in ("=", ":"):
                raise NotLiteral
            start = _skipped(self.text, behind + 1)
            document[word], end = self.read(start, f"{pointer}/{escape(word)}", name.span(), depth + 1)
            place = self._next(end)
        return document, place + 1

    def _list(self, place: int, pointer: str, depth: int) -> tuple[JSON, int]:
        document: list[JSON] = []
        place = self._next(place + 1)
        while self.text[place : place + 1] != "]":
            member, end = self.read(place, f"{pointer}/{len(document)}", None, depth + 1)
            document.append(member)
            place = self._next(end)
        return document, place + 1

    def _next(self, place: int) -> int:
        """Past white space and a comma."""
        place = _skipped(self.text, place)
        return _skipped(self.text, place + 1) if self.text[place : place + 1] == "," else place

    def _single(self, place: int) -> tuple[JSON, int]:
        end = _past(self.text, place)
        literal = (
            STRING.match(self.text, place) or NUMBER.match(self.text, place) or NAME.match(self.text, place)
        )
        if literal is not None and not BLANK.sub("", self.text[literal.end() : end]):
            end = literal.end()  # a comment may follow
        written = self.text[place:end].rstrip()
        end = place + len(written)
        if not written:
            raise NotLiteral
        if STRING.fullmatch(written):
            return _unquoted(written), end
        if NUMBER.fullmatch(written):
            return (float(written) if re.search("[.eE]", written) else int(written)), end
        return WORDS.get(written, "${" + written + "}"), end


def _unquoted(written: str) -> str:
    inner = re.sub(r'\\(["\\ntr])', lambda found: SINGLE[found[1]], written[1:-1])
    return inner.replace("$${", "${").replace("%%{", "%{")


def _skipped(text: str, place: int) -> int:
    """Past white space and comments."""
    found = BLANK.match(text, place)
    return found.end() if found else place


def _past(text: str, place: int) -> int:
    """Where an expression ends: before a comma, a line's end or a closing bracket that is not its own."""
    depth = 0
    while place < len(text):
        here = text[place]
        if here == '"' and (found := STRING.match(text, place)):
            place = found.end()
            continue
        if here == "<" and (span := heredoc(text, place)):
            place = text.find("\n", span[1]) if "\n" in text[span[1] :] else len(text)
            continue
        if here in "([{":
            depth += 1
        elif here in ")]}":
            if depth == 0:
                return place
            depth -= 1
        elif depth == 0 and here in ",\n":
            return place
        elif here in "#/" and (comment := BLANK.match(text, place)):
            place = (
                comment.end()
                if depth
                else place + (text[place:].find("\n") if "\n" in text[place:] else len(text))
            )
            continue
        place += 1
    return place
