"""JSONPaths that may name several values, as the steps that the function ``find_all`` of a DAG takes.

A filter becomes a function. The forms are those of Jayway's JsonPath, which Step Functions follows:
https://docs.aws.amazon.com/step-functions/latest/dg/amazon-states-language-paths.html
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from dagmig.asl.lift.document import Key
from dagmig.asl.lift.expression import literal, quote
from dagmig.asl.paths import closing

_NAME = re.compile(r"\.([^\s.\[\]()*?@'\"=<>!&|,]+)")
_QUOTED = r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\""
_QUOTED_LIST = re.compile(rf"\s*(?:{_QUOTED})\s*(?:,\s*(?:{_QUOTED})\s*)*")
_INDEXES = re.compile(r"-?\d+(?:\s*,\s*-?\d+)*")
_SLICE = re.compile(r"(-?\d*):(-?\d*)(?::(-?\d+))?")
_TOKEN = re.compile(
    r"\s*(?:(?P<sign>==|!=|<=|>=|<|>)|(?P<logic>&&|\|\||[!()])|(?P<path>@(?:\.[\w-]+|\[(?:'[^']*'|\d+)\])*)"
    rf"|(?P<text>{_QUOTED})|(?P<number>-?\d+(?:\.\d+)?)|(?P<word>true|false|null))"
)
_STEP = re.compile(r"\.([\w-]+)|\['([^']*)'\]|\[(\d+)\]")
_LOGIC = {"&&": " and ", "||": " or ", "!": "not ", "(": "(", ")": ")"}
_WORDS = {"true": "True", "false": "False", "null": "None"}
_ALL = "slice(None)"


def steps(path: str) -> list[Key] | None:
    """The steps after a path's root, those that may find several values as ``Several``.

    None for what is no path, or has a filter that is not converted.
    """
    found: list[Key] = []
    position = 0
    while position < len(path):
        step, position = _step(path, position)
        if step is None:
            return None
        found.append(step)
    return found


def source(step: Key) -> str:
    """A step as an argument of ``find_all``."""
    return step.code if isinstance(step, Several) else literal(step)


class Several(str):
    """A step that may find several values: its own source."""

    @property
    def code(self) -> str:
        return str(self)


def _step(path: str, position: int) -> tuple[Key | None, int]:
    if path.startswith("..", position):
        rest = position + 2 if path[position + 2 : position + 3] in ("[", "*") else position + 1
        inner, end = (Several(_ALL), rest + 1) if path.startswith("*", rest) else _step(path, rest)
        return (None if inner is None else Several(f"({source(inner)},)")), end
    if path.startswith(".*", position):
        return Several(_ALL), position + 2
    if named := _NAME.match(path, position):
        return named[1], named.end()
    if path.startswith(".[", position):
        position += 1
    if path[position] != "[":
        return None, position
    end = closing(path, position) or len(path)
    return _bracketed(path[position + 1 : end].strip()), end + 1


def _bracketed(inside: str) -> Key | None:
    if inside == "*":
        return Several(_ALL)
    if inside.startswith("?"):
        condition = _filter(inside[1:].strip())
        return None if condition is None else Several(f"lambda each: {condition}")
    if _INDEXES.fullmatch(inside):
        indexes = [int(part) for part in inside.split(",")]
        return indexes[0] if len(indexes) == 1 else Several(literal(indexes))
    if sliced := _SLICE.fullmatch(inside):
        return Several(
            f"slice({', '.join(part or 'None' for part in (sliced[1], sliced[2], sliced[3] or ''))})"
        )
    if not _QUOTED_LIST.fullmatch(inside):
        return None
    names = [_unescaped(one) for one in re.findall(_QUOTED, inside)]
    return names[0] if len(names) == 1 else Several(literal(names))


def _unescaped(text: str) -> str:
    """A text in quotes without them."""
    return re.sub(r"\\(.)", r"\1", text[1:-1])


def _filter(text: str) -> str | None:
    """The Python condition on ``each`` that a filter is; None where it is not understood."""
    tokens: list[tuple[str, str]] = []
    position, end = 0, len(text.rstrip())
    while position < end:
        token = _TOKEN.match(text, position)
        if token is None or token.lastgroup is None:
            return None
        tokens.append((token.lastgroup, token[token.lastgroup]))
        position = token.end()
    condition = _condition(tokens)
    while condition.startswith("(") and closing(condition, 0) == len(condition) - 1:
        condition = condition[1:-1]
    try:
        compile(f"lambda each: {condition}", "filter", "eval")
    except SyntaxError:
        return None
    return condition


def _condition(tokens: Sequence[tuple[str, str]]) -> str:
    parts: list[str] = []
    index = 0
    while index < len(tokens):
        kind, text = tokens[index]
        if kind == "logic":
            parts.append(_LOGIC[text])
            index += 1
        elif tokens[index + 1 : index + 2] and tokens[index + 1][0] == "sign" and len(tokens) > index + 2:
            sign, right = tokens[index + 1][1], tokens[index + 2]
            parts.append(f"compared({_operand(kind, text)}, {quote(sign)}, {_operand(*right)})")
            index += 3
        else:
            parts.append(f"{_operand(kind, text)} != []" if kind == "path" else "!")
            index += 1
    return "".join(parts)


def _operand(kind: str, text: str) -> str:
    match kind:
        case "path":
            keys = [int(index) if index else a or b for a, b, index in _STEP.findall(text)]
            return f"at_path({', '.join(['each', *map(literal, keys)])})"
        case "text":
            return f"[{quote(_unescaped(text))}]"
        case "number":
            return f"[{text}]"
        case "word":
            return f"[{_WORDS[text]}]"
    return "!"
