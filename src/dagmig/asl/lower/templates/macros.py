"""What ``macros`` has: ``ds_add``, ``ds_format``, ``datetime`` and ``timedelta`` for dates, ``json.loads``.

https://airflow.apache.org/docs/apache-airflow/stable/templates-ref.html#macros
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from dagmig.asl.lower.scene import Untranslatable
from dagmig.asl.lower.templates.code import DATE, Code, Kind, known, label, loose, required
from dagmig.asl.lower.templates.moments import Arguments, bound, formatted, plus, span, text_of
from dagmig.asl.lower.templates.pictures import picture
from dagmig.graph.values import Opaque
from dagmig.integrations.jsonata import quoted

TIMEDELTA = ("days", "seconds", "microseconds", "milliseconds", "minutes", "hours", "weeks")


def _parsed(text: Code, layout: str, kind: Kind = Kind.NAIVE) -> Code:
    """``datetime.strptime``."""
    shown = picture(layout)
    if shown == DATE:
        return Code(f"$toMillis({text.source})", kind)
    return Code(f"$toMillis({text.source}, {quoted(shown)})", kind)


def macro(name: str, positional: Sequence[Code], named: Mapping[str, Code]) -> Code | None:
    """A call of what ``macros`` has for dates; None where it is something else. Raises ``Untranslatable``."""
    match name:
        case "json.loads":
            return _read(_asked(bound(name, ("s",), positional, named), "s"))
        case "ds_add":
            given = bound(name, ("ds", "days"), positional, named)
            at = _parsed(_asked(given, "ds"), "%Y-%m-%d")
            by = span({"days": _asked(given, "days")})
            return formatted(Code(plus(at.source, by), Kind.NAIVE), DATE)
        case "ds_format":
            given = bound(name, ("ds", "input_format", "output_format"), positional, named)
            at = _parsed(_asked(given, "ds"), text_of(given, "input_format"))
            return formatted(at, picture(text_of(given, "output_format")))
        case "datetime.strptime":
            given = bound(name, ("date_string", "format"), positional, named)
            return _parsed(_asked(given, "date_string"), text_of(given, "format"))
        case "timedelta":
            return span(bound(name, TIMEDELTA, positional, named))
        case "datetime":
            order = ("year", "month", "day", "hour", "minute", "second")
            return _datetime(bound(name, order, positional, named))
        case "datetime.now" | "datetime.utcnow" if not positional and not named:
            return loose("1000 * $floor($millis() / 1000)", Kind.NAIVE)
    return None


def _read(text: Code) -> Code:
    """``json.loads``, which takes a text only."""
    held = required(text)
    if held.kind not in (Kind.TEXT, Kind.ANY):
        raise Untranslatable(f"json.loads of {label(text)}")
    if held.kind is Kind.TEXT and not held.types:
        return Code(f"$parse({held.source})", Kind.ANY, seen=_of_json(text))
    said = quoted(f"{label(text)} is no JSON text")
    source = f"$type({held.source}) = 'string' ? $parse({held.source}) : $error({said})"
    return loose(source, Kind.ANY, seen=_of_json(text))


def _of_json(text: Code) -> Opaque:
    return Opaque(f"json.loads({label(text)})")


def _asked(arguments: Arguments, name: str) -> Code:
    if name not in arguments:
        raise Untranslatable(f"a call without {name}")
    return arguments[name]


def _datetime(arguments: Arguments) -> Code:
    values: dict[str, Any] = {name: given.constant for name, given in arguments.items()}
    try:
        return known(datetime(**values))
    except (TypeError, ValueError, OverflowError):
        raise Untranslatable("macros.datetime of what is known only when it runs") from None
