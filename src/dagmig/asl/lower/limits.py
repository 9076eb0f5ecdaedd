"""Whether Step Functions takes a definition, and an execution of it can end."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from dagmig.asl.model import written_states
from dagmig.asl.quotas import MAX_DATA, MAX_DEFINITION, MAX_EVENTS
from dagmig.diagnostics import Disposition, Report, Span

PAYLOADS = ("Arguments", "Assign", "Output", "Items")
ENTERED = 2  # events of every state: it is entered and left
WORK = {"Task": 3, "Parallel": 2, "Map": 2}  # scheduled, started, succeeded; started, succeeded
ITEM = 2  # an iteration is started and has succeeded


def say_limits(machine: Mapping[str, Any], span: Span, report: Report) -> None:
    """A row for each limit that the machine goes beyond."""
    size, least = len(json.dumps(machine).encode()), 2 + events(machine)
    if size > MAX_DEFINITION:
        said = f"the definition has {size:,} bytes, Step Functions takes {MAX_DEFINITION:,}: divide the DAG"
        report.row("limits", span, "", Disposition.REDESIGN, said)
    if least > MAX_EVENTS:
        said = f"an execution has some {least:,} events, and ends at {MAX_EVENTS:,}: divide the DAG"
        report.row("limits", span, "", Disposition.REDESIGN, said)
    say_payloads(machine, span, report)


def say_payloads(machine: Mapping[str, Any], span: Span, report: Report) -> None:
    """A row for each state that writes out more than a state may hand on."""
    for name, state in written_states(machine):
        for field in PAYLOADS:
            size = len(json.dumps(state.get(field)).encode())
            if size > MAX_DATA:
                said = f"{field} of the state {name} has {size:,} bytes, a state takes {MAX_DATA:,}: "
                said += "put it where the task can read it"
                report.row("limits", span, "", Disposition.REDESIGN, said)


def events(scope: Mapping[str, Any]) -> int:
    """The events of an execution in which each state is entered once and succeeds; of a list that is not
    written out, one item. The items of a distributed Map have a history of their own.
    """
    found = 0
    for state in scope["States"].values():
        found += ENTERED + WORK.get(state["Type"], 0)
        found += sum(events(branch) for branch in state.get("Branches", ()))
        if "ItemProcessor" in state:
            items, mode = state.get("Items"), state["ItemProcessor"].get("ProcessorConfig", {}).get("Mode")
            if mode == "DISTRIBUTED":
                continue
            found += (len(items) if isinstance(items, list) else 1) * (ITEM + events(state["ItemProcessor"]))
    return found
