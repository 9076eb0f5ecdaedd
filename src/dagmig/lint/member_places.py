"""Where the members of a definition stand in the text of its file.

A place that is not exactly known has none: what an alias or a merge of YAML names, and what is put together
of several texts.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from dagmig.asl.load import YAML_SUFFIXES
from dagmig.asl.model import JSON, Machine, escape
from dagmig.lint.spelling import spells

PROPERTIES = re.compile(r"(?:[!&]\S*\s+)*")  # a YAML tag or anchor
REST = re.compile(r"[ \t]*(?:#[^\n]*)?(?=\n|\Z)")


@dataclass(frozen=True, slots=True)
class Member:
    """The offsets of a member's key and value; those of an element's key are its value's."""

    name: str
    key: int
    key_end: int
    value: int
    end: int


@dataclass(frozen=True)
class MemberPlaces:
    """The places of what a machine or a template holds, in ``text``; an empty text has none."""

    text: str
    machine: Machine

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(found.end() for found in re.finditer("\n", self.text))]

    @property
    def is_yaml(self) -> bool:
        return self.machine.file.endswith(YAML_SUFFIXES)

    @property
    def has_comments(self) -> bool:
        return self.is_yaml or self.machine.file.endswith(".tf")

    def document(self, pointer: str) -> JSON:
        found: JSON = self.machine.document
        for token in pointer.split("/")[1:]:
            if isinstance(found, list):
                found = found[int(token)] if token.isdigit() and int(token) < len(found) else None
            else:
                found = found.get(unescape(token)) if isinstance(found, dict) else None
        return found

    def offsets(self, pointer: str, key: bool = False) -> tuple[int, int]:
        span = self.machine.locate(pointer, key)
        last = len(self._starts) - 1
        start = self._starts[min(span.line - 1, last)] + span.column - 1
        return start, self._starts[min(max(span.end_line, 1) - 1, last)] + span.end_column - 1

    def member(self, pointer: str, name: str) -> Member | None:
        """A member whose key and value are found, in the text of its object."""
        whole, at = self.offsets(pointer), f"{pointer}/{escape(name)}"
        if not self.text or pointer in self.machine.duplicate_keys:
            return None
        (key, key_end), (value, end) = self.offsets(at, True), self.offsets(at)
        member = Member(name, key, key_end, value, end)
        is_element = isinstance(self.document(pointer), list)
        is_named = (key, key_end) == (value, end) if is_element else spells(self.text[key:key_end], name)
        is_inside = whole[0] <= key <= value < end <= whole[1] and (is_element or key_end < value)
        is_there = is_named and is_inside and self._is_there(member, self.document(at))
        return member if is_there and self._is_within(pointer) else None

    def _is_within(self, pointer: str) -> bool:
        """Whether an object stands inside of all that hold it: one that an alias of YAML names does not."""
        start, end = self.offsets(pointer)
        while pointer and self.is_yaml:
            pointer = pointer.rpartition("/")[0]
            outer = self.offsets(pointer)
            if not outer[0] <= start <= end <= outer[1]:
                return False
        return True

    def _is_there(self, member: Member, value: JSON) -> bool:
        written = self.text[member.value : member.end]
        if not isinstance(value, dict | list):
            return spells(written, value)
        bare = written[PROPERTIES.match(written).end() :]  # type: ignore[union-attr]
        if bare[:1] in ("{", "["):
            return bare[-1] == {"{": "}", "[": "]"}[bare[0]]
        return self.is_yaml and not bare.startswith("*")

    def is_block(self, pointer: str) -> bool:
        """Whether an object or list is written in YAML's block style."""
        start, end = self.offsets(pointer)
        body = PROPERTIES.match(self.text, start, end).end()  # type: ignore[union-attr]
        return self.is_yaml and self.text[body : body + 1] not in ("{", "[")

    def line(self, place: int) -> tuple[int, str]:
        """Where the line of a place begins, and the text before the place."""
        start = self._starts[bisect_right(self._starts, place) - 1]
        return start, self.text[start:place]

    def inner(self, pointer: str) -> Iterator[Member]:
        """The members of an object or list whose places are known."""
        holder = self.document(pointer)
        names = range(len(holder)) if isinstance(holder, list) else holder if isinstance(holder, dict) else ()
        for name in names:
            if (member := self.member(pointer, str(name))) is not None:
                yield member

    def last_line(self, pointer: str, member: Member) -> int | None:
        """Where the last line of a member of a YAML block ends; None where more than that may stand there."""
        at = f"{pointer}/{escape(member.name)}"
        held = self.document(at)
        if isinstance(held, dict | list) and self.is_block(at):
            inner = list(self.inner(at))
            if inner and len(inner) == len(held):
                return self.last_line(at, max(inner, key=lambda one: one.key))
            return self._last_intrinsic(at, held) if isinstance(held, dict) else None
        written = self.text[member.value : member.end]
        rest = REST.match(self.text, member.end)
        return None if "\n" in written or written.startswith(("|", ">")) or rest is None else rest.end()

    def _last_intrinsic(self, pointer: str, held: dict[str, JSON]) -> int | None:
        """The same of an object whose last field is an intrinsic on one line: ``!GetAtt Queue.Arn``."""
        spans = [self.offsets(f"{pointer}/{escape(str(name))}") for name in held]
        start, end = max(spans)
        written, rest = self.text[start:end], REST.match(self.text, end)
        is_one = written.startswith("!") and "\n" not in written and rest is not None
        return rest.end() if is_one and rest is not None else None


def unescape(token: str) -> str:
    """The key that a token of a JSON pointer names."""
    return token.replace("~1", "/").replace("~0", "~")
