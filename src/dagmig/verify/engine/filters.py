"""Filter expressions of JSONPath: ``[?(@.price < 10 && @.kind == 'book')]``.

A comparison of values of different kinds is false, as in Jayway's JsonPath, which Step Functions follows.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Sequence
from typing import Any

from dagmig.verify.engine.errors import InvalidMachine

Operand = Callable[[Any], Any]
Holds = Callable[[Any], bool]
MISSING = object()
_TOKEN = re.compile(
    r"\s*(?:(?P<op>==|!=|<=|>=|&&|\|\||[<>!()])|(?P<path>@(?:\.[\w-]+|\[(?:'[^']*'|\d+)\])*)"
    r"|(?P<text>'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")|(?P<number>-?\d+(?:\.\d+)?)|(?P<word>true|false|null))"
)
_STEP = re.compile(r"\.([\w-]+)|\['([^']*)'\]|\[(\d+)\]")
_WORDS = {"true": True, "false": False, "null": None}
_ORDERS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def compiled(text: str) -> Holds:
    """The function of a filter, parentheses included, over one item."""
    tokens: list[tuple[str, str]] = []
    position = 0
    while position < len(text.rstrip()):
        found = _TOKEN.match(text, position)
        if found is None or found.lastgroup is None:
            raise InvalidMachine(f"{text!r} is not a filter that is understood")
        tokens.append((found.lastgroup, found[found.lastgroup]))
        position = found.end()
    return _Parser(text, tokens).whole()


class _Parser:
    def __init__(self, text: str, tokens: Sequence[tuple[str, str]]) -> None:
        self._text = text
        self._tokens = list(tokens)

    def whole(self) -> Holds:
        holds = self._any()
        if self._tokens:
            raise InvalidMachine(f"{self._text!r} is not a filter that is understood")
        return holds

    def _takes(self, symbol: str) -> bool:
        if self._tokens and self._tokens[0] == ("op", symbol):
            del self._tokens[0]
            return True
        return False

    def _any(self) -> Holds:
        parts = [self._all()]
        while self._takes("||"):
            parts.append(self._all())
        return lambda item: any(part(item) for part in parts)

    def _all(self) -> Holds:
        parts = [self._one()]
        while self._takes("&&"):
            parts.append(self._one())
        return lambda item: all(part(item) for part in parts)

    def _one(self) -> Holds:
        if self._takes("!"):
            inner = self._one()
            return lambda item: not inner(item)
        if self._takes("("):
            inner = self._any()
            if not self._takes(")"):
                raise InvalidMachine(f"{self._text!r}: a bracket is not closed")
            return inner
        return self._comparison()

    def _comparison(self) -> Holds:
        left = self._operand()
        if self._tokens and self._tokens[0][0] == "op" and self._tokens[0][1] in ("==", "!=", *_ORDERS):
            symbol = self._tokens.pop(0)[1]
            right = self._operand()
            return lambda item: _compared(symbol, left(item), right(item))
        return lambda item: left(item) is not MISSING

    def _operand(self) -> Operand:
        if not self._tokens or self._tokens[0][0] == "op":
            raise InvalidMachine(f"{self._text!r} is not a filter that is understood")
        kind, text = self._tokens.pop(0)
        if kind == "path":
            steps = [int(index) if index else a or b for a, b, index in _STEP.findall(text)]
            return lambda item: _at(item, steps)
        value: Any
        match kind:
            case "text":
                value = re.sub(r"\\(.)", r"\1", text[1:-1])
            case "number":
                value = float(text) if "." in text else int(text)
            case _:
                value = _WORDS[text]
        return lambda item: value


def _at(item: Any, steps: Sequence[str | int]) -> Any:
    for step in steps:
        if isinstance(step, str) and isinstance(item, dict):
            item = item.get(step, MISSING)
        elif isinstance(step, int) and isinstance(item, list) and step < len(item):
            item = item[step]
        else:
            return MISSING
    return item


def kind(value: Any) -> str:
    """JSON's name for the kind of a value."""
    match value:
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "string"
        case None:
            return "null"
        case list():
            return "array"
    return "object"


def _compared(symbol: str, left: Any, right: Any) -> bool:
    is_alike = kind(left) == kind(right) and left is not MISSING and right is not MISSING
    match symbol:
        case "==":
            return is_alike and bool(left == right)
        case "!=":
            return not (is_alike and bool(left == right))
    return is_alike and kind(left) in ("number", "string") and _ORDERS[symbol](left, right)
