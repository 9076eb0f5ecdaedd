"""Dates and times in templates: formats, attributes and methods of ``pendulum.DateTime``, ``datetime`` and
``timedelta`` in UTC (https://docs.python.org/3/library/datetime.html, https://pendulum.eustace.io/docs/).

A moment is a number of milliseconds; pictures are those of
https://docs.jsonata.org/date-time-functions and of XPath's format-dateTime.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from dagmig.asl.lower.scene import Untranslatable
from dagmig.asl.lower.templates.code import DATE, FINE, ISO, OPEN, TIMES, Code, Kind, known, label, loose
from dagmig.asl.lower.templates.pictures import pendulum_picture, picture
from dagmig.integrations.jsonata import quoted

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
Arguments = Mapping[str, Code]


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
    return formatted(code, picture(text_of(arguments, "format")))


def _format(code: Code, arguments: Arguments) -> Code:
    return formatted(code, pendulum_picture(text_of(arguments, "format")))


def text_of(arguments: Arguments, name: str) -> str:
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
        return loose(plus(code.atom, by, sign), code.kind, types=code.types)

    return shift


def plus(moment: str, by: Code, sign: str = "+") -> str:
    """A moment and a length of time."""
    if by.source.startswith("(-") and by.source[2:-1].isdigit():
        return f"{moment} {'-' if sign == '+' else '+'} {by.source[2:-1]}"
    return f"{moment} {sign} {by.atom}"


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
        f"$month($n) + ({day} - 1) * {DAY} + $t - {DAY} * $floor($t / {DAY})",
    )
    return f"({'; '.join(steps)})"


def _end_of(code: Code, arguments: Arguments) -> Code:
    """The last second of a unit; Airflow's has a fraction, too."""
    start = _start_of(code, arguments)
    unit = text_of(arguments, "unit")
    if unit in ("month", "year"):
        after = _later(start.source, 1 if unit == "month" else 12)
        return loose(f"{after} - 1000", code.kind, types=(FINE,))
    return loose(f"{start.atom} + {UNITS[f'{unit}s'] - 1000}", code.kind, types=(FINE,))


def _start_of(code: Code, arguments: Arguments) -> Code:
    unit = text_of(arguments, "unit")
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
    if code.kind is not Kind.MOMENT or text_of(arguments, "tz") not in ("UTC", "Etc/UTC"):
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
