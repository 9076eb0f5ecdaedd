"""A machine that two schedules start, of which one's days are the other's: each run is started once."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo
from typing import Any

from dagmig.graph.zone import offsets

FIRST, NOTHING = "is this run another schedule's", "it is"
INPUT = "$states.context.Execution.Input"


def guarded(machine: dict[str, Any], zone: tzinfo) -> dict[str, Any]:
    """The machine with a first state that ends runs on days in its input's ``without_days``.

    Raises ``ValueError`` where the day in that zone cannot be computed, as its clock changes.
    """
    if len(offsets(zone)) > 1:
        raise ValueError(f"the clock of {zone} changes")
    hours = _hours(zone)
    day = f"$number($fromMillis($toMillis({INPUT}.scheduled_time), '[D]', '{hours}'))"
    is_others = f"{{% $exists({INPUT}.without_days) and {day} in {INPUT}.without_days %}}"
    choice = {
        "Type": "Choice",
        "Choices": [{"Condition": is_others, "Next": NOTHING}],
        "Default": machine["StartAt"],
    }
    states = {FIRST: choice, **machine["States"], NOTHING: {"Type": "Succeed"}}
    return {**machine, "StartAt": FIRST, "States": states}


def _hours(zone: tzinfo) -> str:
    minutes = (zone.utcoffset(datetime(2024, 1, 1)) or timedelta()) // timedelta(minutes=1)
    sign = "-" if minutes < 0 else "+"
    return f"{sign}{abs(minutes) // 60:02}{abs(minutes) % 60:02}"
