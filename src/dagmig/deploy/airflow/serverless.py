"""The events of a machine in a file of the Serverless Framework, as those of SAM.

https://www.serverless.com/plugins/serverless-step-functions#events
"""

from __future__ import annotations

from collections.abc import Mapping
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
            found[f"{kind}{number}"] = _event(kind, about)
    return found


def _event(kind: str, about: JSON) -> JSON:
    properties = about if isinstance(about, dict) else {}
    common = {name: properties[old] for old, name in _COMMON.items() if old in properties}
    if kind == "schedule":
        rate = properties.get("rate", about if isinstance(about, str) else None)
        # the plugin takes a list of expressions as well
        one = rate[0] if isinstance(rate, list) and len(rate) == 1 else rate
        zone = {"ScheduleExpressionTimezone": properties["timezone"]} if "timezone" in properties else {}
        return {"Type": "Schedule", "Properties": {"Schedule": one, **zone, **common}}
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
