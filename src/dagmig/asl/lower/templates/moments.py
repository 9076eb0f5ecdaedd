"""Dates and times in templates: formats, attributes and methods of ``pendulum.DateTime``, ``datetime`` and
``timedelta`` in UTC (https://docs.python.org/3/library/datetime.html, https://pendulum.eustace.io/docs/).

A moment is a number of milliseconds; pictures are those of
https://docs.jsonata.org/date-time-functions and of XPath's format-dateTime.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from dagmig.asl.lower.jsonata import quoted
from dagmig.asl.lower.scene import Untranslatable
from dagmig.asl.lower.templates.code import DATE, FINE, ISO, OPEN, TIMES, Code, Kind, known, label, loose

DIRECTIVES: Mapping[str, str] = {
    "Y": "[Y0001]", "m": "[M01]", "d": "[D01]", "H": "[H01]", "M": "[m01]", "S": "[s01]", "y": "[Y01]",
    "j": "[d001]", "I": "[h01]", "p": "[PN]", "A": "[FNn]", "a": "[FNn,3-3]", "B": "[MNn]", "b": "[MNn,3-3]",
    "h": "[MNn,3-3]", "u": "[F1]", "F": DATE, "T": "[H01]:[m01]:[s01]", "R": "[H01]:[m01]", "f": "000000",
    "D": "[M01]/[D01]/[Y01]", "%": "%", "-d": "[D]", "-m": "[M]", "-H": "[H]", "-j": "[d]", "-I": "[h]",
    "n": "\n", "t": "\t", "C": "", "Z": "", "z": "", "-M": "", "-S": "",
}  # of strftime, in the C locale; the empty ones are not translated  # fmt: skip
TOKENS: Mapping[str, str] = {
    "YYYY": "[Y0001]", "YY": "[Y01]", "MMMM": "[MNn]", "MMM": "[MNn,3-3]", "MM": "[M01]", "M": "[M]",
    "DDDD": "[d001]", "DDD": "[d]", "DD": "[D01]", "D": "[D]", "dddd": "[FNn]", "ddd": "[FNn,3-3]",
    "HH": "[H01]", "H": "[H]", "hh": "[h01]", "h": "[h]", "mm": "[m01]", "ss": "[s01]", "A": "[PN]",
}  # of pendulum's DateTime.format  # fmt: skip
_TOKEN = re.compile(r"\[([^\[\]]*)\]|(YYYY|YY|MMMM|MMM|MM|M|DDDD|DDD|DD|D|dddd|ddd|HH|H|hh|h|mm|ss|A)|([A-Za-z]+)|(.)", re.DOTALL)  # noqa: E501  # fmt: skip
UNITS = {"weeks": 604_800_000, "days": 86_400_000, "hours": 3_600_000, "minutes": 60_000, "seconds": 1000,
         "milliseconds": 1}  # fmt: skip
DAY = UNITS["days"]
PARTS = {"year": "[Y]", "month": "[M]", "day": "[D]", "hour": "[H]", "minute": "[m]", "second": "[s]",
         "day_of_year": "[d]"}  # fmt: skip
STARTS = {
    "day": f"{DATE}T00:00:00Z",
    "hour": "[Y0001]-[M01]-[D01]T[H01]:00:00Z",
    "minute": "[Y0001]-[M01]-[D01]T[H01]:[m01]:00Z",
    "month": "[Y0001]-[M01]-01T00:00:00Z",
    "year": "[Y0001]-01-01T00:00:00Z",
}
REPLACED = {"year": "[Y0001]", "month": "[M01]", "day": "[D01]", "hour": "[H01]", "minute": "[m01]",
            "second": "[s01]"}  # fmt: skip
TIMEDELTA = ("days", "seconds", "microseconds", "milliseconds", "minutes", "hours", "weeks")
Arguments = Mapping[str, Code]


def picture(layout: str) -> str:
    """The picture of a format of ``strftime``. Raises ``Untranslatable``."""
    found: list[str] = []
    for plain, directive in re.findall(r"([^%]+)|%(-?.|$)", layout, re.DOTALL):
        if plain:
            found.append(plain.replace("[", "[[").replace("]", "]]"))
        elif not (shown := DIRECTIVES.get(directive, "")):
            raise Untranslatable(f"the directive %{directive} of a date's format")
        else:
            found.append(shown)
    return "".join(found)


def pendulum_picture(layout: str) -> str:
    """The picture of a format of pendulum. Raises ``Untranslatable``."""
    found: list[str] = []
    for escaped, token, other, character in _TOKEN.findall(layout):
        if other:
            raise Untranslatable(f"{other} of a date's format")
        plain = escaped or character
        found.append(TOKENS[token] if token else plain.replace("[", "[[").replace("]", "]]"))
    return "".join(found)


def formatted(code: Code, shown: str) -> Code:
    """A moment in a picture's form."""
    if shown == DATE and code.iso:
        return Code(f"$substring({code.iso}, 0, 10)", Kind.TEXT)
    if "[" not in shown.replace("[[", ""):
        return known(shown)
    return Code(f"$fromMillis({code.source}, {quoted(shown)})", Kind.TEXT)


