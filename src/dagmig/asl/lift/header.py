"""What a machine says about itself as the arguments of a DAG: ``Comment``, ``TimeoutSeconds``.

``lower`` writes what Step Functions has no place for after the description: ``text | dagmig {json}``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from dagmig.asl.lift.names import valid_id
from dagmig.graph.values import Literal, Value
from dagmig.graph.zone import named as zone_named

_METADATA = re.compile(r"(?P<description>.*?)(?:\s*\|\s*)?dagmig (?P<json>\{.*\})", re.DOTALL)
_DATES = frozenset({"start_date", "end_date"})
_PLAIN: Mapping[str, tuple[type, ...]] = {
    "schedule": (str, type(None)),
    "catchup": (bool,),
    "max_active_runs": (int,),
    "max_active_tasks": (int,),
    "tags": (list,),
    "description": (str,),
    "doc_md": (str,),
}
MAX_SECONDS = 99_999_999


@dataclass(frozen=True, slots=True)
class Header:
    """``id`` is empty where the machine names none; ``ignored`` the metadata that could not be used."""

    id: str = ""
    arguments: dict[str, Value] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()


def header(document: Mapping[str, Any]) -> Header:
    """Read the machine's own fields; ``schedule`` and ``catchup`` are always among the arguments."""
    text = document.get("Comment")
    description, metadata = _split(text if isinstance(text, str) else "")
    found: dict[str, Value] = {}
    ignored: list[str] = []
    dag_id = metadata.pop("dag_id", "")
    dag_id = valid_id(dag_id, "dag") if isinstance(dag_id, str) and dag_id else ""
    if description and description != dag_id:
        found["description"] = Literal(description)
    found["schedule"] = Literal(None)
    zone = _zone(metadata.pop("timezone", None))
    for name, value in metadata.items():
        read = _argument(name, value, zone)
        if read is None:
            ignored.append(name)
        else:
            found[name] = read
    found.setdefault("catchup", Literal(False))
    if (timeout := _seconds(document.get("TimeoutSeconds"))) is not None:
        found["dagrun_timeout"] = Literal(timeout)
    return Header(dag_id, found, tuple(ignored))


def _split(text: str) -> tuple[str, dict[str, Any]]:
    matched = _METADATA.fullmatch(text)
    if matched is None:
        return text.strip(), {}
    try:
        metadata = json.loads(matched["json"])
    except ValueError:
        return text.strip(), {}
    return matched["description"].strip(), metadata if isinstance(metadata, dict) else {}


def _zone(name: Any) -> ZoneInfo | None:
    return zone_named(name) if isinstance(name, str) else None


def _argument(name: str, value: Any, zone: ZoneInfo | None) -> Value | None:
    if name in _DATES and isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value.replace("Z", "+00:00"))
        except ValueError:
            return None
        return Literal(moment.astimezone(zone) if zone and moment.tzinfo else moment)
    if name == "schedule" and isinstance(value, (int, float)) and (delta := _seconds(value)) is not None:
        return Literal(delta)
    is_right = name in _PLAIN and isinstance(value, _PLAIN[name])
    return Literal(value) if is_right else None


def _seconds(value: Any) -> timedelta | None:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return timedelta(seconds=value) if is_number and 0 < value <= MAX_SECONDS else None
