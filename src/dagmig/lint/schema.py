"""The schema of the configuration, and the part of JSON Schema that it needs: ``jsonschema`` takes longer to
import than a file to lint. A test holds both to the same answers.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

TYPES: dict[str, tuple[type, str]] = {
    "object": (dict, "a table"),
    "array": (list, "a list"),
    "string": (str, "a text"),
    "boolean": (bool, "true or false"),
}


class Fault(NamedTuple):
    """What is wrong at ``path``; ``value`` is the text that is meant, where it is one of several."""

    path: tuple[str, ...]
    message: str
    value: str | None = None


@cache
def schema() -> Mapping[str, Any]:
    """The JSON schema of the configuration, as the package ships it."""
    text = (Path(__file__).parents[1] / "schemas" / "config.schema.json").read_text(encoding="utf-8")
    found: Mapping[str, Any] = json.loads(text)
    return found


@cache
def known_names() -> frozenset[str]:
    """The shipped rules and categories, without a look at them."""
    return frozenset(schema()["$defs"]["rule"]["enum"])


def faults(document: Any, against: Mapping[str, Any]) -> Iterator[Fault]:
    """What of a document the schema does not allow."""
    yield from _faults(document, against, against, ())


def _faults(
    value: Any, schema: Mapping[str, Any], root: Mapping[str, Any], path: tuple[str, ...]
) -> Iterator[Fault]:
    if "$ref" in schema:
        schema = root["$defs"][schema["$ref"].rpartition("/")[2]]
    if "anyOf" in schema:
        tries = [list(_faults(value, one, root, path)) for one in schema["anyOf"]]
        if all(tries):  # what is said is of the first of the right type
            fitting = (t for t, one in zip(tries, schema["anyOf"], strict=True) if _is(value, one, root))
            yield from next(fitting, tries[0])
        return
    name = path[-1] if path else "the configuration"
    if not _is(value, schema, root):
        yield Fault(path, f"{name!r} is {TYPES[schema['type']][1]}")
    elif isinstance(value, dict):
        yield from _members(value, schema, root, path)
    elif isinstance(value, list):
        for item in value:
            yield from _faults(item, schema.get("items", {}), root, path)
    elif isinstance(value, str):
        if value not in schema.get("enum", (value,)):
            known = schema["enum"]
            said = f"{value!r} is none of {', '.join(known)}{suggestion(value, known)}"
            yield Fault(path, said, value)
        elif not re.search(schema.get("pattern", ""), value):
            yield Fault(path, f"{value!r}: {name} {schema['description']}", value)


def _members(
    value: Mapping[str, Any], schema: Mapping[str, Any], root: Mapping[str, Any], path: tuple[str, ...]
) -> Iterator[Fault]:
    known, others = schema.get("properties", {}), schema.get("additionalProperties", {})
    for key, member in value.items():
        if key not in known and others is False:
            yield Fault((*path, key), f"unknown key {key!r}{suggestion(key, known)}")
        else:
            yield from _faults(member, known.get(key, others), root, (*path, key))


def _is(value: Any, schema: Mapping[str, Any], root: Mapping[str, Any]) -> bool:
    if "$ref" in schema:
        schema = root["$defs"][schema["$ref"].rpartition("/")[2]]
    return "type" not in schema or isinstance(value, TYPES[schema["type"]][0])


def suggestion(name: str, known: Iterable[str]) -> str:
    """A question that ends the message about an unknown name; empty where nothing is near."""
    near = difflib.get_close_matches(name, sorted(known), n=1)
    return f"; did you mean {near[0]!r}?" if near else ""