def isoformat(code: Code) -> Code:
    """``2024-01-01T00:00:00+00:00``; a date alone, and no zone where there is none."""
    match code.kind:
        case Kind.DAY:
            return formatted(code, DATE)
        case Kind.NAIVE:
            return formatted(code, ISO)
    if FINE in code.types:
        raise Untranslatable("text of a moment with a fraction of a second")
    if code.iso:
        return Code(code.iso, Kind.TEXT, is_loose="&" in code.iso)
    return loose(f"$fromMillis({code.source}, '{ISO}') & '+00:00'", Kind.TEXT)


def _date(code: Code, arguments: Arguments) -> Code:
    if code.iso:
        return Code(f"$toMillis($substring({code.iso}, 0, 10))", Kind.DAY)
    return Code(f"$toMillis($fromMillis({code.source}, '{DATE}'))", Kind.DAY)


def _strftime(code: Code, arguments: Arguments) -> Code:
    return formatted(code, picture(_text(arguments, "format")))


def _format(code: Code, arguments: Arguments) -> Code:
    return formatted(code, pendulum_picture(_text(arguments, "format")))


def _text(arguments: Arguments, name: str) -> str:
    given = arguments.get(name)
    if given is None or not isinstance(given.constant, str):
        raise Untranslatable("a date's format that is known only when it runs")
    return given.constant


def _shifted(sign: str) -> Callable[[Code, Arguments], Code]:
    def shift(code: Code, arguments: Arguments) -> Code:
        months = _months(arguments)
        if months:
            code = Code(_later(code.source, months if sign == "+" else -months), code.kind, types=code.types)
        by = span({name: given for name, given in arguments.items() if name not in ("years", "months")})
        if by.source == "0":
            return code
        return loose(f"{code.atom} {sign} {by.atom}", code.kind, types=code.types)

    return shift


def _months(arguments: Arguments) -> int:
    """The years and months of a length of time, as months."""
    found = 0
    for name, size in (("years", 12), ("months", 1)):
        given = arguments.get(name, known(0)).constant
        if type(given) is not int:
            raise Untranslatable(f"a number of {name} that is known only when it runs")
        found += size * given
    return found


def _later(moment: str, months: int) -> str:
    """A moment some months later, on the same day of the month or else on its last."""
    first = "$pad($string($floor($k / 12)), -4, '0') & '-' & $pad($string($k % 12 + 1), -2, '0') & '-01'"
    here = "12 * $number($fromMillis($t, '[Y]')) + $number($fromMillis($t, '[M]')) - 1"
    day = f"$min([$number($fromMillis($t, '[D]')), ($month($n + 1) - $month($n)) / {DAY}])"
    shift = f" + {months}" if months > 0 else f" - {-months}"
    steps = (
        f"$t := {moment}",
        f"$month := function($k) {{ $toMillis({first}) }}",
        f"$n := {here}{shift}",
        f"$month($n) + ({day} - 1) * {DAY} + $t % {DAY}",
    )
    return f"({'; '.join(steps)})"


def _end_of(code: Code, arguments: Arguments) -> Code:
    """The last second of a unit; Airflow's has a fraction, too."""
    start = _start_of(code, arguments)
    unit = _text(arguments, "unit")
    if unit in ("month", "year"):
        after = _later(start.source, 1 if unit == "month" else 12)
        return loose(f"{after} - 1000", code.kind, types=(FINE,))
    return loose(f"{start.atom} + {UNITS[f'{unit}s'] - 1000}", code.kind, types=(FINE,))


