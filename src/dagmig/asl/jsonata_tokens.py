"""The tokens of JSONata, read one at a time: what ``/`` means depends on what the parser has just read."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

_SPACE = re.compile(r"[ \t\n\r\v]*")
_DOUBLE = ("..", ":=", "!=", ">=", "<=", "**", "~>", "?:", "??")
_SINGLE = ".[]{}(),@#;:?+-*/%|=<>^&!~"
_NUMBER = re.compile(r"(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?")
_NAME = re.compile(r"[^ \t\n\r\v.\[\]{}(),@#;:?+\-*/%|=<>^&!~]+")
_STRING = re.compile(r""""(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'""", re.DOTALL)
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_REGEX_FLAGS = re.compile(r"[im]*")
_WORDS = {"true": True, "false": False, "null": None}
_OPERATORS = frozenset({"and", "or", "in"})
_ESCAPED = frozenset('"\\/bfnrt')


class Token(NamedTuple):
    """``kind`` is ``operator``, ``literal``, ``name``, ``variable``, ``end``; ``value`` its meaning."""

    kind: str
    text: str
    value: object
    position: int

    @property
    def symbol(self) -> str:
        """The operator; empty for anything else."""
        return self.text if self.kind == "operator" else ""


class Tokens:
    """``fault`` makes the exception for a message and a position."""

    def __init__(self, text: str, fault: Callable[[str, int], Exception]) -> None:
        self.text, self.fault = text, fault
        self.position = 0

    def next(self, after_value: bool) -> Token:
        self._skip()
        at = self.position
        if at >= len(self.text):
            return Token("end", "", None, at)
        char = self.text[at]
        if char == "/" and not after_value:
            return self._regex(at)
        for operator in _DOUBLE:
            if self.text.startswith(operator, at):
                return self._token("operator", operator, None)
        if char in _SINGLE:
            return self._token("operator", char, None)
        if char in "\"'":
            return self._string(at)
        if char == "`":
            end = self.text.find("`", at + 1)
            if end < 0:
                raise self.fault("a quoted name has no end", at)
            return self._token("name", self.text[at : end + 1], self.text[at + 1 : end])
        if number := _NUMBER.match(self.text, at):
            return self._token("literal", number[0], float(number[0]))
        return self._word(at)

    def _skip(self) -> None:
        """Go past blanks and comments."""
        while True:
            blank = _SPACE.match(self.text, self.position)
            self.position = blank.end() if blank else self.position
            if not self.text.startswith("/*", self.position):
                return
            end = self.text.find("*/", self.position)
            if end < 0:
                raise self.fault("a comment has no end", self.position)
            self.position = end + 2

    def _token(self, kind: str, text: str, value: object) -> Token:
        token = Token(kind, text, value, self.position)
        self.position += len(text)
        return token

    def _string(self, at: int) -> Token:
        found = _STRING.match(self.text, at)
        if found is None:
            raise self.fault("a text has no end", at)
        for escape in _ESCAPE.finditer(found[0]):
            if escape[1][0] not in _ESCAPED and len(escape[1]) == 1:
                raise self.fault(f"`{escape[0]}` is no escape", at + escape.start())
        return self._token("literal", found[0], found[0][1:-1])

    def _regex(self, at: int) -> Token:
        depth, position = 0, at + 1
        while position < len(self.text):
            char, before = self.text[position], self.text[position - 1]
            if char == "/" and before != "\\" and depth == 0:
                flags = _REGEX_FLAGS.match(self.text, position + 1)
                text = self.text[at : flags.end() if flags else position + 1]
                if position == at + 1:
                    raise self.fault("a regular expression is empty", at)
                return self._token("literal", text, text)
            if before != "\\":
                depth += (char in "([{") - (char in ")]}")
            position += 1
        raise self.fault("a regular expression has no end", at)

    def _word(self, at: int) -> Token:
        found = _NAME.match(self.text, at)
        if found is None:
            raise self.fault(f"`{self.text[at]}` is not expected here", at)
        word = found[0]
        if word.startswith("$"):
            return self._token("variable", word, word[1:])
        if word in _OPERATORS:
            return self._token("operator", word, None)
        if word in _WORDS:
            return self._token("literal", word, _WORDS[word])
        return self._token("name", word, word)
