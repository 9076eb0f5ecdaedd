"""JSONata with the Python type of what it yields: ``str()`` and truth are Python's, not JSONata's."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Any

from dagmig.asl.lower.jsonata import constant
from dagmig.asl.lower.scene import Untranslatable, named
from dagmig.graph.values import Opaque, Value
from dagmig.integrations.jsonata import quoted

ISO = "[Y0001]-[M01]-[D01]T[H01]:[m01]:[s01]"
DATE = "[Y0001]-[M01]-[D01]"


class Kind(Enum):
    """The Python types that a template's values have. ``ANY`` is JSON that is known only when it runs."""

    TEXT = "str"
    WHOLE = "int"
    FRACTION = "float"
    FLAG = "bool"
    NOTHING = "None"
    ITEMS = "list"
    ENTRIES = "dict"
    MOMENT = "datetime"  # in UTC; as JSONata milliseconds
    NAIVE = "datetime without a zone"
    DAY = "date"
    SPAN = "timedelta"
    ANY = "any"


NUMBERS = (Kind.WHOLE, Kind.FRACTION)
TIMES = (Kind.MOMENT, Kind.NAIVE, Kind.DAY)


class _Open(Enum):
    OPEN = "open"


FINE = "fraction"  # among the types of a moment: it has a fraction of a second that is not kept
OPEN = _Open.OPEN  # no constant


@dataclass(frozen=True, slots=True)
class Code:
    """``source`` can stand as an operand of any operator, or in parentheses where ``is_loose``.

    ``is_sure``: a text is a string for certain. ``may_miss``: it may be undefined, which Jinja refuses to
    print. ``constant`` is the Python value where it is known; ``iso`` JSONata for the text of a moment;
    ``of`` the kind of a list's members. ``seen`` is what the ledger calls it. ``types``: JSON types besides
    texts and numbers that a value of any kind may have.
    """

    source: str
    kind: Kind
    is_loose: bool = False
    is_sure: bool = True
    may_miss: bool = False
    constant: Any = OPEN
    iso: str = ""
    of: Kind = Kind.ANY
    seen: Value | None = None
    types: tuple[str, ...] = ()

    @property
    def atom(self) -> str:
        return f"({self.source})" if self.is_loose else self.source


def loose(source: str, kind: Kind, **more: Any) -> Code:
    """Code whose source needs parentheses as an operand."""
    return Code(source, kind, is_loose=True, **more)


