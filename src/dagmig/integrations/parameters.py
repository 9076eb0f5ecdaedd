"""Parameters of a call: an argument each, fields of objects, and those that only the run knows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

from dagmig.graph.model import Task
from dagmig.graph.values import Literal, Value
from dagmig.integrations.fragment import Expression, Part
from dagmig.integrations.spelling import SAME, Codec, is_dict, mapping, members, sequence


@dataclass(frozen=True, slots=True)
class Field:
    """``argument`` of the operator is ``parameter`` of the state, or ``parameter.field`` within an object.

    ``default`` is what the operator sends where nothing is said and the API would not assume. The
    parameter may be left out in Airflow with None, or not at all: then ``absent`` is the difference.
    """

    argument: str
    parameter: str
    codec: Codec = SAME
    default: Any = None
    absent: str = ""


def given(task: Task, one: Field) -> Value | None:
    """The argument, or what the operator sends in its place; None where nothing is sent."""
    value = task.argument(one.argument)
    if value is None:
        return None if one.default is None else Literal(one.default)
    return None if value == Literal(None) else value


def put(arguments: dict[str, Any], parameter: str, node: Any) -> None:
    """Set a parameter, or a field of one, which may be known as a whole already."""
    name, _, inner = parameter.partition(".")
    if not inner:
        arguments[name] = node
        return
    whole = arguments.get(name, {})
    fields = dict(whole) if isinstance(whole, Mapping) else dict(members(whole))
    put(fields, inner, node)
    arguments[name] = fields


def flat(parameters: Mapping[str, Value], known: list[str]) -> dict[str, Value]:
    """The parameters, those of which a field is known by itself taken apart."""
    apart = {name.partition(".")[0] for name in known if "." in name}
    found: dict[str, Value] = {}
    for name, value in parameters.items():
        if name not in apart or not is_dict(value):
            found[name] = value
            continue
        inner = [field.partition(".")[2] for field in known if field.startswith(f"{name}.")]
        fields = flat(dict(members(value)), inner)
        here = {key: item for key, item in fields.items() if key in inner}
        rest = {key: item for key, item in fields.items() if key not in inner}
        found |= {f"{name}.{key}": item for key, item in here.items()}
        if rest:
            found[name] = mapping(rest.items())
    return found


def merged(arguments: Mapping[str, Any], value: Value) -> Expression:
    """JSONata for known parameters and others that only the run knows."""
    fields: list[Part] = []
    for name, node in arguments.items():
        fields += [", " if fields else "", f"'{name}': "]
        fields += node.parts if isinstance(node, Expression) else (as_value(node),)
    return Expression.of("$merge([{", *fields, "}, ", value, "])")


def as_value(node: Any) -> Value:
    """A node of dicts, lists and values as one value."""
    match node:
        case Mapping():
            return mapping((key, as_value(item)) for key, item in node.items())
        case list() | tuple():
            return sequence(as_value(item) for item in node)
        case Expression():
            raise ValueError("JSONata within a value")
    return node if isinstance(node, get_args(Value)) else Literal(node)
