"""A schedule in one form, from the reader's value and from Airflow's timetable.

``("cron", text)`` with presets written out, ``("every", seconds)``, ``("none",)``,
``("timetable", class, text)`` and ``("assets", condition)``, where a condition is a URI or name,
``("all", ...)`` or ``("any", ...)`` of conditions.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from dagmig.graph.cron import PRESETS
from dagmig.graph.values import UNKNOWN, Items, Literal, New, Unknown, Value

# What Airflow makes of None, "@once", "@continuous", a cron text and a time span that a file writes.
MADE = {
    "NullTimetable": ("none",),
    "OnceTimetable": ("cron", "@once"),
    "ContinuousTimetable": ("cron", "@continuous"),
}
CRON = ("CronDataIntervalTimetable", "CronTriggerTimetable")
SPAN = ("DeltaDataIntervalTimetable", "DeltaTriggerTimetable")
TRIGGERED = ("AssetTriggeredTimetable", "DatasetTriggeredTimetable")
Form = tuple[Any, ...]


def theirs(found: dict[str, Any], airflow: str) -> Form:
    """Airflow's; Airflow 2 keeps no cron text apart from the timetable that was made of it."""
    table = found["timetable"]
    if found["condition"] is not None:
        assets = ("assets", _condition(found["condition"]))
        return assets if table in TRIGGERED else ("timetable", table, assets)
    if table in MADE:
        return MADE[table]
    if found["is_plain"] and table in CRON[: 1 if airflow == "2" else 2]:
        return ("cron", _cron(found["text"]))
    if table in SPAN and found["seconds"] is not None:
        return ("every", found["seconds"])
    return ("timetable", table, _cron(found["text"]) if table.startswith("Cron") and found["text"] else None)


def _condition(found: Any) -> Any:
    if isinstance(found, str):
        return found.rstrip("/")
    ((kind, inner),) = found.items()
    return _joined(kind, [_condition(one) for one in inner])


def _joined(kind: str, parts: list[Any]) -> Any:
    """Of one part the part itself; parts of the same kind are taken in."""
    if len(parts) == 1:
        return parts[0]
    flat: list[Any] = []
    for part in parts:
        flat += part[1:] if isinstance(part, tuple) and part[0] == kind else [part]
    return (kind, *sorted(flat, key=repr))


def _cron(text: str) -> str:
    return " ".join(PRESETS.get(text, text).split())


def ours(value: Value, airflow: str) -> Form | Unknown:
    """The reader's; UNKNOWN where a part of it is not known."""
    match value:
        case Literal(None):
            return ("none",)
        case Literal([]):
            return ("assets", ("all",))
        case Literal(str(text)):
            return ("none",) if text == "None" else ("cron", _cron(text))
        case Literal(timedelta() as span):
            return ("every", span.total_seconds())
        case Items() | New():
            assets = _assets(value)
            if assets is not None:
                return UNKNOWN if assets is UNKNOWN else ("assets", assets)
            return _timetable(value, airflow) if isinstance(value, New) else UNKNOWN
    return UNKNOWN


def _assets(value: Value) -> Any:
    """A condition, UNKNOWN where a part of it is, None where the value is no asset at all."""
    match value:
        case Items(items=items):
            return _parts("all", items)
        case New(type=name, arguments=arguments, keywords=keywords):
            last = name.rpartition(".")[2]
            if last in ("AssetAll", "DatasetAll", "BitAnd"):
                return _parts("all", arguments)
            if last in ("AssetAny", "DatasetAny", "BitOr"):
                return _parts("any", arguments)
            if last in ("Asset", "Dataset", "AssetAlias", "DatasetAlias", "AssetRef", "Model"):
                return _uri([*arguments], keywords)
    return None


def _parts(kind: str, items: tuple[Value, ...]) -> Any:
    parts = [_assets(item) for item in items]
    if any(part is None or part is UNKNOWN for part in parts):
        return UNKNOWN
    return _joined(kind, parts)


def _uri(arguments: list[Value], keywords: Any) -> Any:
    """``Asset(name, uri)``: the URI, else the name; Airflow ends a URI that has no path with a slash."""
    given = [keywords.get("uri"), *arguments[1:2], *arguments[:1], keywords.get("name")]
    found = next((one for one in given if one is not None), None)
    return found.value.rstrip("/") if isinstance(found, Literal) and isinstance(found.value, str) else UNKNOWN


def _timetable(value: New, airflow: str) -> Form:
    """A timetable by its class and the cron text it was given, if any."""
    kind = value.type.rpartition(".")[2]
    if kind in MADE:
        return MADE[kind]
    if kind in ("AssetOrTimeSchedule", "DatasetOrTimeSchedule", "PartitionedAssetTimetable"):
        given = next((value.keywords[n] for n in ("assets", "datasets") if n in value.keywords), None)
        assets = _assets(given) if given is not None else UNKNOWN
        return ("timetable", kind, UNKNOWN if assets in (None, UNKNOWN) else ("assets", assets))
    first = next(iter(value.arguments), value.keywords.get("cron"))
    text = first.value if isinstance(first, Literal) and isinstance(first.value, str) else None
    if airflow == "2" and kind == CRON[0] and text:  # Airflow 2 makes the same of the text alone
        return ("cron", _cron(text))
    return ("timetable", kind, _cron(text) if text and kind.startswith("Cron") else None)
