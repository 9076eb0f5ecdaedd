"""How a value is spelt on each side of an integration: pairs of inverse functions over values.

A function raises ``ValueError`` for a value it cannot respell; the caller makes that an open row.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from dagmig.graph import jinja
from dagmig.graph.model import Task
from dagmig.graph.values import (
    Connection,
    Entries,
    Items,
    Literal,
    MapItem,
    Opaque,
    Output,
    Param,
    RunContext,
    Template,
    Value,
    Variable,
)
from dagmig.integrations import json_text
from dagmig.integrations.sdk_names import sdk_name

FREE_MAPS = frozenset(
    {"annotations", "dockerLabels", "driverOpts", "environmentVariables", "labels", "options", "parameters",
     "properties", "tags"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Codec:
    """``to_asl`` makes a fragment's node of a value, ``to_airflow`` a value of a parameter."""

    to_asl: Callable[[Value], Any] = lambda value: value
    to_airflow: Callable[[Value], Value] = lambda value: value


def given(task: Task, name: str) -> Value | None:
    """An argument of the operator; None where it is not given, or given as None."""
    value = task.argument(name)
    return None if value == Literal(None) else value


def members(value: Value) -> list[tuple[str, Value]]:
    """The entries of a dict whose keys are known text."""
    match value:
        case Literal(dict() as known):
            pairs: Iterable[tuple[Value, Value]] = ((Literal(k), Literal(v)) for k, v in known.items())
        case Entries(entries):
            pairs = entries
        case _:
            raise ValueError("not a dict that is known")
    found: list[tuple[str, Value]] = []
    for key, item in pairs:
        if not isinstance(key, Literal) or not isinstance(key.value, str):
            raise ValueError("a key is not known")
        found.append((key.value, item))
    return found


def items(value: Value) -> list[Value]:
    """The members of a list."""
    match value:
        case Literal(list() | tuple() as known):
            return [Literal(item) for item in known]
        case Items(found):
            return list(found)
    raise ValueError("not a list that is known")


def mapping(pairs: Iterable[tuple[str, Value]]) -> Value:
    """A dict of values, literal where all of them are."""
    found = list(pairs)
    if all(isinstance(item, Literal) for _, item in found):
        return Literal({key: item.value for key, item in found if isinstance(item, Literal)})
    return Entries(tuple((Literal(key), item) for key, item in found))


def sequence(found: Iterable[Value]) -> Value:
    """A list of values, literal where all of them are."""
    listed = list(found)
    if all(isinstance(item, Literal) for item in listed):
        return Literal([item.value for item in listed if isinstance(item, Literal)])
    return Items(tuple(listed))


def is_dict(value: Value) -> bool:
    return isinstance(value, Entries) or (isinstance(value, Literal) and isinstance(value.value, dict))


def _is_list(value: Value) -> bool:
    return isinstance(value, Items) or (isinstance(value, Literal) and isinstance(value.value, (list, tuple)))


def _recased(value: Value, first: Callable[[str], str]) -> Value:
    """Every key with its first letter changed; a map from a user's own names keeps them."""
    if _is_list(value):
        return sequence(_recased(item, first) for item in items(value))
    if not is_dict(value):
        return value

    def inner(key: str, item: Value) -> Value:
        is_free = key[:1].lower() + key[1:] in FREE_MAPS and is_dict(item)
        return item if is_free else _recased(item, first)

    return mapping((first(key[:1]) + key[1:], inner(key, item)) for key, item in members(value))


def _tag_list(value: Value) -> Value:
    if _is_list(value):
        return value
    return sequence(mapping([("Key", Literal(key)), ("Value", item)]) for key, item in members(value))


def _tag_dict(value: Value) -> Value:
    return mapping(_tag(dict(members(tag))) for tag in items(value))


