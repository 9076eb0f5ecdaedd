"""What the machine says about itself: the description, and what only a schedule needs, as lift reads it."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from dagmig.graph.model import Workflow
from dagmig.graph.query import literal, schedule
from dagmig.graph.values import Literal


def comment(workflow: Workflow) -> str | None:
    """The machine's Comment; None where there is nothing to say."""
    metadata: dict[str, Any] = {"dag_id": workflow.id} if workflow.id else {}
    found = schedule(workflow)
    if isinstance(found, Literal) and found.value is not None:
        metadata["schedule"] = _plain(found.value)
    given = {**{n: workflow.defaults[n] for n in ("start_date", "end_date") if n in workflow.defaults}}
    given |= workflow.arguments
    for name in ("start_date", "end_date", "catchup", "max_active_runs", "tags"):
        if (value := literal(given, name)) is not None:
            metadata[name] = _plain(value)
    zone = getattr(literal(given, "start_date"), "tzinfo", None)
    if isinstance(zone, ZoneInfo) and zone.key != "UTC":
        metadata["timezone"] = zone.key  # the schedule's too, which an offset is not
    if metadata.get("catchup") is False and "schedule" not in metadata:
        del metadata["catchup"]
    description = literal(workflow.arguments, "description")
    if metadata.keys() <= {"dag_id"} and not description:
        return None
    said = json.dumps(metadata, separators=(",", ":"), ensure_ascii=False, default=str)
    return f"{description or workflow.id or 'dag'} | dagmig {said}"


def _plain(value: Any) -> Any:
    match value:
        case timedelta():
            return value.total_seconds()
        case datetime() | date():
            return value.isoformat()
        case set() | frozenset() | tuple():
            return sorted(value, key=str)
    return value
