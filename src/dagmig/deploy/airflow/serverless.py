"""The events of a machine in a file of the Serverless Framework, as those of SAM.

https://www.serverless.com/plugins/serverless-step-functions#events
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

JSON = Any
ON_EVENT = ("cloudwatchEvent", "eventBridge")


AT = "/stepFunctions/stateMachines"


def is_elsewhere(document: Mapping[str, JSON]) -> bool:
    """Whether the machines stand in another file: ``stateMachines: ${file(machines.yml)}``."""
    steps = document.get("stepFunctions")
    machines = steps.get("stateMachines") if isinstance(steps, dict) else steps
    return machines is not None and not isinstance(machines, dict)


def section(document: Mapping[str, JSON]) -> Mapping[str, JSON]:
    """The machines of the file by name; empty where it is none of the framework."""
    steps = document.get("stepFunctions")
    machines = steps.get("stateMachines") if isinstance(steps, dict) else None
    return machines if isinstance(machines, dict) else {}


def events(fields: Mapping[str, JSON]) -> dict[str, JSON]:
    """What starts a machine, by a name for each."""
    found: dict[str, JSON] = {}
    given = fields.get("events")
    for number, event in enumerate(given if isinstance(given, list) else ()):
        for kind, about in event.items() if isinstance(event, dict) else ():
            for rate, suffix in _rates(kind, about):
                found[f"{kind}{number}{suffix}"] = _event(kind, rate)
    return found


def _rates(kind: str, about: JSON) -> Iterator[tuple[JSON, str]]:
    """A schedule once for each of its expressions, and what its name ends with."""
    rates = about.get("rate") if kind == "schedule" and isinstance(about, dict) else None
    if not isinstance(rates, list) or not rates:
        yield about, ""
        return
    for number, rate in enumerate(rates, 1):
        yield {**about, "rate": rate}, f"_{number}" if len(rates) > 1 else ""


def _event(kind: str, about: JSON) -> JSON:
    properties = about if isinstance(about, dict) else {}
    common = {name: properties[old] for old, name in _COMMON.items() if old in properties}
    if kind == "schedule":
        one = properties.get("rate", about if isinstance(about, str) else None)
        is_scheduler = properties.get("method") == "scheduler"
        zone = {"ScheduleExpressionTimezone": properties["timezone"]} if "timezone" in properties else {}
        kind = "ScheduleV2" if is_scheduler else "Schedule"
        return {"Type": kind, "Properties": {"Schedule": one, **zone, **common}}
    if kind in ON_EVENT:
        pattern = properties.get("event", properties)
        return {"Type": "EventBridgeRule", "Properties": {"Pattern": pattern, **common}}
    if kind == "http":
        method, _, path = about.partition(" ") if isinstance(about, str) else ("", "", "")
        route = {"Method": properties.get("method", method), "Path": properties.get("path", path)}
        return {"Type": "Api", "Properties": route}
    return {"Type": kind, "Properties": {}}


_COMMON = {
    "enabled": "Enabled",
    "input": "Input",
    "inputPath": "InputPath",
    "inputTransformer": "InputTransformer",
}
