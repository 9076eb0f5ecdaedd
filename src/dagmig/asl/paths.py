"""JSONPath and intrinsic functions: their grammar, with the place of every part; nothing is looked up.

https://states-language.net/spec.html#path, https://states-language.net/spec.html#appendix-b and
https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html. Step Functions reads paths with
Jayway's JsonPath: filters, slices and functions are among them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

ARITIES: Mapping[str, tuple[int, int]] = {
    "Format": (1, 99),
    "StringToJson": (1, 1),
    "JsonToString": (1, 1),
    "Array": (0, 99),
    "ArrayPartition": (2, 2),
    "ArrayContains": (2, 2),
    "ArrayRange": (3, 3),
    "ArrayGetItem": (2, 2),
    "ArrayLength": (1, 1),
    "ArrayUnique": (1, 1),
    "Base64Encode": (1, 1),
    "Base64Decode": (1, 1),
    "Hash": (2, 2),
    "JsonMerge": (3, 3),
    "MathRandom": (2, 3),
    "MathAdd": (2, 2),
    "StringSplit": (2, 2),
    "UUID": (0, 0),
}  # of each function the fewest and the most arguments
MAX_NESTING = 10
_VARIABLE = re.compile(r"\$([^\W\d]\w*)")
_NAME = re.compile(r"[^\s.\[\](),]+")
_CALL = re.compile(r"States\.(\w+)\s*\(")
_STRING = re.compile(r"'(?:[^'\\]|\\.)*'", re.DOTALL)
_LITERAL = re.compile(r"(?:-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?|true|false|null)(?=\s*[,)])")
_REFERENCE = re.compile(r"(?:\.[^\s.\[\](),:?*@]+|\[\d+\]|\['[^']*'\]|\[\"[^\"]*\"\])*")


class PathError(Exception):
    """A text is no path or intrinsic function; ``position`` counts its characters from 0."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(message)
        self.position = position


@dataclass(frozen=True, slots=True)
class Used:
    """A path: ``root`` is ``$``, ``$$`` or a variable's name; ``keys`` the steps before the first odd one."""

    root: str
    keys: tuple[str, ...]
    position: int


@dataclass(frozen=True, slots=True)
class Call:
    """An intrinsic function; ``arguments`` are literals as written, paths and calls."""

    name: str
    arguments: tuple[str | Used | Call, ...]
    position: int

    def walk(self) -> Iterator[str | Used | Call]:
        yield self
        for argument in self.arguments:
            yield from argument.walk() if isinstance(argument, Call) else (argument,)


def parse(text: str) -> Used | Call:
    """A path or an intrinsic function. Raises ``PathError``."""
    if text.startswith("States."):
        call, end = _call(text, 0, 1)
        if text[end:].strip():
            raise PathError(f"`{text[end:].strip()}` is not expected here", end)
        return call
    used, end = _path(text, 0, ())
    if end < len(text):
        raise PathError(f"`{text[end:]}` is not expected here", end)
    return used


def used(text: str) -> list[Used]:
    """The paths in a path or an intrinsic function; none where it is neither."""
    try:
        found = parse(text)
    except PathError:
        return []
    parts = found.walk() if isinstance(found, Call) else (found,)
    return [part for part in parts if isinstance(part, Used)]


def is_reference(text: str) -> bool:
    """Whether a path names one place: ``$`` (or a variable), names and indexes only."""
    root = "$" if not (variable := _VARIABLE.match(text)) else variable[0]
    return text.startswith(root) and _REFERENCE.fullmatch(text, len(root)) is not None


def _path(text: str, start: int, ends: tuple[str, ...]) -> tuple[Used, int]:
    """The path at ``start``, and where it ends: at the text's end or before one of ``ends``."""
    if not text.startswith("$", start):
        raise PathError("a path begins with `$`", start)
    variable = _VARIABLE.match(text, start)
    root = variable[1] if variable else "$$" if text.startswith("$$", start) else "$"
    position = variable.end() if variable else start + len(root)
    keys: list[str] = []
    is_plain = True
    while position < len(text) and text[position] not in ends:
        key, position = _step(text, position)
        is_plain = is_plain and key is not None
        if is_plain and key is not None:
            keys.append(key)
    return Used(root, tuple(keys), start), position


def _step(text: str, position: int) -> tuple[str | None, int]:
    """One step and where it ends; None for one that names no single key."""
    if text[position] == "[":
        end = _bracket_end(text, position)
        inner = text[position + 1 : end - 1].strip()
        quoted = re.fullmatch(r"'([^']*)'|\"([^\"]*)\"", inner)
        return ((quoted[1] or quoted[2] or "") if quoted else None), end
    if text[position] != ".":
        raise PathError(f"`{text[position]}` is not expected in a path", position)
    is_deep = text.startswith("..", position)
    position += 2 if is_deep else 1
    if position < len(text) and text[position] == "[":
        return None, position
    name = _NAME.match(text, position)
    if name is None:
        raise PathError("a name is missing after `.`", position)
    end = name.end()
    if text.startswith("(", end):
        close = text.find(")", end)
        if close < 0:
            raise PathError("`(` is not closed", end)
        return None, close + 1
    return (None if is_deep or name[0] == "*" else name[0]), end


def _bracket_end(text: str, start: int) -> int:
    """The place after the ``]`` that closes the ``[`` at ``start``."""
    depth, quote, position = 0, "", start
    while position < len(text):
        char = text[position]
        if quote:
            position += char == "\\"
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        else:
            depth += (char == "[") - (char == "]")
            if not depth:
                if position == start + 1:
                    raise PathError("`[]` is empty", start)
                return position + 1
        position += 1
    raise PathError("`[` is not closed", start)


def _call(text: str, start: int, depth: int) -> tuple[Call, int]:
    head = _CALL.match(text, start)
    if head is None:
        raise PathError("an intrinsic function is written `States.Name(...)`", start)
    if depth > MAX_NESTING:
        raise PathError(f"intrinsic functions are nested more than {MAX_NESTING} deep", start)
    position = head.end()
    arguments: list[str | Used | Call] = []
    while True:
        position = _blank(text, position)
        if text.startswith(")", position) and not arguments:
            break
        argument, position = _argument(text, position, depth)
        arguments.append(argument)
        position = _blank(text, position)
        if not text.startswith(",", position):
            break
        position += 1
    if not text.startswith(")", position):
        raise PathError(f"the brackets of `States.{head[1]}` are not closed", min(position, len(text)))
    return Call(head[1], tuple(arguments), start), position + 1


def _argument(text: str, position: int, depth: int) -> tuple[str | Used | Call, int]:
    if text.startswith("States.", position):
        return _call(text, position, depth + 1)
    if text.startswith("$", position):
        found, end = _path(text, position, (",", ")", " "))
        return found, end
    literal = _STRING.match(text, position) or _LITERAL.match(text, position)
    if literal is None:
        raise PathError("an argument is a path, a text in single quotes, a number or a function", position)
    return literal[0], literal.end()


def _blank(text: str, position: int) -> int:
    while position < len(text) and text[position].isspace():
        position += 1
    return position


def closing(text: str, position: int) -> int | None:
    """Where the bracket at ``position`` closes, quoted text passed over; None where it does not."""
    depth, quote = 0, ""
    for index in range(position, len(text)):
        character = text[index]
        if quote:
            quote = "" if character == quote and text[index - 1] != "\\" else quote
        elif character in "'\"":
            quote = character
        elif character in "[(":
            depth += 1
        elif character in "])":
            depth -= 1
            if not depth:
                return index
    return None