def _start_of(code: Code, arguments: Arguments) -> Code:
    unit = _text(arguments, "unit")
    if unit == "week":  # Monday
        at = formatted(code, STARTS["day"]).source
        weekday = f"$number($fromMillis({code.source}, '[F1]'))"
        return loose(f"$toMillis({at}) - ({weekday} - 1) * {DAY}", code.kind)
    if unit not in STARTS:
        raise Untranslatable(f"start_of({unit!r})")
    return Code(f"$toMillis({formatted(code, STARTS[unit]).source})", code.kind)


def _replace(code: Code, arguments: Arguments) -> Code:
    shown = f"{ISO}Z" if code.kind is not Kind.DAY else f"{DATE}T00:00:00Z"
    for name, given in arguments.items():
        if name == "microsecond" and given.constant == 0:
            continue
        if name not in REPLACED or type(given.constant) is not int:
            raise Untranslatable(f"replace({name}=...) of a date")
        shown = shown.replace(REPLACED[name], f"{given.constant:0{4 if name == 'year' else 2}d}")
    return Code(f"$toMillis({formatted(code, shown).source})", code.kind)


def _zone(code: Code, arguments: Arguments) -> Code:
    if code.kind is not Kind.MOMENT or _text(arguments, "tz") not in ("UTC", "Etc/UTC"):
        raise Untranslatable("a date in another zone than UTC")
    return code


def _seconds(code: Code, arguments: Arguments) -> Code:
    return loose(f"{code.atom} / 1000", Kind.FRACTION)


def _whole_seconds(code: Code, arguments: Arguments) -> Code:
    return Code(f"$floor({code.source} / 1000)", Kind.WHOLE)


def _weekday(first: int) -> Callable[[Code, Arguments], Code]:
    def weekday(code: Code, arguments: Arguments) -> Code:
        monday = f"$number($fromMillis({code.source}, '[F1]'))"
        return Code(monday, Kind.WHOLE) if first else loose(f"{monday} - 1", Kind.WHOLE)

    return weekday


def _shown(shown: str, *names: str) -> tuple[tuple[str, ...], Callable[[Code, Arguments], Code]]:
    return names, lambda code, _: formatted(code, shown)


Method = tuple[tuple[str, ...], Callable[[Code, Arguments], Code]]
METHODS: Mapping[str, Method] = {
    "strftime": (("format",), _strftime),
    "format": (("format",), _format),
    "isoformat": ((), lambda code, _: isoformat(code)),
    "date": ((), _date),
    "add": (("years", "months", *UNITS), _shifted("+")),
    "subtract": (("years", "months", *UNITS), _shifted("-")),
    "start_of": (("unit",), _start_of),
    "end_of": (("unit",), _end_of),
    "replace": ((*REPLACED, "microsecond"), _replace),
    "in_timezone": (("tz",), _zone),
    "in_tz": (("tz",), _zone),
    "timestamp": ((), _seconds),
    "weekday": ((), _weekday(0)),
    "isoweekday": ((), _weekday(1)),
    "to_date_string": _shown(DATE),
    "to_datetime_string": _shown(ISO.replace("T", " ")),
    "to_time_string": _shown("[H01]:[m01]:[s01]"),
    "to_iso8601_string": _shown(f"{ISO}Z"),
}
_OF_DATE = frozenset({"strftime", "isoformat", "weekday", "isoweekday", "replace"})
_OF_NAIVE = _OF_DATE | {"date"}


def attribute(code: Code, name: str) -> Code | None:
    """An attribute of a moment or of a length of time; None where there is none that is translated."""
    if code.kind is Kind.SPAN:
        return loose(f"$floor({code.atom} / {DAY})", Kind.WHOLE) if name == "days" else None
    if name in PARTS and (name != "day_of_year" or code.kind is Kind.MOMENT):
        return Code(f"$number($fromMillis({code.source}, '{PARTS[name]}'))", Kind.WHOLE)
    if code.kind is Kind.MOMENT and name in ("int_timestamp", "day_of_week"):
        return _whole_seconds(code, {}) if name == "int_timestamp" else _weekday(0)(code, {})
    return known(0) if name == "microsecond" and code.kind is not Kind.DAY else None