def known(value: Any) -> Code:
    """A constant. Raises ``Untranslatable``."""
    match value:
        case str():
            return Code(quoted(value), Kind.TEXT, constant=str(value))  # Markup is a text, too
        case bool():
            return Code(constant(value), Kind.FLAG, constant=value)
        case int():
            return Code(f"({value})" if value < 0 else str(value), Kind.WHOLE, constant=value)
        case float() if math.isfinite(value):
            source = constant(value)
            return Code(f"({source})" if value < 0 else source, Kind.FRACTION, constant=value)
        case None:
            return Code("null", Kind.NOTHING, constant=None)
        case list() | tuple():
            kinds = {known(item).kind for item in value}
            of = kinds.pop() if len(kinds) == 1 else Kind.ANY
            return Code(constant(value), Kind.ITEMS, constant=value, of=of)
        case dict() if all(isinstance(key, str) for key in value):
            return Code(constant(value), Kind.ENTRIES, constant=value)
        case timedelta():
            return Code(str(value // timedelta(milliseconds=1)), Kind.SPAN, constant=value)
        case datetime():
            kind = Kind.NAIVE if value.tzinfo is None else Kind.MOMENT
            return Code(f"$toMillis({quoted(_utc(value))})", kind, constant=value)
        case date():
            return Code(f"$toMillis({quoted(value.isoformat())})", Kind.DAY, constant=value)
    raise Untranslatable(f"{value!r}")


def _utc(value: datetime) -> str:
    if value.utcoffset():
        raise Untranslatable(f"{value!r}")
    return f"{value.replace(tzinfo=None, microsecond=0).isoformat()}Z"


def required(code: Code) -> Code:
    """The same, which fails where it is undefined, as Jinja does."""
    if not code.may_miss:
        return code
    said = f"{label(code)} is undefined"
    if code.is_loose:
        source = f"($found := {code.source}; $exists($found) ? $found : $error({quoted(said)}))"
        return replace(code, source=source, is_loose=False, may_miss=False)
    source = f"$exists({code.source}) ? {code.atom} : $error({quoted(said)})"
    return replace(code, source=source, is_loose=True, may_miss=False)


def label(code: Code) -> str:
    """What to call a value in a message."""
    return named(code.seen) if code.seen is not None else "a value"


def text(code: Code, in_text: Callable[[Value], None]) -> Code:
    """What ``str()`` makes of it, where ``&`` puts it into a text or ``surely`` makes it one.

    Raises ``Untranslatable``.
    """
    if code.constant is not OPEN:
        return known(str(code.constant))
    match code.kind:
        case Kind.TEXT if "null" in code.types:
            held = required(code).atom
            return replace(code, source=f"{held} = null ? 'None' : {held}", is_loose=True, types=())
        case Kind.TEXT:
            return code
        case Kind.WHOLE:
            return replace(code, kind=Kind.TEXT, is_sure=False)
        case Kind.FLAG:
            source = f"{required(code).atom} ? 'True' : 'False'"
            return loose(source, Kind.TEXT)
        case Kind.MOMENT | Kind.NAIVE | Kind.DAY:
            return _of_time(code)
        case Kind.ANY:
            in_text(code.seen or Opaque("a value"))
            return _of_any(code)
        case Kind.ITEMS | Kind.ENTRIES:
            in_text(Opaque(label(code)))
            return _of_any(code)
        case Kind.NOTHING:
            return known("None")
    raise Untranslatable(f"text of a {code.kind.value}, {label(code)},")


def _of_time(code: Code) -> Code:
    if FINE in code.types and code.kind is not Kind.DAY:
        raise Untranslatable("text of a moment with a fraction of a second")
    if code.kind is Kind.MOMENT and code.iso:
        return Code(f"$replace({code.iso}, 'T', ' ')", Kind.TEXT)
    shown = DATE if code.kind is Kind.DAY else ISO.replace("T", " ")
    found = Code(f"$fromMillis({code.source}, '{shown}')", Kind.TEXT)
    return loose(f"{found.source} & '+00:00'", Kind.TEXT) if code.kind is Kind.MOMENT else found


def _of_any(code: Code) -> Code:
    if not code.types:
        return replace(code, kind=Kind.TEXT, is_sure=False)
    held = required(code).atom
    source = f"$string({code.source})"
    if "boolean" in code.types:
        source = f"{held} = true ? 'True' : {held} = false ? 'False' : {source}"
    if "null" in code.types:
        source = f"{held} = null ? 'None' : {source}"
    return loose(source, Kind.TEXT)


def surely(code: Code) -> Code:
    """A text that is a string for certain."""
    if code.is_sure:
        return code
    return replace(code, source=f"$string({code.source})", is_loose=False, is_sure=True)


def truth(code: Code) -> str:
    """A JSONata boolean that says what Python takes the value for."""
    code = required(code)
    if code.constant is not OPEN:
        return "true" if code.constant else "false"
    match code.kind:
        case Kind.FLAG:
            return code.atom
        case Kind.TEXT:
            return f"({code.atom} != '')"
        case Kind.WHOLE | Kind.FRACTION | Kind.SPAN:
            return f"({code.atom} != 0)"
        case Kind.ITEMS:
            return f"($count({code.source}) > 0)"
        case Kind.ENTRIES:
            return f"$boolean({code.source})"
        case Kind.MOMENT | Kind.NAIVE | Kind.DAY:
            return "true"
        case Kind.NOTHING:
            return "false"
    return f"($v := {code.source}; $type($v) = 'array' ? $count($v) > 0 : $boolean($v))"


def listed(source: str) -> str:
    """An array, where a function may have given its one member alone, or nothing for none."""
    return source if source.startswith("[") and source.endswith("]") else f"[{source}]"


def array(members: Sequence[Code]) -> str:
    """An array of values, of which those that are arrays themselves stay members."""
    members = [required(member) for member in members]
    if not any(member.kind in (Kind.ANY, Kind.ITEMS) for member in members):
        return f"[{', '.join(member.source for member in members)}]"
    found = ""
    for member in members:
        held = f"[{member.source}]"
        if member.kind is Kind.ITEMS:
            held = f"[{listed(member.source)}]"
        elif member.kind is Kind.ANY:
            held = f"($v := {member.source}; $type($v) = 'array' ? [[$v]] : [$v])"
        found = f"$append({found}, {held})" if found else held
    return found


def either(first: Code, second: Code) -> Kind:
    """The kind of a value that is one of the two."""
    return first.kind if first.kind is second.kind else Kind.ANY
