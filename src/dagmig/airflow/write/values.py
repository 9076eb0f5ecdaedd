"""Values as expressions: literals, and references into the run as Jinja templates."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import libcst as cst

from dagmig.airflow.write.imports import Imports
from dagmig.graph.jinja import unparse
from dagmig.graph.values import (
    Connection,
    Entries,
    Function,
    Items,
    Joined,
    Literal,
    MapItem,
    New,
    Opaque,
    Output,
    Param,
    Reference,
    RunContext,
    Template,
    Transformed,
    Value,
    Variable,
)

Outputs = Callable[[Output], cst.BaseExpression | None]
_UNITS = (("weeks", 604800), ("days", 86400), ("hours", 3600), ("minutes", 60), ("seconds", 1))


def no_output(value: Output) -> cst.BaseExpression | None:
    """No output is passed on as it is."""
    return None


def expression(value: Value, imports: Imports, given: Outputs = no_output) -> cst.BaseExpression:
    """The Python expression for a value; names it needs are added to ``imports``.

    ``given`` is the ``XComArg`` that an output can be passed on as; a template gives text.
    """
    if isinstance(value, Output) and (held := given(value)) is not None:
        return held
    match value:
        case Literal(constant):
            return literal(constant, imports)
        case Items() | Entries():
            return _collection(value, imports, given)
        case Template():
            return string(unparse(value))
        case Output() | Param() | RunContext() | Variable() | Connection():
            return string(unparse(Template((value,))))
        case New():
            return _new(value, imports)
        case Reference(name):
            return cst.parse_expression(imports.name(name))
        case Function(name):
            return cst.Name(name)
        case MapItem():
            raise ValueError("what an instance is mapped over has no form of its own")
        case Joined() | Transformed():
            raise ValueError("what is made of outputs has no form of its own")
        case Opaque(source):
            return cst.parse_expression(source)


def _collection(value: Items | Entries, imports: Imports, given: Outputs) -> cst.BaseExpression:
    if isinstance(value, Items):
        return _bracketed([expression(item, imports, given) for item in value.items], value.kind)
    pairs = (
        (expression(key, imports, given), expression(member, imports, given)) for key, member in value.entries
    )
    return _dict(pairs)


def _new(value: New, imports: Imports) -> cst.BaseExpression:
    given = [(None, expression(argument, imports)) for argument in value.arguments]
    named = [(name, expression(argument, imports)) for name, argument in value.keywords.items()]
    return call(imports.name(value.type), [*given, *named])


def string(text: str) -> cst.SimpleString:
    """A string in the formatter's quotes."""
    return cst.SimpleString(quote(text))


def quote(text: str) -> str:
    """Python source of a string: double quotes unless that needs more escapes."""
    found = repr(text)
    if found[0] == '"' or text.count('"') > text.count("'"):
        return found
    return '"' + found[1:-1].replace("\\'", "'").replace('"', '\\"') + '"'


def literal(value: Any, imports: Imports) -> cst.BaseExpression:
    """A constant of the kinds a ``Literal`` may hold. Raises ``TypeError`` for another."""
    match value:
        case None | bool():
            return cst.Name(str(value))
        case str():
            return string(value)
        case bytes() | int() | float():
            return _number(value)
        case timedelta():
            return _timedelta(value, imports)
        case datetime() | date():
            return _date(value, imports)
        case dict():
            return _dict((literal(key, imports), literal(member, imports)) for key, member in value.items())
        case list() | tuple() | set() | frozenset():
            members = value if isinstance(value, (list, tuple)) else sorted(value, key=repr)
            return _bracketed([literal(member, imports) for member in members], type(value).__name__)
    raise TypeError(f"not a literal: {value!r}")


def _number(value: bytes | float) -> cst.BaseExpression:
    if isinstance(value, float) and not math.isfinite(value):
        return call("float", [(None, string(str(value)))])
    return cst.parse_expression(repr(value).replace("'", '"') if isinstance(value, bytes) else repr(value))


def _timedelta(value: timedelta, imports: Imports) -> cst.BaseExpression:
    seconds = value.total_seconds()
    unit, size = next(((u, s) for u, s in _UNITS if seconds and seconds % s == 0), ("seconds", 1))
    if unit == "weeks":
        unit, size = "days", 86400
    amount = seconds / size
    number = int(amount) if amount == int(amount) else amount
    return call(imports.name("datetime.timedelta"), [(unit, literal(number, imports))])


def _date(value: datetime | date, imports: Imports) -> cst.BaseExpression:
    parts = [value.year, value.month, value.day]
    if isinstance(value, datetime):
        clock = [value.hour, value.minute, value.second, value.microsecond]
        while clock and clock[-1] == 0:
            clock.pop()
        parts += clock
    arguments: list[tuple[str | None, cst.BaseExpression]] = [
        (None, literal(part, imports)) for part in parts
    ]
    if isinstance(value, datetime) and isinstance(value.tzinfo, ZoneInfo):
        zoned = literal(value.tzinfo.key, imports)
        return call(imports.name("pendulum.datetime"), [*arguments, ("tz", zoned)])
    if isinstance(value, datetime) and (offset := value.utcoffset()) is not None:
        zone = imports.name("datetime.timezone")
        utc: cst.BaseExpression = cst.Attribute(cst.Name(zone), cst.Name("utc"))
        other = call(zone, [(None, _timedelta(offset, imports))]) if offset else utc
        arguments.append(("tzinfo", utc if value.tzinfo is timezone.utc or not offset else other))
    return call(
        imports.name("datetime.datetime" if isinstance(value, datetime) else "datetime.date"), arguments
    )


def call(name: str, arguments: Iterable[tuple[str | None, cst.BaseExpression]]) -> cst.Call:
    """``name(...)`` on one line."""
    equal = cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace(""))
    args = [
        cst.Arg(value, cst.Name(keyword), equal) if keyword else cst.Arg(value)
        for keyword, value in arguments
    ]
    return cst.Call(cst.parse_expression(name), args)


def _dict(pairs: Iterable[tuple[cst.BaseExpression, cst.BaseExpression]]) -> cst.Dict:
    return cst.Dict([cst.DictElement(key, value) for key, value in pairs])


def _bracketed(members: list[cst.BaseExpression], kind: str) -> cst.BaseExpression:
    elements = [cst.Element(member) for member in members]
    if kind == "list":
        return cst.List(elements)
    if kind == "tuple":
        return cst.Tuple(elements)
    return cst.Set(elements) if elements else call("set", [])