def method(code: Code, name: str, positional: Sequence[Code], named: Mapping[str, Code]) -> Code | None:
    """A call of a moment's method; None where there is none that is translated."""
    if code.kind is Kind.SPAN:
        return {"total_seconds": _seconds, "in_seconds": _whole_seconds}[name](code, {}) if (
            name in ("total_seconds", "in_seconds") and not positional
        ) else None  # fmt: skip
    is_there = name in METHODS
    if code.kind is not Kind.MOMENT:
        is_there = name in (_OF_DATE if code.kind is Kind.DAY else _OF_NAIVE)
    if not is_there:
        return None
    names, made = METHODS[name]
    if name in ("add", "subtract", "replace") and positional:
        return None
    return made(code, bound(name, names, positional, named))


def bound(
    name: str, names: Sequence[str], positional: Sequence[Code], named: Mapping[str, Code]
) -> dict[str, Code]:
    """Arguments by name. Raises ``Untranslatable`` where there are others."""
    found = dict(zip(names, positional, strict=False)) | dict(named)
    if len(positional) > len(names) or not found.keys() <= set(names):
        raise Untranslatable(f"the arguments of {name}")
    return found


def span(arguments: Arguments) -> Code:
    """A length of time from numbers of its units."""
    parts: list[str] = []
    total = 0.0
    for name, given in arguments.items():
        if name not in UNITS:
            raise Untranslatable(f"a length of time in {name}")
        if given.constant is not OPEN and isinstance(given.constant, (int, float)):
            total += UNITS[name] * given.constant
        elif given.kind in (Kind.WHOLE, Kind.FRACTION, Kind.ANY):
            parts.append(f"{given.atom} * {UNITS[name]}")
        else:
            raise Untranslatable(f"a length of time of {label(given)}")
    if total != int(total):
        raise Untranslatable("a length of time below a millisecond")
    if not parts:
        return Code(f"({int(total)})" if total < 0 else str(int(total)), Kind.SPAN)
    return loose(" + ".join([*parts, *([str(int(total))] if total else [])]), Kind.SPAN)


def arithmetic(operator: str, left: Code, right: Code) -> Code | None:
    """``+`` and ``-`` of moments and lengths of time; None where it is none."""
    joined = f"{left.atom} {operator} {right.atom}"
    if left.kind in TIMES and right.kind is Kind.SPAN:
        return loose(joined, left.kind) if left.kind is not Kind.DAY else None
    if operator == "+" and left.kind is Kind.SPAN and right.kind in TIMES:
        return arithmetic("+", right, left)
    if operator == "-" and left.kind is right.kind and left.kind in TIMES:
        return loose(joined, Kind.SPAN)
    if left.kind is right.kind is Kind.SPAN:
        return loose(joined, Kind.SPAN)
    return None


def parsed(text: Code, layout: str, kind: Kind = Kind.NAIVE) -> Code:
    """``datetime.strptime``."""
    shown = picture(layout)
    if shown == DATE:
        return Code(f"$toMillis({text.source})", kind)
    return Code(f"$toMillis({text.source}, {quoted(shown)})", kind)


def macro(name: str, positional: Sequence[Code], named: Mapping[str, Code]) -> Code | None:
    """A call of what ``macros`` has for dates; None where it is something else."""
    match name:
        case "ds_add":
            given = bound(name, ("ds", "days"), positional, named)
            at = parsed(_asked(given, "ds"), "%Y-%m-%d")
            by = span({"days": _asked(given, "days")})
            return formatted(Code(f"{at.source} + {by.atom}", Kind.NAIVE), DATE)
        case "ds_format":
            given = bound(name, ("ds", "input_format", "output_format"), positional, named)
            at = parsed(_asked(given, "ds"), _text(given, "input_format"))
            return formatted(at, picture(_text(given, "output_format")))
        case "datetime.strptime":
            given = bound(name, ("date_string", "format"), positional, named)
            return parsed(_asked(given, "date_string"), _text(given, "format"))
        case "timedelta":
            return span(bound(name, TIMEDELTA, positional, named))
        case "datetime":
            order = ("year", "month", "day", "hour", "minute", "second")
            return _datetime(bound(name, order, positional, named))
        case "datetime.now" | "datetime.utcnow" if not positional and not named:
            return loose("1000 * $floor($millis() / 1000)", Kind.NAIVE)
    return None


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