def _tag(tag: dict[str, Value]) -> tuple[str, Value]:
    key = tag.get("Key")
    if tag.keys() != {"Key", "Value"} or not isinstance(key, Literal) or not isinstance(key.value, str):
        raise ValueError("not tags")
    return key.value, tag["Value"]


def _words(name: str) -> str:
    """``memory_size`` for ``MemorySize``."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def _listed(value: Value) -> Value:
    return value if _is_list(value) or not isinstance(value, (Literal, Template)) else sequence([value])


def surrounded(before: str, value: Value, after: str = "") -> Value:
    """Text around a value, which is text itself."""
    match value:
        case Literal(str() as text):
            return Literal(f"{before}{text}{after}")
        case Template(parts):
            return Template((before, *parts, after))
        case Output() | MapItem() | Param() | RunContext() | Variable():
            return Template((before, value, after))
    raise ValueError("not text")


def joined(*parts: str | Value) -> Value:
    """Text of several parts, each text itself; raises ``ValueError`` where one is none."""
    if all(isinstance(part, (str, Literal)) for part in parts):
        return Literal("".join(str(part.value) if isinstance(part, Literal) else str(part) for part in parts))
    found: list[str | Value] = []
    for part in parts:
        value = jinja.parse(str(part.value)) if isinstance(part, Literal) else part
        match value:
            case Template(inner):
                found += inner
            case Literal(constant):
                found.append(str(constant))
            case str() | Output() | MapItem() | Param() | RunContext() | Variable() | Connection() | Opaque():
                found.append(value)
            case _:
                raise ValueError("not text")
    return Template(tuple(found))


def between(before: str, value: Value, after: str = "") -> Value:
    """The text inside of such text."""
    text = value.value if isinstance(value, Literal) else None
    if isinstance(text, str) and text.startswith(before) and text.endswith(after):
        return Literal(text[len(before) : len(text) - len(after)])
    raise ValueError(f"not text between `{before}` and `{after}`")


def sdk_names(*respelt: str) -> Codec:
    """A dict's names as ``aws-sdk`` states have them; ``respelt`` are those of the API that they change."""
    back = {sdk_name(name): name for name in respelt}
    return Codec(
        lambda value: mapping((sdk_name(key), item) for key, item in members(value)),
        lambda value: mapping((back.get(key, key), item) for key, item in members(value)),
    )


def wrapped(parameter: str) -> Codec:
    """The value alone in Airflow, the one field ``parameter`` of an object in the API."""

    def unwrap(value: Value) -> Value:
        found = members(value)
        if [key for key, _ in found] != [parameter]:
            raise ValueError(f"more than {parameter}")
        return found[0][1]

    return Codec(lambda value: mapping([(parameter, value)]), unwrap)


def _json_text(value: Value) -> Value:
    if isinstance(value, Literal):
        return Literal(json.dumps(value.value, ensure_ascii=False))
    raise ValueError("not known in full")


def _dumped(value: Value) -> Value:
    if isinstance(value, Literal):
        try:
            return Literal(json.dumps(value.value))
        except TypeError as problem:
            raise ValueError(str(problem)) from None
    raise ValueError("not known in full")


def _parsed(value: Value) -> Value:
    if isinstance(value, Literal) and isinstance(value.value, str):
        return Literal(json.loads(value.value))
    raise ValueError("not JSON text that is known")


SAME = Codec()
JSON_DUMP = Codec(_dumped, _parsed)
JSON_TEXT = Codec(json_text.node, _json_text)
JSON_OR_DICT = Codec(json_text.node)
PASCAL = Codec(lambda value: _recased(value, str.upper), lambda value: _recased(value, str.lower))
SNAKE = Codec(
    lambda value: mapping(("".join(map(str.capitalize, k.split("_"))), v) for k, v in members(value)),
    lambda value: mapping((_words(key), item) for key, item in members(value)),
)
LIST = Codec(_listed)  # one text stands for a list of one
TAGS = Codec(_tag_list, _tag_dict)
