"""The literal part of a Terraform file: resources, here-documents, and what ``jsonencode`` is given.

https://developer.hashicorp.com/terraform/language/syntax/configuration
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from dagmig.asl.model import JSON, escape

RESOURCE = re.compile(r'^\s*(?:resource|data)\s+"([^"]+)"\s+"([^"]+)"\s*\{', re.MULTILINE)
HEREDOC = re.compile(r"<<-?\s*(\w+)[ \t]*\n")
BLANK = re.compile(r"(?:\s+|#[^\n]*|//[^\n]*|/\*.*?\*/)+", re.DOTALL)
STRING = re.compile(
    r'"(?:[^"\\$%]|\\.|\$\$|%%|[$%](?!\{)|[$%]\{(?:[^{}"]|"[^"]*"|\{[^{}]*\})*\})*"', re.DOTALL
)
NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])")
NAME = re.compile(r"[A-Za-z_][\w-]*")
HEAD = re.compile(
    r'(?P<name>[A-Za-z_][\w-]*)\s*(?:"(?P<label>[^"\n]*)"\s*)*(?P<opens>\{|=(?![=>]))'
)  # of an argument or a nested block
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


@dataclass(frozen=True, slots=True)
class Block:
    """A resource: where its head stands, and in ``body`` its arguments and nested blocks.

    What is no literal is ``${...}``, a ``dynamic`` block an object with the key ``dynamic``; ``body`` is None
    where it cannot be read.
    """

    kind: str
    name: str
    head: tuple[int, int]
    body: Mapping[str, JSON] | None


def blocks(text: str, kinds: Collection[str], word: str = "resource") -> Iterator[Block]:
    """The resources of some kinds in a file, or with ``word`` its ``data``."""
    for head, inside in _resources(text, kinds, word):
        body: Mapping[str, JSON] | None = None
        with suppress(NotLiteral):
            body = _Reader(inside, Value()).body(0, 0)[0]
        yield Block(head[1], head[2], (head.start(1) - 1, head.end(2) + 1), body)


def attributes(text: str, kind: str, name: str) -> Iterator[tuple[str, int]]:
    """The name of each resource of a kind that has an attribute, and where the value of it starts."""
    for head, inside in _resources(text, (kind,)):
        place = 0
        while place < len(inside) and inside[place] != "}":
            place = _skipped(inside, place)
            found = NAME.match(inside, place)
            if found is None:
                place += 1
                continue
            behind = _skipped(inside, found.end())
            is_attribute = inside[behind : behind + 1] == "=" and inside[behind + 1 : behind + 2] != "="
            if is_attribute and found[0] == name:
                yield head[2], head.end() + _skipped(inside, behind + 1)
            place = _past(inside, behind + 1 if is_attribute else behind)


def _resources(
    text: str, kinds: Collection[str], word: str = "resource"
) -> Iterator[tuple[re.Match[str], str]]:
    """The head of each resource of some kinds, and what stands behind it until the next one begins."""
    heads = list(RESOURCE.finditer(text))
    ends = [*(head.start() for head in heads[1:]), len(text)]
    for head, end in zip(heads, ends, strict=True):
        if head[1] in kinds and head[0].lstrip().startswith(word):
            yield head, text[head.end() : end]


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

    def body(self, place: int, depth: int) -> tuple[dict[str, JSON], int]:
        """What stands in a block that opens before ``place``, and where it ends."""
        if depth > MAX_DEPTH:
            raise NotLiteral
        members: dict[str, JSON] = {}
        place = _skipped(self.text, place)
        while self.text[place : place + 1] != "}":
            head = HEAD.match(self.text, place)
            if head is None:
                raise NotLiteral
            if head["opens"] == "=":
                start = _skipped(self.text, head.end())
                members[head["name"]], end = self.read(start, "", None, depth + 1)
            else:
                inner, end = self.body(head.end(), depth + 1)
                is_dynamic = head["name"] == "dynamic"
                name = head["label"] if is_dynamic else head["name"]
                members[name] = _with(members.get(name), {"dynamic": {}} if is_dynamic else inner)
            place = _skipped(self.text, end)
        return members, place + 1

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


def _with(before: JSON, block: JSON) -> JSON:
    """A block, or the list of those of one name."""
    if before is None:
        return block
    return [*before, block] if isinstance(before, list) else [before, block]


def _unquoted(written: str) -> str:
    inner = re.sub(r'\\(["\\ntr])', lambda found: SINGLE[found[1]], written[1:-1])
    return inner.replace("%%{", "%{")


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
            place = _line_end(text, span[1])
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
            place = comment.end() if depth else _line_end(text, place)
            continue
        place += 1
    return place


def _line_end(text: str, place: int) -> int:
    found = text.find("\n", place)
    return len(text) if found < 0 else found
