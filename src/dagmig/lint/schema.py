"""The part of JSON Schema that dagmig's configuration needs: ``jsonschema`` takes longer to import than
a file to lint. A test holds both to the same answers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from dagmig.lint.plan import suggestion

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


def faults(document: Any, schema: Mapping[str, Any]) -> Iterator[Fault]:
    """What of a document the schema does not allow."""
    yield from _faults(document, schema, schema, ())


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
